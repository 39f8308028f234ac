"""Several models' answers stand side by side, with a table of them and where they differ."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape

import pytest

from components.result.card import Head, Words
from components.result.compared import Told, compared_views, over, read_again
from components.result.comparison import Comparison, Now, comparison_html
from components.result.exports import read_back
from components.texts import Texts
from services.assistant import Delta, Fault, Validation
from services.assistant.report import RunTimings
from tests.services.assistant.test_rates import ANSWER

pytestmark = pytest.mark.anyio

EN = Texts("en")
SAID = {
    "a/one": "We meet at nine.",
    "b/two": "We meet at five.",
    "c/three": "We meet at nine",
}


def head(model, number=0):
    return Head(f"{model} {number}", datetime.now(UTC), "plan.flac", "What is said?", model)


def comparing(*models, repeats=1, **more):
    heads = [head(model, number) for model in models for number in range(repeats)]
    return Comparison("all", tuple(heads), **more)


def answer(model, text=None, *, total=1000.0, wait=400.0, cost=0.001, tokens=125):
    return replace(
        ANSWER,
        text=SAID.get(model, "") if text is None else text,
        asked_model=model,
        model=model,
        usage={
            "prompt_tokens": 130,
            "completion_tokens": 10,
            "cost": cost,
            "prompt_tokens_details": {"audio_tokens": tokens},
        },
        timings_ms=RunTimings(10.0, 20.0, 70.0, wait, total - wait - 100, total, None),
    )


def shown(comparison, reports, state="done", words=None):
    """The page of it, and the cells of a row by the models."""
    html = comparison_html(comparison, Now(words or {}, reports), EN, state)
    return Shown(unescape(html), comparison)


class Shown:
    """The HTML, and what stands in it."""

    def __init__(self, html, comparison):
        self.html = html
        self._models = comparison.models

    def row(self, key, against=""):
        """The cells of the row ``key``, of which the best has a star."""
        where = f' data-against="{against}"' if against else "[^>]*"
        (line,) = re.findall(rf'<tr data-row="{key}"{where}[^>]*>(.+?)</tr>', self.html)
        cells = re.findall(r"<td( class=\"best\")?>(.*?)</td>", line)
        return [f"*{text}" if best else text for best, text in cells]

    @property
    def record(self):
        (record,) = re.findall(
            r'data-id="all".+?data-record="(.*?)" aria-busy', self.html, re.DOTALL
        )
        return json.loads(record)

    def differences(self, against):
        found = re.findall(rf'<p data-against="{against}"[^>]*>(.+?)</p>', self.html)
        return [re.sub(r"</?b[^>]*>", "", one) for one in found]


def whole(*models, **more):
    return {f"{model} 0": answer(model, **more) for model in models}


def test_each_model_has_a_card_and_only_the_first_has_the_ids():
    html = shown(comparing(*SAID), whole(*SAID)).html
    assert [html.count(f'data-id="{model} 0"') for model in SAID] == [1, 1, 1]
    for name in ("answer", "stats", "receipt", "thought", "mark", "extras"):
        assert html.count(f'id="{name}"') == 1


def test_models_stand_there_by_the_names_that_people_call_them_and_in_files_by_their_ids():
    comparison = comparing(*SAID)
    heads = tuple(replace(one, name=f"The {one.model[2:]}") for one in comparison.heads)
    page = shown(replace(comparison, heads=heads), whole("a/one", "b/two"), state="stopped")
    assert '<span class="asked" data-model="a/one">The one</span>' in page.html
    assert page.html.count('<span class="model">The two</span>') == 2  # table and plot
    assert '<option value="0">The one</option>' in page.html
    saved = json.loads(page.record["exports"]["json"])
    assert [one["report"]["asked_model"] for one in saved["answers"]] == [*SAID][:2]


def test_while_they_come_there_are_words_and_no_table():
    page = shown(comparing(*SAID), whole("a/one"), "running", {"b/two 0": Words(text="We meet")})
    assert "We meet at nine." in page.html
    assert page.html.count('data-state="running"') == 3  # two cards, and the table's
    assert "<table>" not in page.html


def test_the_best_of_a_row_is_marked():
    reports = {
        "a/one 0": answer("a/one", total=2000.0, cost=0.002),
        "b/two 0": answer("b/two", total=1000.0, cost=0.004, wait=500.0),
    }
    page = shown(comparing("a/one", "b/two"), reports)
    assert page.row("first") == ["*500 ms", "600 ms"]
    assert page.row("total") == ["2,000 ms", "*1,000 ms"]
    assert page.row("cost") == ["*0.002 USD", "0.004 USD"]
    assert page.row("a_minute") == ["*0.012 USD", "0.024 USD"]
    assert page.row("speed") == ["5 ×", "*10 ×"]
    assert page.row("tokens") == ["140", "140"]


def test_what_nobody_reported_is_not_known_and_never_none():
    reports = whole("a/one", "b/two", cost=None)
    page = shown(comparing("a/one", "b/two"), reports)
    assert page.row("cost") == page.row("a_minute") == page.row("server") == ["–", "–"]


@pytest.mark.parametrize(
    ("tokens", "warnings", "cell"), [(125, (), "✓"), (None, (), "–"), (0, ("unheard",), "✗")]
)
def test_whether_it_heard_is_told_by_its_tokens(tokens, warnings, cell):
    report = replace(answer("a/one", tokens=tokens), warnings=warnings)
    page = shown(comparing("a/one", "b/two"), {"a/one 0": report, **whole("b/two")})
    assert page.row("heard") == [cell, "✓"]


def test_whether_they_fit_a_schema_is_a_row_where_there_is_one():
    states = {"a/one": "fits", "b/two": "misfit", "c/three": "unchecked"}
    reports = {
        f"{model} 0": replace(answer(model), validation=Validation(state))
        for model, state in states.items()
    }
    assert shown(comparing(*states), reports).row("fits") == ["✓", "✗", "–"]
    without = {f"{model} 0": answer(model) for model in states}
    assert 'data-row="fits"' not in shown(comparing(*states), without).html


def test_repeats_show_their_mean_and_how_far_they_are_apart():
    comparison = comparing("a/one", repeats=3)
    reports = {
        f"a/one {number}": answer("a/one", total=total)
        for number, total in enumerate((1000.0, 1500.0, 2300.0))
    }
    assert shown(comparison, reports).row("total") == ["1,600 ms (1,000 ms–2,300 ms)"]


def test_answers_are_held_against_what_is_really_said():
    page = shown(comparing(*SAID, reference="We meet at five"), whole(*SAID))
    assert page.row("wrong", "typed") == ["25 %", "*0 %", "25 %"]
    assert page.differences("typed") == [
        "a/one We meet at <del>five</del> <ins>nine.</ins>",
        "c/three We meet at <del>five</del> <ins>nine</ins>",
    ]


def test_else_against_the_one_closest_to_all_others_first():
    page = shown(comparing("b/two", "a/one", "c/three"), whole(*SAID))
    options = re.findall(r"<option value=\"(.+?)\">(.+?)</option>", page.html)
    assert options == [
        ("0", "the answer closest to all others (a/one)"),
        ("1", "b/two"),
        ("2", "c/three"),
    ]
    assert page.row("wrong", "0") == ["25 %", "0 %", "0 %"]
    assert page.html.count('data-row="wrong"') == 3
    assert len(re.findall(r'<tr data-row="wrong" data-against="\d" hidden>', page.html)) == 2


def test_a_failure_is_its_own_cell():
    failed = replace(answer("b/two", ""), fault=Fault("TimedOut", {"limit_s": 300}))
    page = shown(comparing(*SAID), {**whole("a/one", "c/three"), "b/two 0": failed})
    assert page.row("total") == ["*1,000 ms", "–", "*1,000 ms"]
    assert 'data-error="TimedOut"' in page.html


def test_of_repeats_the_card_shows_one_that_is_whole():
    failed = replace(answer("a/one", ""), fault=Fault("TimedOut", {"limit_s": 300}))
    reports = {"a/one 0": failed, "a/one 1": answer("a/one")}
    page = shown(comparing("a/one", repeats=2), reports)
    assert 'data-id="a/one 1"' in page.html
    assert 'data-id="a/one 0"' not in page.html


def test_blind_the_names_wait_until_somebody_asks():
    page = shown(comparing(*SAID, is_blind=True), whole(*SAID))
    assert '<section class="compared blind"' in page.html
    assert 'data-act="reveal"' in page.html
    assert 'data-act="reveal"' not in shown(comparing(*SAID), whole(*SAID)).html


def test_the_csv_has_a_line_for_each_call():
    reports = {**whole("a/one"), "b/two 0": answer("b/two", '=HYPERLINK("x"), "y"')}
    record = shown(comparing("a/one", "b/two"), reports).record
    lines = list(csv.DictReader(io.StringIO(record["exports"]["csv"])))
    assert [line["model"] for line in lines] == ["a/one", "b/two"]
    assert lines[0]["total_ms"] == "1000.0"
    assert lines[0]["server_ms"] == ""
    assert lines[1]["text"] == '\'=HYPERLINK("x"), "y"'  # no formula


def test_the_json_has_every_answer_as_its_own_export_has_it():
    record = shown(comparing(*SAID, reference="We meet"), whole(*SAID)).record
    saved = json.loads(record["exports"]["json"])
    assert (saved["question"], saved["reference"]) == ("What is said?", "We meet")
    told = [read_back(json.dumps(one)) for one in saved["answers"]]
    assert [one.report.text for one in told] == list(SAID.values())


def test_markdown_has_the_table():
    record = shown(comparing("a|b", "c/three"), whole("a|b", "c/three", text="Hi")).record
    markdown = record["exports"]["md"]
    assert markdown.startswith("> What is said?\n\n|  | a\\|b | c/three |\n| --- | --- | --- |\n")
    assert "| Total | 1,000 ms | 1,000 ms |" in markdown


def test_long_answers_are_held_against_one_reference():
    reports = whole(*SAID, text="word " * 3000)
    assert shown(comparing(*SAID), reports).html.count('data-row="wrong"') == 1


async def test_the_views_end_with_all_that_was_told():
    comparison = comparing("a/one", "b/two")

    async def calls(tell):
        tell(Told("a/one 0", Delta("We")))
        tell(Told("b/two 0", answer("b/two")))
        tell(Told("a/one 0", answer("a/one")))

    views = [one async for one in compared_views(calls, comparison, {}, EN)]
    assert [one.state for one in views] == ["running", "rest"]
    assert "Done: 2 of 2 answered." in views[-1].status
    assert "We meet at five." in views[-1].card


async def test_what_was_stopped_keeps_what_had_come():
    view = await over(comparing("a/one", "b/two"), whole("a/one"), EN)
    assert (view.state, 'data-stage="stopped"' in view.status) == ("rest", True)
    assert "We meet at nine." in view.card
    assert 'data-error="Stopped"' in view.card


def failed_once():
    """A comparison of which one has failed, its reports, and what a browser says of it."""
    failed = replace(answer("b/two", ""), fault=Fault("TimedOut", {"limit_s": 300}))
    comparison = comparing(*SAID, reference="We meet")
    reports = {**whole("a/one", "c/three"), "b/two 0": failed}
    record = shown(comparison, reports).record
    said = {"media": "/tmp/a.wav", "compared": json.loads(record["exports"]["json"])}
    return comparison, reports, said


def test_only_a_failure_can_be_asked_again():
    comparison, reports, _ = failed_once()
    assert shown(comparison, reports).html.count('data-act="again"') == 1
    assert 'data-act="again"' not in shown(comparison, whole(*SAID)).html


def test_of_what_is_asked_again_the_answers_that_came_stay():
    comparison, _, said = failed_once()
    again, before = read_again(json.dumps(said))
    assert [head.id for head in again.heads] == [head.id for head in comparison.heads]
    assert {head.media for head in again.heads} == {"/tmp/a.wav"}
    assert (again.id, again.reference) == ("all", "We meet")
    assert {of: one.text for of, one in before.items()} == {
        "a/one 0": SAID["a/one"],
        "c/three 0": SAID["c/three"],
    }


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "[]",
        '{"media": "x"}',
        '{"media": "x", "compared": {"format": "show-and-tell.comparison", "version": 1}}',
    ],
)
def test_what_is_no_comparison_is_not_asked_again(wrong):
    assert read_again(wrong) is None


def test_more_calls_than_a_comparison_has_are_none():
    _, _, said = failed_once()
    said["compared"]["answers"] *= 11
    assert read_again(json.dumps(said)) is None


async def test_the_views_of_what_is_asked_again_begin_with_what_was_there():
    comparison, reports, _ = failed_once()
    before = {of: one for of, one in reports.items() if one.fault is None}

    async def calls(tell):
        tell(Told("b/two 0", answer("b/two")))

    first, *_, last = [one async for one in compared_views(calls, comparison, before, EN)]
    assert "2 of 3 answered" in first.status
    assert all(one in last.card for one in SAID.values())
