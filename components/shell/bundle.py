"""All modules of the page as one, so that a slow line is asked once."""

import posixpath
import re
from collections.abc import Mapping
from typing import Final

_IMPORT: Final = re.compile(r'^import \{([^}]*)\} from "([^"]+)";$', re.MULTILINE)
_EXPORT: Final = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)


def bundled(sources: Mapping[str, str], entry: str) -> str:
    """One module with the exports of ``entry``, at the top of the folder of ``sources``.

    ``sources`` has the modules by their paths. They import each other by name, in one
    statement a module, and export what they declare: more of the language they do not use.
    Each keeps a scope of its own.

    Raises:
        KeyError: one imports what is not there.
    """
    made: dict[str, str] = {}

    def add(name: str) -> None:
        if name in made:
            return
        source, folder = sources[name], posixpath.dirname(name)

        def taken(found: re.Match[str]) -> str:
            other = posixpath.normpath(posixpath.join(folder, found[2]))
            add(other)
            return f"const {{{found[1].replace(' as ', ': ')}}} = {_called(other)};"

        body = _IMPORT.sub(taken, source)
        exported = ", ".join(_EXPORT.findall(body))
        body = _EXPORT.sub("", body)
        body = body.replace("import.meta.url", f'new URL("{name}", import.meta.url)')
        made[name] = f"const {_called(name)} = (() => {{\n{body}return {{ {exported} }};\n}})();\n"

    add(entry)
    exported = ", ".join(_EXPORT.findall(sources[entry]))
    return f"{''.join(made.values())}export const {{ {exported} }} = {_called(entry)};\n"


def _called(name: str) -> str:
    return re.sub(r"\W", "_", name)
