"""The page's own scripts: ES modules, served as files from the page's own origin."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from components.shell.bundle import bundled
from components.texts import LANGUAGES, strings

#: All that is served; the look of a card goes into the files that are made of cards, too.
SCRIPTS: Final = (
    "start.js",
    "focus.js",
    "groups.js",
    "keys.js",
    "leftovers.js",
    "signin.js",
    "inputs/advice.js",
    "inputs/anywhere.js",
    "inputs/choice.js",
    "inputs/diagnosis.js",
    "inputs/given.js",
    "inputs/keeper.js",
    "inputs/kept.js",
    "inputs/level.js",
    "inputs/meter.js",
    "inputs/microphone.js",
    "inputs/offers.js",
    "inputs/presses.js",
    "inputs/sound.js",
    "inputs/store.js",
    "inputs/straight.js",
    "inputs/tries.js",
    "inputs/uploading.js",
    "result/answers.js",
    "result/card.css",
    "result/code.js",
    "result/compare.js",
    "result/cues.js",
    "result/feed.js",
    "result/files.js",
    "result/follow.js",
    "result/history.js",
    "result/media.js",
    "result/players.js",
    "result/proof.js",
    "result/room.js",
    "result/spoken.js",
    "result/unfolded.js",
    "shell/choices.js",
    "shell/register.js",
    "shell/share.js",
    "shell/switches.js",
)
#: What no module of the page imports: the first stands in the head itself and is served for its
#: tests alone, the second is the service worker's.
APART: Final = ("shell/choices.js", "shell/share.js")
#: All that the page imports, as one file; the files themselves are for the service worker, which
#: imports a few of them, and for tests.
BUNDLE: Final = "page.js"
_FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Scripts:
    """What makes the browser run them: ``head`` goes into the page, ``routes`` to its server.

    ``folder`` is where they are, relative to the page.
    """

    head: str
    folder: str
    routes: list[Route]


def page_scripts(sources: Path = _FOLDER) -> Scripts:
    """The scripts as they are in ``sources`` now.

    Their address changes with them, so that a browser may keep them for ever, and never mixes
    those of two versions. It is relative: the page may be served below any path.
    """
    scripts = {name: (sources / name).read_bytes() for name in SCRIPTS}
    version = hashlib.sha256(b"\0".join(scripts.values())).hexdigest()[:12]
    folder = f"scripts/{version}"
    modules = {name: source.decode() for name, source in scripts.items() if name.endswith(".js")}
    served = scripts | {BUNDLE: bundled(modules, "start.js").encode()}
    return Scripts(
        head=_head(folder),
        folder=folder,
        routes=[_route(f"/{folder}/{name}", source) for name, source in served.items()],
    )


def _head(folder: str) -> str:
    return f"""<link rel="modulepreload" href="{folder}/{BUNDLE}"><script type="module">
import {{ start }} from "./{folder}/{BUNDLE}";
start(window, {_texts()});
</script>"""


def _texts() -> str:
    """The texts of all languages, of which the browser picks one.

    The keys ``gradio.*`` hold the words that Gradio 6.31 leaves in English.
    """
    english = strings("en")
    texts = {
        language: {
            "leftovers": {
                english[key]: words
                for key, words in strings(language).items()
                if key.startswith("gradio.")
            },
            "microphone": {
                key: words
                for key, words in strings(language).items()
                if key.startswith(("microphone.", "camera."))
            },
            "feed": {
                key: words
                for key, words in strings(language).items()
                if key.startswith(("card.", "history."))
            },
            "tries": {
                key: words for key, words in strings(language).items() if key.startswith("try.")
            },
            "upload": {
                key: words for key, words in strings(language).items() if key.startswith("upload.")
            },
            "signin": {
                key: words for key, words in strings(language).items() if key.startswith("signin.")
            },
            "kept": {
                key: words for key, words in strings(language).items() if key.startswith("kept.")
            },
            "switches": {
                key: words for key, words in strings(language).items() if key.startswith("switch.")
            },
        }
        for language in LANGUAGES
    }
    # "<" cannot end the script element early: the texts are ours, but may grow.
    return json.dumps(texts, ensure_ascii=False).replace("<", "\\u003c")


def _route(path: str, source: bytes) -> Route:
    async def script(_: Request) -> Response:
        return Response(
            source,
            media_type="text/css" if path.endswith(".css") else "text/javascript",
            headers={"Cache-Control": "public, max-age=31536000, immutable"},
        )

    return Route(path, script)
