"""The request as cURL, Python and JavaScript: each sends the very bytes that were sent.

The key comes from the environment. A file is read from where the code runs: 50 MB of it stand
neither in the code nor on a command line.
"""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.assistant.code.sent import KEY_NAME, SentCall
from services.external_api.request import HEADERS

#: Where the base64 goes, while a body is taken apart: no question has a lone surrogate in it
#: by the time that it is sent.
_MEDIA: Final = "\ud800"
_BLANK: Final = re.compile(r"«(\w+)»")

#: Bash and zsh, with what Linux and macOS have. A body is one line, so all line ends are the
#: shell's, and those that base64 puts in on Linux.
_CURL: Final = """\
{
  cat <<'JSON'
«head»
JSON
  base64 < «file»
  cat <<'JSON'
«tail»
JSON
} | tr -d '\\n' | curl --no-buffer «url» \\
«headers»
  --data-binary @-
"""
_CURL_LINK: Final = """\
tr -d '\\n' <<'JSON' | curl --no-buffer «url» \\
«headers»
  --data-binary @-
«head»
JSON
"""

_PYTHON: Final = """\
«imports»

import httpx

«media»body = «body»

with httpx.stream(
    "POST",
    «url»,
    headers={
        "Authorization": f"Bearer {os.environ['«key»']}",
«headers»
    },
    content=json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(),
    timeout=600,
) as response:
    if response.is_error:
        raise SystemExit(response.read().decode())
«reading»"""
_PYTHON_STREAM: Final = """\
    for line in response.iter_lines():
        if line.startswith(("data:{", "data: {")):
            chunk = json.loads(line[5:])
            if chunk.get("error"):
                raise SystemExit(chunk["error"])
            for choice in chunk.get("choices", []):
                print(«words», end="", flush=True)
print()
"""
_PYTHON_WHOLE: Final = """\
    answer = json.loads(response.read())
if answer.get("error"):
    raise SystemExit(answer["error"])
print(answer["text"])
"""
_PYTHON_MEDIA: Final = """\
with open("«file»", "rb") as file:
    media = base64.b64encode(file.read()).decode()

"""

_JAVASCRIPT: Final = """\
«media»const key = process.env.«key»;
const show = (words) => process.stdout.write(words);

const body = «body»;

const response = await fetch(«url», {
  method: "POST",
  headers: {
    Authorization: `Bearer ${key}`,
«headers»
  },
  body: «sent»,
});
if (!response.ok) throw new Error(await response.text());

«reading»show("\\n");
"""
_JAVASCRIPT_STREAM: Final = """\
let rest = "";
for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + text).split("\\n");
  rest = lines.pop();
  for (const line of lines.filter((one) => /^data: ?\\{/.test(one))) {
    const { choices = [], error } = JSON.parse(line.slice(5));
    if (error) throw new Error(JSON.stringify(error));
    for (const { delta } of choices) show(«words»);
  }
}
"""
_JAVASCRIPT_WHOLE: Final = """\
const { error, text } = await response.json();
if (error) throw new Error(JSON.stringify(error));
show(text);
"""
_JAVASCRIPT_MEDIA: Final = """\
// Node 18 or newer, saved as ask.mjs. A browser brings these three itself, the media as
// new Uint8Array(await file.arrayBuffer()).toBase64(): all below is the same there.
import { readFile } from "node:fs/promises";

const media = await readFile("«file»", "base64");
"""
_JAVASCRIPT_LINK: Final = """\
// Node 18 or newer, saved as ask.mjs. A browser brings these two itself.
"""


@dataclass(frozen=True, slots=True)
class _Tongue:
    """How a language writes a value of JSON; strings it writes as JSON does.

    ``written`` and ``spoken`` are the words of a delta, where they are written and spoken;
    ``stream`` and ``whole`` read an answer that comes as events, and as one document.
    """

    indent: str
    bare_keys: bool
    words: Mapping[object, str]
    written: str
    spoken: str
    stream: str
    whole: str


_IN_PYTHON: Final = _Tongue(
    "    ",
    bare_keys=False,
    words={True: "True", False: "False", None: "None"},
    written='choice["delta"].get("content") or ""',
    spoken='(choice["delta"].get("audio") or {}).get("transcript") or ""',
    stream=_PYTHON_STREAM,
    whole=_PYTHON_WHOLE,
)
_IN_JAVASCRIPT: Final = _Tongue(
    "  ",
    bare_keys=True,
    words={True: "true", False: "false", None: "null"},
    written='delta.content ?? ""',
    spoken='delta.audio?.transcript ?? ""',
    stream=_JAVASCRIPT_STREAM,
    whole=_JAVASCRIPT_WHOLE,
)


def snippets(call: SentCall) -> Mapping[str, str]:
    """What sends ``call`` again, by the name of what it is written for."""
    return {"cURL": _curl(call), "Python": _python(call), "JavaScript": _javascript(call)}


def _curl(call: SentCall) -> str:
    """What sends ``call`` from a shell, and prints the events of the answer."""
    headers = [f'-H "Authorization: Bearer ${KEY_NAME}"']
    headers += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in HEADERS.items()]
    return _filled(
        _CURL_LINK if call.file_name is None else _CURL,
        head=call.head,
        tail=call.tail,
        file=call.file_name or "",
        url=shlex.quote(call.url),
        headers="\n".join(f"  {header} \\" for header in headers),
    )


def _python(call: SentCall) -> str:
    """What sends ``call`` with httpx, and prints the words as they come."""
    file = call.file_name
    modules = ("json", "os") if file is None else ("base64", "json", "os")
    return _filled(
        _PYTHON,
        imports="\n".join(f"import {module}" for module in modules),
        media=_filled(_PYTHON_MEDIA, file=file) if file else "",
        body=_written(json.loads(call.body(_MEDIA)), _IN_PYTHON),
        url=_quoted(call.url),
        key=KEY_NAME,
        headers=_headers(_IN_PYTHON, 2),
        reading=_reading(call, _IN_PYTHON),
    )


def _javascript(call: SentCall) -> str:
    """What sends ``call`` with fetch, and prints the words as they come."""
    file = call.file_name
    body = json.loads(call.body(_MEDIA))
    is_kept = _is_kept(body)
    return _filled(
        _JAVASCRIPT,
        media=_filled(_JAVASCRIPT_MEDIA, file=file) if file else _JAVASCRIPT_LINK,
        body=_written(body, _IN_JAVASCRIPT) if is_kept else _joined(call),
        sent="JSON.stringify(body)" if is_kept else "body",
        url=_quoted(call.url),
        key=KEY_NAME,
        headers=_headers(_IN_JAVASCRIPT, 2),
        reading=_reading(call, _IN_JAVASCRIPT),
    )


def _reading(call: SentCall, tongue: _Tongue) -> str:
    """What reads the answer and prints its words."""
    if not call.is_streamed:
        return tongue.whole
    is_spoken = "audio" in json.loads(call.body(""))
    return _filled(tongue.stream, words=tongue.spoken if is_spoken else tongue.written)


def _filled(template: str, **blanks: str) -> str:
    """``template`` with its blanks filled in, all at once: what is put in may look like one."""
    return _BLANK.sub(lambda blank: blanks[blank[1]], template)


def _headers(tongue: _Tongue, depth: int) -> str:
    return "\n".join(
        f"{tongue.indent * depth}{_key(name, tongue)}: {_quoted(value)},"
        for name, value in HEADERS.items()
    )


def _is_kept(value: Any) -> bool:
    """Whether JavaScript writes ``value`` as it is written here.

    It puts names that are numbers first, and has one kind of number (ECMA-262, 10.1.11, 6.1.6.1).
    """
    if isinstance(value, dict):
        return all(not name.isdecimal() and _is_kept(one) for name, one in value.items())
    if isinstance(value, list):
        return all(map(_is_kept, value))
    if isinstance(value, float):
        return "e" not in repr(value) and not value.is_integer()
    return not isinstance(value, int) or abs(value) < 2**53


def _joined(call: SentCall) -> str:
    """The body as the text that it is, in JavaScript."""
    before, _, after = call.body(_MEDIA).partition(_MEDIA)
    return f"{_quoted(before)} + media + {_quoted(after)}" if after else _quoted(before)


def _written(value: Any, tongue: _Tongue, depth: int = 0) -> str:
    """``value`` as ``tongue`` writes it, a line for each thing in it."""
    if isinstance(value, dict):
        lines = [
            f"{_key(key, tongue)}: {_written(one, tongue, depth + 1)}" for key, one in value.items()
        ]
        return _block("{}", lines, tongue, depth)
    if isinstance(value, list):
        return _block("[]", [_written(one, tongue, depth + 1) for one in value], tongue, depth)
    if value is None or isinstance(value, bool):
        return tongue.words[value]
    if not isinstance(value, str):
        return json.dumps(value)
    before, is_media, _ = value.partition(_MEDIA)
    if is_media:
        return f"{_quoted(before)} + media" if before else "media"
    return _quoted(value)


def _block(brackets: str, lines: list[str], tongue: _Tongue, depth: int) -> str:
    inner = tongue.indent * (depth + 1)
    body = "".join(f"{inner}{line},\n" for line in lines)
    return f"{brackets[0]}\n{body}{tongue.indent * depth}{brackets[1]}"


def _key(name: str, tongue: _Tongue) -> str:
    if tongue.bare_keys and name == "__proto__":
        return '["__proto__"]'  # JavaScript would take it for what the object is made of
    return name if tongue.bare_keys and name.isidentifier() else _quoted(name)


def _quoted(text: str) -> str:
    """``text`` as both languages write a string; what cannot be seen is told by its number."""
    shown = json.dumps(text, ensure_ascii=False)
    # Beyond U+FFFF they have no number in common: such a letter stays as it is.
    return "".join(
        one if one.isprintable() or ord(one) > 0xFFFF else f"\\u{ord(one):04x}" for one in shown
    )
