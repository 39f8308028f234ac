"""Whatever is put into a template is escaped, because nothing in it says otherwise."""

import re
from datetime import UTC, datetime
from pathlib import Path

import jinja2
import pytest

from components.batch import shown
from components.result import comparison, templates
from components.result.card import Fact, Head
from components.result.table import Bar, Cell, Row
from components.result.templates import rendered
from components.result.timed import _Line, _Word
from services.assistant import Extras
from services.assistant.wording import Difference
from services.external_api.extras import Citation

FOLDER = Path(templates.__file__).parent
COMPONENTS = FOLDER.parent
HOSTILE = "<img src=x onerror=alert(1)>\"'&"

#: Each macro, with a stranger's text in every place that takes one.
MACROS = {
    "note": {"mark": HOSTILE, "text": HOSTILE},
    "plain": {"text": HOSTILE},
    "json": {"text": HOSTILE},
    "misfits": {"mark": HOSTILE, "text": HOSTILE, "misfits": [(HOSTILE, HOSTILE)]},
    "schema_note": {"name": HOSTILE, "words": HOSTILE, "is_bad": True},
    "quiet": {"text": HOSTILE},
    "card": {
        "head": Head(HOSTILE, datetime.now(UTC), HOSTILE, HOSTILE, HOSTILE),
        "question": HOSTILE,
        "state": "done",
        "state_words": HOSTILE,
        "words": dict.fromkeys(
            (
                *("answer", "actions", "copy", "download", "follow"),
                *("other", "code", "room", "delete", "details"),
            ),
            HOSTILE,
        ),
        "line": [Fact(HOSTILE, HOSTILE)],
        "record": HOSTILE,
        "kinds": [HOSTILE],
        **dict.fromkeys(
            ("timed", "thought", "answer", "marks", "extras", "fault", "facts", "code"), HOSTILE
        ),
    },
    "comparison": {
        "head": Head(HOSTILE, datetime.now(UTC), HOSTILE, HOSTILE, HOSTILE),
        **dict.fromkeys(("id", "state", "count", "record"), HOSTILE),
        "is_blind": True,
        "letters": "AB",
        "models": [HOSTILE],
        "cards": [(HOSTILE, True)],
        "words": dict.fromkeys(comparison._WORDS, HOSTILE),
        "card_words": dict.fromkeys(("copy", "download", "delete"), HOSTILE),
        "rows": [Row(HOSTILE, HOSTILE, (Cell(HOSTILE, is_best=True),), HOSTILE)],
        "references": [(HOSTILE, HOSTILE)],
        "differences": [
            {
                "against": HOSTILE,
                "model": HOSTILE,
                "parts": [Difference("substitute", HOSTILE, HOSTILE)],
            }
        ],
        "bars": [Bar(HOSTILE, 1.0, 2.0, HOSTILE)],
        "failed": [(HOSTILE, HOSTILE)],
        "kinds": [HOSTILE],
    },
    "timed": {
        "kind": "audio",
        "source": HOSTILE,
        "cues": [
            _Line(1.0, 2.0, HOSTILE, HOSTILE, [], HOSTILE),
            _Line(1.0, 2.0, HOSTILE, HOSTILE, [_Word(1.0, 2.0, HOSTILE)], HOSTILE),
        ],
        "words": {"player": HOSTILE, "title": HOSTILE},
        "is_whole": True,
    },
    "facts": dict.fromkeys(("stats", "receipt", "proof", "words"), HOSTILE),
    "proof": dict.fromkeys(("id", "press", "said"), HOSTILE),
    "code": {
        "snippets": {HOSTILE: HOSTILE},
        "words": {"copy": HOSTILE, "code": HOSTILE},
        **dict.fromkeys(
            ("card", "about", "file", "source", "download", "gone", "har"),
            HOSTILE,
        ),
    },
    "table": {
        "title": HOSTILE,
        "rows": [{"key": HOSTILE, "label": HOSTILE, "value": HOSTILE}],
        "unknown": HOSTILE,
        "bars": [{"name": HOSTILE, "label": HOSTILE, "value": HOSTILE, "left": 1.0, "width": 2.0}],
        "small": HOSTILE,
    },
    "progress": {
        **dict.fromkeys(("stage", "words", "share_words", "clock"), HOSTILE),
        "share": 0.5,
    },
    "sentence": {"stage": HOSTILE, "words": HOSTILE},
    "fault": {
        **dict.fromkeys(("name", "what", "next", "said", "small"), HOSTILE),
        "lines": [HOSTILE],
        "ways": [(HOSTILE, HOSTILE)],
    },
    "batch": {
        **dict.fromkeys(("stage", "sentence", "list_label", "confirm", "unknown"), HOSTILE),
        "share": 0.5,
        "notes": [HOSTILE],
        "counts": [(HOSTILE, HOSTILE)],
        "fault": dict.fromkeys(("name", "what", "next"), HOSTILE),
        "rows": [shown.Row(HOSTILE, HOSTILE, HOSTILE, None, HOSTILE)],
    },
    "batch_saved": dict.fromkeys(("source", "name", "words"), HOSTILE),
    "said": {"name": HOSTILE, "words": HOSTILE, "small": HOSTILE},
    "tries": {"files": HOSTILE},
    "setup_link": dict.fromkeys(("code", "label", "holds", "copied", "by_hand"), HOSTILE),
    "sending": {"words": HOSTILE, "is_bad": True},
    "forecast": {"change": HOSTILE, "size": HOSTILE, "lines": [HOSTILE]},
    "player": {"source": HOSTILE, "label": HOSTILE, "kind": "audio"},
    "live": {"source": HOSTILE, "label": HOSTILE},
    "payer": {"who": HOSTILE, "words": HOSTILE},
    "sign_in": {"at": HOSTILE},
    "not_signed_in": dict.fromkeys(("name", "what", "next", "said"), HOSTILE),
    "thought": {"title": HOSTILE, "text": HOSTILE},
    "extras": {
        "extras": Extras(
            refusal=HOSTILE,
            transcript=HOSTILE,
            sounds=(HOSTILE,),
            elsewhere=(HOSTILE,),
            unshown=1,
            tools=(HOSTILE,),
            citations=(Citation(HOSTILE, HOSTILE),),
        ),
        "words": dict.fromkeys(
            (
                *("refusal", "sound", "transcript", "image", "elsewhere"),
                *("unshown", "tools", "citations"),
            ),
            HOSTILE,
        ),
    },
}


@pytest.mark.parametrize("macro", MACROS)
def test_a_strangers_text_is_escaped_wherever_it_stands(macro):
    shown = rendered(macro, **MACROS[macro])
    assert "<img" not in shown
    assert 'onerror=alert(1)>"' not in shown
    assert shown.count("&lt;img src=x onerror=alert(1)&gt;&#34;&#39;&amp;") >= 1


def test_every_macro_is_tried_here():
    source = (FOLDER / "cards.html").read_text("utf-8")
    assert set(re.findall(r"macro (\w+)\(", source)) == set(MACROS)


def test_no_template_takes_the_escaping_back():
    for path in COMPONENTS.rglob("*.html"):
        assert not re.search(r"\|\s*safe|autoescape", path.read_text("utf-8"))


def test_no_html_is_written_in_code():
    """But for what is no stranger's: a place for a script to fill, and what loads the scripts."""
    found = {
        path.name: re.findall(r"[\"']<[a-z][^\"']*", path.read_text("utf-8"))
        for path in COMPONENTS.rglob("*.py")
    }
    assert {name for name, tags in found.items() if tags} <= {
        *("recorder.py", "feed.py", "status.py", "scripts.py", "switches.py", "head.py"),
        "gradios.py",  # what loads Gradio's
        "markdown.py",  # a box around what was cleaned
    }


def test_what_a_template_wants_and_does_not_get_is_an_error():
    with pytest.raises(jinja2.UndefinedError):
        rendered("note", mark="a")
