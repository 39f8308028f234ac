"""What a worker says: in which order, in how much time, and what of it is believed."""

import asyncio
import json
import logging

import pytest

from services import errors
from services.media.workshop.job import Job, Limits, Read
from services.media.workshop.replies import WARM_UP_S, Conversation
from tests.clock import run_at_once


class Ask(Job[int, str]):
    limits = Limits(silence_s=10, wall_s=100)


class Talk:
    """A conversation, with what was told in it."""

    def __init__(self):
        self.read = []
        self.news = []
        self.conversation = Conversation(Ask(), self.read.append, self.news.append)
        self.outcome = asyncio.ensure_future(self.conversation.outcome())

    def says(self, **lines):
        """The worker says a line for each of ``lines``."""
        for name, value in lines.items():
            self.conversation.data(json.dumps({name: value}).encode() + b"\n")


def talk(test):
    """The test as one that pytest can run, on a clock that jumps."""

    def run():
        async def started():
            await test(Talk())

        run_at_once(started())

    run.__name__ = test.__name__
    return run


@talk
async def test_a_result_is_the_outcome(one):
    one.says(ready=None, result=7)

    assert await one.outcome == 7


@talk
async def test_lines_may_come_in_any_pieces(one):
    for byte in b'{"ready":null}\n{"news":"a"}\n{"read":[1.5,20]}\n{"result":7}\n':
        one.conversation.data(bytes([byte]))

    assert await one.outcome == 7
    assert (one.news, one.read) == (["a"], [Read(1.5, 20)])


@talk
async def test_a_result_that_was_said_before_the_end_counts(one):
    one.says(ready=None, result=7)
    one.conversation.ended()

    assert await one.outcome == 7


@talk
async def test_nothing_counts_after_the_result(one):
    one.says(ready=None, result=7, news="late", fault="NoSound")

    assert await one.outcome == 7
    assert one.news == []


@talk
async def test_a_line_without_its_end_does_not_count(one):
    one.says(ready=None)
    one.conversation.data(b'{"result":7}')
    one.conversation.ended()

    with pytest.raises(errors.UnreadableFile):
        await one.outcome


@talk
async def test_a_worker_that_ends_without_a_result_is_the_files_fault(one):
    one.says(ready=None, news="so far")
    one.conversation.ended()

    with pytest.raises(errors.UnreadableFile):
        await one.outcome


@talk
async def test_a_worker_that_ends_before_it_is_ready_is_ours(one):
    one.conversation.ended()

    with pytest.raises(errors.AppFailed):
        await one.outcome


@talk
async def test_a_worker_that_does_not_become_ready_is_ours(one):
    await asyncio.sleep(WARM_UP_S * 0.9)
    assert not one.outcome.done()

    with pytest.raises(errors.AppFailed):
        await asyncio.wait_for(one.outcome, WARM_UP_S * 0.2)


@talk
async def test_a_worker_that_says_something_else_first_is_none_of_ours(one):
    one.says(result=7)

    with pytest.raises(errors.UnreadableFile):
        await one.outcome


@talk
async def test_a_worker_that_falls_silent_is_given_up(one):
    one.says(ready=None)
    await asyncio.sleep(9)
    assert not one.outcome.done()

    with pytest.raises(errors.UnreadableFile):
        await asyncio.wait_for(one.outcome, 2)


@talk
async def test_a_sign_of_life_is_enough(one):
    one.says(ready=None)
    for number in range(9):
        await asyncio.sleep(9)
        one.says(read=[number, number])

    one.says(result=7)

    assert await one.outcome == 7


@talk
async def test_no_sign_of_life_helps_beyond_the_limit_of_time(one):
    one.says(ready=None)
    for number in range(11):
        await asyncio.sleep(9)
        one.says(read=[number, number])
    assert not one.outcome.done()

    with pytest.raises(errors.UnreadableFile):
        await asyncio.wait_for(one.outcome, 2)


@talk
async def test_an_error_of_who_listens_ends_the_job_and_is_theirs(one):
    def fall(_):
        raise ZeroDivisionError

    one.conversation._news = fall
    one.says(ready=None, news="a", result=7)

    with pytest.raises(ZeroDivisionError):
        await one.outcome


@talk
async def test_what_comes_after_its_caller_left_is_nobodys_concern(one):
    one.says(ready=None)
    await asyncio.sleep(0)
    one.outcome.cancel()
    with pytest.raises(asyncio.CancelledError):
        await one.outcome

    one.says(bug="KeyError < a.py:1 f")
    one.conversation.ended()

    assert one.conversation.over.cancelled()


def _logged(caplog, said):
    """What is in the log of a bug, as ``said`` by a worker."""

    async def test():
        one = Talk()
        one.says(ready=None, bug=said)
        with pytest.raises(errors.AppFailed):
            await one.outcome

    caplog.clear()
    run_at_once(test())
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    return record.getMessage()


@pytest.mark.parametrize(
    "place",
    [
        "KeyError < services/media/jobs/inspect.py:92 inspect < worker.py:1 work",
        "OSError ENOSPC < services/media/jobs/sound.py:70 write",
        "ValueError < <frozen importlib._bootstrap>:241 <module>",
        "_ArrayMemoryError < x.py:1 <lambda>",
        "PermissionError EACCES < error.py:354 av.error.err_check < files.py:1 opened",
    ],
)
def test_a_bug_is_logged_by_its_class_and_place(caplog, place):
    assert _logged(caplog, place) == f"a bug in the job Ask: {place}"


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("KeyError < a.py:1 f\nERROR all is lost", id="a line of its own"),
        pytest.param("KeyError < a.py:1 f\r", id="a carriage return"),
        pytest.param("KeyError < a.py:1 f\x1b[2J", id="a terminal's command"),
        pytest.param("KeyError < a.py:1 f\0", id="a zero"),
        pytest.param("sk-or-v1-0123456789abcdef", id="a key"),
        pytest.param("ak_canary", id="a key of the guide"),
        pytest.param("KeyError: 'ak_canary'", id="a message"),
        pytest.param("we went to the beach", id="what was said in the file"),
        pytest.param("KeyError < ключ.py:1 f", id="other letters"),
        pytest.param("KeyError" + " < a.py:1 f" * 500, id="very many places"),
        pytest.param("KeyError < " + "a" * 5000 + ".py:1 f", id="a very long place"),
        pytest.param("", id="nothing"),
        pytest.param(["KeyError < a.py:1 f"], id="a list"),
        pytest.param({"KeyError": 1}, id="an object"),
        pytest.param(None, id="null"),
    ],
)
def test_a_worker_cannot_put_anything_but_places_into_the_log(caplog, said):
    assert _logged(caplog, said) == "a bug in the job Ask: ?"


@talk
async def test_a_form_that_is_not_read_is_named(one):
    one.says(ready=None, fault="UnreadForm Lossless Audio")

    with pytest.raises(errors.UnreadForm) as raised:
        await one.outcome
    assert raised.value.facts == {"form": "Lossless Audio"}


def says_of_a_form(said, error):
    """A test of what becomes of a fault that is said so."""

    @talk
    async def test(one):
        one.says(ready=None, fault=said)

        with pytest.raises(error) as raised:
            await one.outcome
        assert raised.value.facts == {}

    return test


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("UnreadForm", errors.NotMedia),
        ("UnreadForm <b>now</b>", errors.NotMedia),
        ("UnreadForm A name that is far too long for one", errors.NotMedia),
        ("NotMedia Shorten", errors.NotMedia),
        ("Fire Shorten", errors.UnreadableFile),
    ],
)
def test_a_worker_that_was_taken_over_names_no_form(said, error):
    says_of_a_form(said, error)()
