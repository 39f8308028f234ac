"""The page's own scripts, composed into the one that Gradio runs when the page is there."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from components.texts import LANGUAGES, Language, strings

_FOLDER: Final = Path(__file__).parent


def page_script() -> str:
    """A function for ``launch(js=…)``; the browser picks its language's texts.

    The keys ``gradio.*`` hold the words that Gradio 6.31 leaves in English.
    """
    english = strings("en")
    texts: dict[Language, Mapping[str, Mapping[str, str]]] = {
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
        }
        for language in LANGUAGES
    }
    return f"""() => {{
        const texts = {_json(texts)};
        const wanted = navigator.language.slice(0, 2);
        const language = texts[wanted] ? wanted : "en";
        if (language !== "en") {{
            document.documentElement.lang = language;
            ({_source("leftovers")})(texts[language].leftovers);
        }}
        ({_source("microphone")})(texts[language].microphone, {_source("level")});
    }}"""


def _json(texts: Mapping[Language, Mapping[str, Mapping[str, str]]]) -> str:
    # "<" cannot end the script element early: the texts are ours, but may grow.
    return json.dumps(texts, ensure_ascii=False).replace("<", "\\u003c")


def _source(name: str) -> str:
    """A script, which is one function."""
    return (_FOLDER / f"{name}.js").read_text("utf-8").strip()
