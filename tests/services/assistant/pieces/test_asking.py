"""A long sound in pieces: what runs at once, what is kept, and what is paid for once."""

import asyncio
import dataclasses

import pytest

from services import errors
from services.assistant import Ask, Checkpoint, Delta, LocalFile, Options, Progress, Thought
from services.assistant.pieces.asking import CONCURRENT_PIECES, PiecesRun
from services.assistant.sent_request import SentRequest
from services.external_api.answer import Completion
from services.external_api.exchange import Exchange, Timings
from services.external_api.extras import Extras
from services.media.values import Fit, Sendable, Span

pytestmark = pytest.mark.anyio

SPANS = tuple(Span(60.0 * number, 60.0 * (number + 1)) for number in range(5))
ASK = Ask(LocalFile("talk.mp3", "audio"), "What?", "m", in_pieces=True)
KNOWN = Completion("m", None, "stop", {"cost": 0.03}, None)
TIMINGS = Timings(1.0, 1.0, 1.0, 1.0)


class Cutting:
    """A prepared sound whose pieces are there at once, up to the one at which cutting fails."""

    def __init__(self, fails_at=None):
        self.fails_at = fails_at
        self.skipped = None

    async def pieces(self, _takes, _fit, skipped, _tell, ready):
        self.skipped = skipped
        for number, span in enumerate(SPANS):
            if number == self.fails_at:
                raise errors.UnreadableFile
            if number not in skipped:
                ready(number, span, number)
            await asyncio.sleep(0)
        return SPANS


class Api:
    """Answers pieces; each waits for its gate, and fails if it is told to."""

    def __init__(self, *, is_open=True):
        self.begun = []
        self.ended = []
        self.gates = [asyncio.Event() for _ in SPANS]
        self.failures = {}
        self.known = KNOWN
        if is_open:
            self.open()

    def open(self):
        for gate in self.gates:
            gate.set()

    async def send(self, number, tell):
        assert isinstance(number, int | Sendable)
        self.begun.append(number)
        try:
            tell(Delta(f"half of {number}\n"))
            await self.gates[number].wait()
            fault = self.failures.get(number)
            text = f"half of {number}\n"
            if fault is None:
                tell(Delta(f"all of {number}\n"))
                text += f"all of {number}\n"
            sent = SentRequest("input_audio", "mp3", file_bytes=number)
            return Exchange(text, self.known, TIMINGS, 1.0, True, fault), sent
        finally:
            self.ended.append(number)


def run_of(api, checkpoint=None, ask=ASK):
    told = []
    run = PiecesRun(ask, checkpoint or Checkpoint(), api.send, told.append, expected=5)
    return run, told


def done(told):
    return [event.done for event in told if isinstance(event, Progress)]


async def test_so_many_run_at_once_and_no_more():
    api = Api(is_open=False)
    run, _ = run_of(api)
    running = asyncio.create_task(run.run(Cutting(), None))
    for _ in range(20):
        await asyncio.sleep(0)
    assert api.begun == list(range(CONCURRENT_PIECES))
    api.open()
    await running
    assert sorted(api.begun) == [0, 1, 2, 3, 4]


async def test_the_answers_are_joined_in_order_whatever_order_they_come_in():
    api = Api(is_open=False)
    run, told = run_of(api)
    running = asyncio.create_task(run.run(Cutting(), None))
    for gate in reversed(api.gates):
        gate.set()
        await asyncio.sleep(0)
    await running
    assert "".join(event.text for event in told if isinstance(event, Delta)) == run.text
    order = [run.text.index(f"all of {number}") for number in range(5)]
    assert order == sorted(order)
    assert run.fault is None


async def test_the_thoughts_of_a_piece_are_told_together_when_it_has_its_answer():
    api = Api()
    api.known = dataclasses.replace(KNOWN, extras=Extras(reasoning="Hm."))
    run, told = run_of(api)
    await run.run(Cutting(), None)
    assert [event.text for event in told if isinstance(event, Thought)] == ["Hm.\n\n"] * 5
    assert "Hm." not in run.text


async def test_a_run_tells_how_many_pieces_have_their_answer():
    run, told = run_of(Api())
    await run.run(Cutting(), None)
    assert done(told) == [0, 1, 2, 3, 4, 5]
    assert {event.pieces for event in told if isinstance(event, Progress)} == {5}


async def test_after_a_failure_no_other_begins_and_those_that_run_go_on():
    api = Api(is_open=False)
    api.failures[0] = errors.ConnectionLost()
    run, _ = run_of(api)
    running = asyncio.create_task(run.run(Cutting(), None))
    for _ in range(20):
        await asyncio.sleep(0)
    api.gates[0].set()
    for _ in range(20):
        await asyncio.sleep(0)
    assert api.begun == [0, 1, 2]
    api.open()
    await running
    assert api.begun == api.ended == [0, 1, 2] or sorted(api.ended) == [0, 1, 2]
    assert type(run.fault) is errors.ConnectionLost
    assert sorted(run.answered) == [1, 2]


async def test_at_the_hosts_limit_no_other_begins_and_those_that_run_go_on():
    api = Api(is_open=False)

    async def send(number, tell):
        if number == 2:
            raise errors.VisitorLimitReached(retry_after_s=60)
        return await api.send(number, tell)

    told = []
    run = PiecesRun(ASK, Checkpoint(), send, told.append, expected=5)
    running = asyncio.create_task(run.run(Cutting(), None))
    for _ in range(20):
        await asyncio.sleep(0)
    api.open()
    await running
    assert sorted(api.ended) == sorted(run.answered) == [0, 1]
    assert type(run.fault) is errors.VisitorLimitReached


async def test_a_failed_piece_leaves_a_gap():
    api = Api()
    api.failures[1] = errors.ConnectionLost()
    run, _ = run_of(api)
    await run.run(Cutting(), None)
    assert "half of 1\n\n[…]" in run.text


@pytest.mark.parametrize("ended_by", ["a failed piece", "a file that cannot be read on", "Stop"])
async def test_what_was_answered_is_kept_and_the_next_run_sends_the_rest_alone(ended_by):
    checkpoint = Checkpoint()
    api = Api()
    cutting = Cutting()
    if ended_by == "a failed piece":
        api.failures[3] = errors.ConnectionLost()
    elif ended_by == "a file that cannot be read on":
        cutting = Cutting(fails_at=3)
    else:
        api.gates[3].clear()
        api.gates[4].clear()
    first, told = run_of(api, checkpoint)
    if ended_by == "Stop":
        running = asyncio.create_task(first.run(cutting, None))
        while max(done(told), default=0) < 3:  # noqa: ASYNC110  # a list tells nobody
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    else:
        await first.run(cutting, None)
    answered = sorted(first.answered)
    assert answered[:3] == [0, 1, 2]

    again, rest = Api(), Cutting()
    second, _ = run_of(again, checkpoint)
    await second.run(rest, None)

    assert rest.skipped == tuple(answered)
    assert sorted(again.begun) == [number for number in range(5) if number not in answered]
    order = [second.text.index(f"all of {number}") for number in range(5)]
    assert order == sorted(order)
    assert "[…]" not in second.text
    assert second.fault is None


async def test_a_question_that_has_its_whole_answer_is_a_new_one_when_asked_again():
    checkpoint = Checkpoint()
    for _ in range(2):
        api = Api()
        run, _ = run_of(api, checkpoint)
        await run.run(Cutting(), None)
        assert sorted(api.begun) == [0, 1, 2, 3, 4]
    assert checkpoint.is_empty


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(Ask(ASK.media, "Who?", ASK.model, in_pieces=True), id="question"),
        pytest.param(Ask(ASK.media, ASK.prompt, "n", in_pieces=True), id="model"),
        pytest.param(
            Ask(LocalFile("b.mp3", "audio"), ASK.prompt, ASK.model, in_pieces=True), id="file"
        ),
        pytest.param(
            Ask(ASK.media, ASK.prompt, ASK.model, Options(temperature=0.0), in_pieces=True),
            id="option",
        ),
        pytest.param(
            Ask(ASK.media, ASK.prompt, ASK.model, fit=Fit(start_s=1.0), in_pieces=True), id="trim"
        ),
    ],
)
async def test_answers_to_something_else_are_of_no_use(other):
    checkpoint = Checkpoint()
    api = Api()
    api.failures[4] = errors.ConnectionLost()
    await run_of(api, checkpoint)[0].run(Cutting(), None)
    assert checkpoint.of(ASK)
    assert checkpoint.of(other) == {}


async def test_whose_key_pays_makes_no_other_question():
    checkpoint = Checkpoint()
    api = Api()
    api.failures[4] = errors.ConnectionLost()
    await run_of(api, checkpoint)[0].run(Cutting(), None)
    paid_otherwise = Ask(ASK.media, ASK.prompt, ASK.model, in_pieces=True, anyway=True)
    assert checkpoint.of(paid_otherwise)


def test_of_a_few_questions_the_pieces_are_kept_and_the_oldest_gives_way():
    checkpoint = Checkpoint()
    asks = [Ask(ASK.media, f"{number}?", "m") for number in range(6)]
    for ask in asks:
        checkpoint.keep(ask, 0, "piece")
    assert [bool(checkpoint.of(ask)) for ask in asks] == [False, False, True, True, True, True]
