"""A long sound in pieces: what runs at once, what is kept, and what is said of all of them."""

import asyncio
import functools

import pytest
from services.asking import Ask, LocalFile, Partial, Progress
from services.pieces import PiecesRun, joined_completion, joined_request, side_by_side
from services.report import Kept, Piece, SentRequest

from services import errors
from services.external_api.answer import Completion
from services.media.values import MediaFacts, Sound, Span

pytestmark = pytest.mark.anyio

SPANS = tuple(Span(60.0 * number, 60.0 * (number + 1)) for number in range(4))
ASK = Ask(LocalFile("talk.mp3", "audio"), "What?", "m", in_pieces=True)


def piece(number, text="", usage=None, level_dbfs=-20.0, **more):
    sound = Sound("mp3", 16_000, 1, 60.0, level_dbfs, 0.5, peak_dbfs=-1.0, clipped_share=0.0)
    facts = MediaFacts("mp3", 1000 + number, 60.0, sound, None)
    sent = SentRequest("input_audio", "mp3", None, None, 1000 + number, 1336, facts, "wav (pcm)")
    known = {"model": "m", "provider": None, "finish_reason": "stop", "server_ms": None} | more
    return Piece(SPANS[number], text, Completion(usage=usage, **known), sent)


class Works:
    """Works on pieces; each waits for its turn to end."""

    def __init__(self):
        self.begun = []
        self.ended = []
        self.gates = [asyncio.Event() for _ in SPANS]
        self.failures = {}

    async def work(self, number):
        self.begun.append(number)
        try:
            yield Partial(f"half of {number}\n")
            await self.gates[number].wait()
            if number in self.failures:
                raise self.failures[number]
            yield Partial(f"all of {number}\n")
            yield piece(number, f"half of {number}\nall of {number}\n")
        finally:
            self.ended.append(number)

    def all(self, numbers=(0, 1, 2, 3)):
        return {number: functools.partial(self.work, number) for number in numbers}

    def open(self):
        for gate in self.gates:
            gate.set()


async def events_of(run, works):
    """What a run tells, and the error at its end."""
    seen = []
    try:
        async for event in run.events(works):
            seen.append(event)  # noqa: PERF401  # what came before an error counts
    except errors.ShowAndTellError as error:
        return seen, error
    return seen, None


def text_of(events):
    return "".join(event.text for event in events if isinstance(event, Partial))


async def test_so_many_run_at_once_and_no_more():
    works = Works()
    steps = side_by_side(list(works.all().values()), at_once=2)
    await anext(steps)
    await anext(steps)
    assert works.begun == [0, 1]
    works.open()
    assert {number async for number, step in steps if step is None} == {0, 1, 2, 3}
    assert works.begun == [0, 1, 2, 3]


async def test_after_a_failure_no_other_begins_and_those_that_run_go_on():
    works = Works()
    works.failures[0] = errors.ConnectionLost()
    steps = side_by_side(list(works.all().values()), at_once=2)
    await anext(steps)
    await anext(steps)
    works.open()
    with pytest.raises(errors.ConnectionLost):
        async for _ in steps:
            pass
    assert works.begun == [0, 1]
    assert works.ended == [0, 1]


async def test_closing_ends_all_that_run():
    works = Works()
    steps = side_by_side(list(works.all().values()), at_once=3)
    await anext(steps)
    await steps.aclose()
    assert sorted(works.ended) == sorted(works.begun)


async def test_a_run_tells_how_many_pieces_have_their_answer():
    works = Works()
    works.open()
    events, error = await events_of(PiecesRun(ASK, SPANS), works.all())
    assert error is None
    done = [event.done for event in events if isinstance(event, Progress)]
    assert done == [0, 1, 2, 3, 4]


async def test_the_answers_are_joined_in_order():
    works = Works()
    works.open()
    run = PiecesRun(ASK, SPANS)
    events, _ = await events_of(run, works.all())
    report = run.report(1.0, 2.0, is_complete=True)
    assert text_of(events) == report.text
    order = [report.text.index(f"all of {number}") for number in range(4)]
    assert order == sorted(order)
    assert report.request.pieces == 4


async def test_a_failed_piece_leaves_a_gap_and_the_others_are_kept():
    works = Works()
    works.failures[1] = errors.ConnectionLost()
    works.open()
    run = PiecesRun(ASK, SPANS)
    events, error = await events_of(run, works.all())
    assert type(error) is errors.ConnectionLost
    assert "half of 1\n\n[…]" in text_of(events)
    report = run.report(1.0, 2.0, is_complete=False)
    assert 1 not in report.kept.pieces
    assert 0 in report.kept.pieces


async def test_what_was_kept_is_shown_and_not_asked_again():
    kept = Kept(ASK.about, {0: piece(0, "zero\n"), 2: piece(2, "two\n")})
    run = PiecesRun(Ask(ASK.media, ASK.prompt, ASK.model, in_pieces=True, kept=kept), SPANS)
    assert run.missing == [1, 3]
    works = Works()
    works.open()
    events, _ = await events_of(run, works.all(run.missing))
    assert sorted(works.begun) == [1, 3]
    text = text_of(events)
    assert text.index("zero") < text.index("all of 1") < text.index("two") < text.index("all of 3")


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(Ask(ASK.media, "Who?", ASK.model), id="question"),
        pytest.param(Ask(ASK.media, ASK.prompt, "n"), id="model"),
        pytest.param(Ask(LocalFile("other.mp3", "audio"), ASK.prompt, ASK.model), id="file"),
    ],
)
def test_answers_to_something_else_are_of_no_use(changed):
    kept = Kept(changed.about, {0: piece(0)})
    run = PiecesRun(Ask(ASK.media, ASK.prompt, ASK.model, kept=kept), SPANS)
    assert run.missing == [0, 1, 2, 3]


def test_numbers_that_all_pieces_report_are_added_up():
    usage = {"prompt_tokens": 3, "cost": 0.5, "prompt_tokens_details": {"audio_tokens": 2}}
    pieces = [piece(0, usage=usage, server_ms=5.0), piece(1, usage=usage, server_ms=6.0)]
    joined = joined_completion(pieces)
    assert joined.usage == {
        "prompt_tokens": 6,
        "cost": 1.0,
        "prompt_tokens_details": {"audio_tokens": 4},
    }
    assert joined.server_ms == 11.0


def test_a_number_that_one_piece_lacks_is_unknown():
    pieces = [piece(0, usage={"prompt_tokens": 3, "cost": 1}), piece(1, usage={"cost": 1})]
    assert joined_completion(pieces).usage == {"cost": 2}
    assert joined_completion([*pieces, piece(2)]).usage is None
    assert joined_completion(pieces).server_ms is None


def test_an_unusual_end_of_one_piece_is_told():
    pieces = [piece(0), piece(1, finish_reason="length"), piece(2)]
    assert joined_completion(pieces).finish_reason == "length"


def test_the_receipt_is_of_all_that_was_sent():
    sent = joined_request([piece(0), piece(1, level_dbfs=None)])
    assert (sent.file_bytes, sent.base64_bytes, sent.pieces) == (2001, 2672, 2)
    assert sent.facts.duration_s == 120.0
    assert sent.facts.sound.level_dbfs == pytest.approx(-23.0, abs=0.1)
