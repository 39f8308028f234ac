"""What a model thinks is told from what it answers, in every way in which servers tell it."""

import pytest

from services.external_api.answer import AnswerReader
from tests.capture import delta


def message(**parts):
    return {"choices": [{"index": 0, "message": {"role": "assistant", **parts}}]}


def chunk(**parts):
    return {"choices": [{"index": 0, "delta": parts}]}


def read(*payloads):
    """The text and the thought of an answer, and what is kept of the thought."""
    reader = AnswerReader()
    added = [*map(reader.take, payloads), reader.rest()]
    text, thought = ("".join(getattr(one, name) for one in added) for name in ("text", "thought"))
    return text, thought, reader.so_far().extras.reasoning


#: Who tells it so → the payloads of an answer "Five." before which the model thought "Hm. Well."
TOLD = {
    "OpenRouter": (chunk(reasoning="Hm. "), chunk(reasoning="Well."), delta("Five.")),
    "OpenRouter, in both ways": (
        chunk(reasoning="Hm. ", reasoning_details=[{"type": "reasoning.text", "text": "Hm. "}]),
        chunk(reasoning="Well.", reasoning_details=[{"type": "reasoning.text", "text": "Well."}]),
        delta("Five."),
    ),
    "OpenRouter, in detail": (
        chunk(reasoning_details=[{"type": "reasoning.text", "text": "Hm. ", "signature": "x"}]),
        chunk(reasoning_details=[{"type": "reasoning.summary", "summary": "Well."}]),
        chunk(reasoning_details=[{"type": "reasoning.encrypted", "data": "AAAA"}]),
        delta("Five."),
    ),
    "DeepSeek": (chunk(content=None, reasoning_content="Hm. Well."), delta("Five.")),
    "vLLM, under two names": (
        chunk(reasoning="Hm. Well.", reasoning_content="Hm. Well."),
        delta("Five."),
    ),
    "a whole answer": (message(content="Five.", reasoning="Hm. Well."),),
    "Mistral": (
        message(
            content=[
                {"type": "thinking", "thinking": [{"type": "text", "text": "Hm. Well."}]},
                {"type": "text", "text": "Five."},
            ]
        ),
    ),
    "a part of its own": (
        message(content=[{"type": "reasoning", "text": "Hm. Well."}, {"text": "Five."}]),
    ),
    "tags": (message(content="<think>Hm. Well.</think>Five."),),
    "tags and empty lines": (delta("\n<think>"), delta("Hm. Well.</think>\n"), delta("\n Five.")),
    "tags, split": tuple(
        map(delta, ["<", "thi", "nk>Hm. We", "ll.</", "think", ">", "\n\n", "Five."])
    ),
    "another tag": (delta("<thinking>Hm. "), delta("Well.</thinking>Five.")),
}


@pytest.mark.parametrize("payloads", TOLD.values(), ids=TOLD)
def test_thoughts_are_told_as_thoughts_and_never_as_the_answer(payloads):
    assert read(*payloads) == ("Five.", "Hm. Well.", "Hm. Well.")


@pytest.mark.parametrize(
    "text",
    [
        "Five.",
        "  Five",
        "<b>Five</b>",
        "<",
        "<th",
        "It is <think>five</think>.",
        "<thinker>Five",
        "",
        " \n",
        "</think>Five.",
    ],
    ids=repr,
)
@pytest.mark.parametrize("is_split", [False, True])
def test_what_is_no_thought_is_left_alone(text, is_split):
    assert read(*map(delta, text if is_split else [text])) == (text, "", "")


def test_a_thought_that_is_not_over_is_a_thought():
    assert read(delta("<think>Hm. </thi")) == ("", "Hm. </thi", "Hm. </thi")


def test_a_second_thought_is_a_part_of_the_answer():
    text, thought, _ = read(delta("<think>a</think>b<think>c</think>"))
    assert (text, thought) == ("b<think>c</think>", "a")


@pytest.mark.parametrize("value", [7, {}, [], [7], {"text": "x"}, [{"text": 7}], None, True])
@pytest.mark.parametrize("name", ["reasoning", "reasoning_content", "reasoning_details"])
def test_thoughts_of_another_shape_are_none(name, value):
    assert read(chunk(content="Five.", **{name: value})) == ("Five.", "", "")


def test_half_a_letter_of_a_thought_does_not_reach_the_page():
    _, thought, kept = read(chunk(reasoning="a\ud83d"))
    assert (thought, kept) == ("a\ufffd", "a\ufffd")
