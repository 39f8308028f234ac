"""What the page says of itself in its head, to browsers, link previews and search engines."""

import json
from html import escape
from pathlib import Path
from typing import Final

from components.shell.sharing import TARGET
from components.texts import LANGUAGES, Language, strings

NAME: Final = "Show & Tell"
COLOUR: Final = "#0f766e"
MANIFEST: Final = "manifest.webmanifest"
#: What stands on the screen until Gradio has made the page; first.css shows and hides it.
SKELETON: Final = (
    f'<div id="skeleton" aria-hidden="true"><b>{escape(NAME)}</b>'
    "<div><i></i></div><p><i></i></p></div>"
)
_HERE: Final = Path(__file__).parent
#: The size of the preview's picture, in pixels.
_PREVIEW: Final = (1200, 630)


def first_things() -> str:
    """What settles language and colours before anything else runs, and before the first paint.

    The script is a module's function, so that it can be tested as one; in the head it must not
    be a module, which would run too late.
    """
    style = f"<style>{(_HERE / 'first.css').read_text('utf-8')}</style>"
    source = (_HERE / "choices.js").read_text("utf-8").replace("export function", "function")
    return f"{style}<script>{{{source}settle(window, {json.dumps(LANGUAGES)});}}</script>"


def tags(root: str, files: str, language: Language) -> str:
    """The tags of a page whose address is ``root``, without a slash at its end.

    ``files`` is the folder of the drawings, relative to it.
    """
    words = strings(language)
    title, about = words["head.title"], words["head.description"]
    width, height = _PREVIEW
    picture = f"{root}/{files}/preview.png"
    metas = [
        ("name", "description", about),
        ("name", "theme-color", COLOUR),
        ("property", "og:type", "website"),
        ("property", "og:site_name", NAME),
        ("property", "og:title", title),
        ("property", "og:description", about),
        ("property", "og:url", f"{root}/"),
        ("property", "og:image", picture),
        ("property", "og:image:width", str(width)),
        ("property", "og:image:height", str(height)),
        ("property", "og:image:alt", words["head.picture"]),
        ("name", "twitter:card", "summary_large_image"),
        ("name", "twitter:title", title),
        ("name", "twitter:description", about),
        ("name", "twitter:image", picture),
    ]
    links = [
        ("icon", f"{files}/icon.svg", ' type="image/svg+xml"'),
        ("icon", f"{files}/icon-192.png", ' type="image/png" sizes="192x192"'),
        ("apple-touch-icon", f"{files}/apple-touch-icon.png", ""),
        ("manifest", MANIFEST, ""),
    ]
    return "".join(
        [
            f"<title>{escape(NAME)}</title>",
            *(f'<meta {kind}="{name}" content="{escape(said)}">' for kind, name, said in metas),
            *(f'<link rel="{kind}" href="{address}"{more}>' for kind, address, more in links),
        ]
    )


def manifest(files: str, language: Language) -> str:
    """The web app manifest, JSON; its addresses are relative to its own."""
    icons = [
        {"src": f"{files}/icon.svg", "sizes": "any", "type": "image/svg+xml"},
        {"src": f"{files}/icon-192.png", "sizes": "192x192", "type": "image/png"},
        {"src": f"{files}/icon-512.png", "sizes": "512x512", "type": "image/png"},
        {
            "src": f"{files}/maskable-512.png",
            "sizes": "512x512",
            "type": "image/png",
            "purpose": "maskable",
        },
    ]
    return json.dumps(
        {
            "name": NAME,
            "short_name": NAME,
            "description": strings(language)["head.description"],
            "lang": language,
            "id": "./",
            "start_url": "./",
            "scope": "./",
            "display": "standalone",
            "theme_color": COLOUR,
            "background_color": "#ffffff",
            "icons": icons,
            "share_target": TARGET,
        },
        ensure_ascii=False,
    )
