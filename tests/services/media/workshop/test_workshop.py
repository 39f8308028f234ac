"""A process for every piece of work on a stranger's file."""

import asyncio
import contextlib
import errno
import fcntl
import logging
import os
import signal
import socket
import subprocess
import sys
import tracemalloc
from pathlib import Path

import anyio
import pytest

from services import errors
from services.media.jobs.table import Inspect
from services.media.workshop.anew import Anew
from services.media.workshop.forks import Forks
from services.media.workshop.job import MEGABYTE, Read
from services.media.workshop.workshop import Workshop
from services.media.workshop.zygote import Forked
from tests.services.media import usage
from tests.services.media.workshop import naughty_jobs as jobs
from tests.services.media.workshop.processes import PATIENCE_S, is_alive, until

JOBS = jobs.__name__
ROOT = Path(__file__).parents[4]
ECHO = jobs.Echo({"слово": [1.0, None, 0.5]})

pytestmark = pytest.mark.anyio

#: The workers of other tests' workshops in this process.
_OTHERS = set()


@pytest.fixture(autouse=True)
def _others():
    _OTHERS.clear()
    _OTHERS.update(usage.workers())


def workers():
    """The workers at work for this test."""
    return usage.workers() - _OTHERS


@pytest.fixture(scope="module")
def shop():
    """A workshop for naughty jobs, in forks."""
    with Workshop(JOBS, starter=Forked) as shop:
        yield shop


@pytest.fixture(scope="module", params=[Forked, Anew], ids=["forked", "started anew"])
def either(request):
    """A workshop for naughty jobs, of either kind."""
    with Workshop(JOBS, starter=request.param) as shop:
        yield shop


async def _works(shop):
    """Whether the next file is worked on as if nothing had happened."""
    return await shop.do(ECHO) == ECHO.value


@contextlib.asynccontextmanager
async def _at_work(shop, job, **more):
    """A running job, and the first number it tells: a process id."""
    told = asyncio.Queue()
    running = asyncio.ensure_future(shop.do(job, news=told.put_nowait, **more))
    async with asyncio.timeout(PATIENCE_S):
        process = await told.get()
    try:
        yield process, running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _files(shop):
    """How many files the process that forks has open."""
    return len(list(Path(f"/proc/{shop._starter._process.pid}/fd").iterdir()))


# What holds whichever way processes are started.


async def test_a_job_gives_its_result(either):
    assert await either.do(ECHO) == ECHO.value


async def test_a_job_tells_its_news_in_order(either):
    told = []

    assert await either.do(jobs.Count(50), news=told.append) == "counted"

    assert told == list(range(50))


async def test_a_job_tells_how_far_it_has_read(either):
    told = []

    await either.do(jobs.Far(), read=told.append)

    assert told == [Read(12.5, 98_304)]


async def test_nobody_has_to_listen(shop):
    assert await shop.do(jobs.Count(3)) == "counted"


async def test_every_job_has_a_process_of_its_own(either):
    ids = [await either.do(jobs.Answer()) for _ in range(3)]

    assert len({*ids, os.getpid()}) == 4


async def test_what_a_job_prints_is_no_reply(either):
    assert await either.do(jobs.Chat()) == "the result"


async def test_a_job_may_say_that_the_file_is_at_fault(either):
    with pytest.raises(errors.NoSound):
        await either.do(jobs.Blame("NoSound"))

    assert await _works(either)


async def test_what_is_no_fault_of_the_file_is_ours(either):
    with pytest.raises(errors.AppFailed):
        await either.do(jobs.Trip("KeyError", "a canary"))

    assert await _works(either)


async def test_there_is_too_much_inside_a_file_whose_job_eats_all_memory(either):
    with anyio.fail_after(PATIENCE_S), pytest.raises(errors.TooMuchInside):
        await either.do(jobs.Eat())

    assert await _works(either)


@pytest.mark.parametrize(
    "job",
    [jobs.Leave(), jobs.Segfault(), jobs.Abort(), jobs.Burn()],
    ids=lambda job: type(job).__name__,
)
async def test_a_file_is_unreadable_when_its_job_ends_without_a_word(shop, job):
    with anyio.fail_after(PATIENCE_S), pytest.raises(errors.UnreadableFile):
        await shop.do(job)

    assert await _works(shop)


async def test_a_file_that_crashes_a_decoder_is_unreadable(either):
    with anyio.fail_after(PATIENCE_S), pytest.raises(errors.UnreadableFile):
        await either.do(jobs.Segfault())

    assert await _works(either)


@pytest.mark.parametrize("job", [jobs.WaitTooLong(), jobs.FallSilent()], ids=["too long", "silent"])
async def test_a_job_that_never_ends_is_ended(either, job):
    async with _at_work(either, job) as (process, running):
        with anyio.fail_after(PATIENCE_S), pytest.raises(errors.UnreadableFile):
            await running

    await until(lambda: not is_alive(process))


async def test_a_job_that_goes_on_reading_is_not_silent(shop):
    told = []

    await shop.do(jobs.Mumble(pause_s=0.5, to=5), read=told.append)

    assert [one.seconds for one in told] == list(range(5))


async def test_what_a_job_started_ends_with_it(either):
    async with _at_work(either, jobs.KeepAChild()) as (child, _):
        assert is_alive(child)

    await until(lambda: not is_alive(child))


async def test_a_job_ends_when_its_caller_is_cancelled(either):
    async with _at_work(either, jobs.Wait()) as (process, running):
        assert is_alive(process)

        running.cancel()

        with pytest.raises(asyncio.CancelledError):
            await running
        await until(lambda: not is_alive(process))
    assert await _works(either)


async def test_a_job_may_do_no_more_than_it_must(either, tmp_path):
    assert await either.do(jobs.Restrictions(tmp_path / "out")) == {
        "mode": [0o600],
        "processors": [min(2, len(os.sched_getaffinity(0)))],
        "open files": [32, 32],
        "core": [0, 0],
    }


async def test_a_worker_sees_nothing_of_our_environment(monkeypatch):
    monkeypatch.setenv("EXTERNAL_API_KEY", "ak_canary")
    monkeypatch.setenv("HOME", "/home/canary")
    for starter in (Forked, Anew):
        with Workshop(JOBS, starter=starter) as shop:
            seen = await shop.do(jobs.Environment())

        assert seen.pop("PATH") == ""
        # Python sets the last one itself where there is no locale.
        kept = {"LD_LIBRARY_PATH", "OPENBLAS_NUM_THREADS", "MALLOC_ARENA_MAX", "LC_CTYPE"}
        assert set(seen) <= kept


@pytest.mark.parametrize("starter", [Forked, Anew])
async def test_a_worker_gets_ready_once_with_what_it_is_given(starter):
    with Workshop(JOBS, given="a model", starter=starter) as shop:
        assert await shop.do(jobs.Given()) == ["a model"]


@pytest.mark.parametrize("starter", [Forked, Anew])
async def test_a_worker_that_cannot_get_ready_is_our_bug_and_no_message_is_told(caplog, starter):
    with (
        Workshop(JOBS, given="what nobody can get ready for", starter=starter) as shop,
        pytest.raises(errors.AppFailed),
    ):
        await shop.do(jobs.Given())

    assert "ValueError < " in caplog.text
    assert "nobody" not in caplog.text


async def test_a_worker_made_ahead_does_the_next_job_and_another_takes_its_place():
    with Workshop(JOBS, ahead=1, starter=Forked) as shop:
        await until(workers)
        [first] = workers()
        assert await shop.do(jobs.Answer()) == int(first)
        await until(lambda: len(workers()) == 1 and workers() != {first})
        [second] = workers()
        assert await shop.do(jobs.Answer()) == int(second)

    await until(lambda: not workers())


async def test_a_worker_made_ahead_that_has_died_is_given_nothing_to_do():
    with Workshop(JOBS, ahead=1, starter=Forked) as shop:
        await until(workers)
        [spare] = workers()
        os.kill(int(spare), signal.SIGKILL)
        await until(lambda: not is_alive(int(spare)))
        assert await _works(shop)


async def test_no_process_is_left_of_jobs_that_are_done(either):
    done = [await either.do(jobs.Answer()) for _ in range(2)]

    await until(lambda: not any(map(is_alive, done)))


async def test_a_job_that_is_done_is_buried(shop):
    """The process that forks keeps no list of the dead, nor their pipes."""
    for _ in range(3):
        await shop.do(jobs.Answer())

    await until(lambda: not workers())
    before = _files(shop)
    await shop.do(jobs.Answer())
    await until(lambda: not workers() and _files(shop) == before)


@pytest.mark.parametrize("starter", [Forked, Anew])
async def test_the_app_has_failed_when_a_worker_does_not_come_up(caplog, starter):
    with (
        Workshop("tests.services.media.workshop.no_such_jobs", starter=starter) as shop,
        anyio.fail_after(PATIENCE_S),
        pytest.raises(errors.AppFailed),
    ):
        await shop.do(ECHO)

    assert "the worker for Echo did not come up" in caplog.text


async def test_the_app_has_failed_when_there_is_no_python(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/there/is/no/python")
    with (
        Workshop(JOBS, starter=Anew) as shop,
        anyio.fail_after(PATIENCE_S),
        pytest.raises(errors.AppFailed),
    ):
        await shop.do(ECHO)


# What a job may say of an error.


@pytest.mark.parametrize(
    "fault",
    [
        *("EmptyFile", "NotMedia", "UnreadableFile", "TooMuchInside"),
        *("NoSound", "NoPicture", "BadTrim"),
    ],
)
async def test_a_job_may_blame_the_file(shop, fault):
    with pytest.raises(getattr(errors, fault)):
        await shop.do(jobs.Blame(fault))


@pytest.mark.parametrize("fault", ["FileTooLarge", "MissingKey", "InputError"])
async def test_a_job_may_not_blame_what_no_file_is_at_fault_for(shop, fault):
    with pytest.raises(errors.UnreadableFile):
        await shop.do(jobs.Blame(fault))


@pytest.mark.parametrize(
    ("kind", "known"),
    [("KeyError", "KeyError"), ("ValueError", "ValueError"), ("OSError", "OSError ENOSPC")],
)
async def test_the_log_names_class_and_place_of_a_bug_and_not_its_message(
    shop, caplog, kind, known
):
    with pytest.raises(errors.AppFailed) as failed:
        await shop.do(jobs.Trip(kind, "a canary"))

    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert f"the job Trip: {known} < tests/services/media/workshop/naughty_jobs.py:" in caplog.text
    assert "trip < services/media/workshop/worker.py:" in caplog.text
    assert "canary" not in caplog.text + str(failed.value)


@pytest.mark.parametrize("job", [jobs.WrongResult(), jobs.WrongNews()], ids=["result", "news"])
async def test_a_job_that_gives_what_it_does_not_say_is_our_fault(shop, job):
    with pytest.raises(errors.AppFailed):
        await shop.do(job)


# A worker that was taken over, and says what it likes.

SAID = {
    "bytes that are no text": b"\xff\xfe\n",
    "no JSON": b"hello\n",
    "a bare number": b"1\n",
    "two things at once": b'{"result":1,"news":2}\n',
    "something deeply nested": b"[" * 50_000 + b"\n",
    "a number of many digits": b"9" * 50_000 + b"\n",
    "a fault there is not": b'{"fault":"Fire"}\n',
    "a fault of nothing in particular": b'{"fault":"InputError"}\n',
    "a fault it cannot know": b'{"fault":"FileTooLarge"}\n',
    "a fault that is a list": b'{"fault":["NotMedia"]}\n',
    "a result of another type": b'{"result":{"container":1}}\n',
    "news of another type": b'{"news":"many"}\n',
    "that it has read nonsense": b'{"read":["far",null]}\n',
}


@pytest.mark.parametrize("said", SAID.values(), ids=SAID.keys())
async def test_a_file_is_unreadable_whose_worker_says(shop, said):
    with anyio.fail_after(PATIENCE_S), pytest.raises(errors.UnreadableFile):
        await shop.do(jobs.Say(said.hex()))

    assert await _works(shop)


@pytest.mark.parametrize("job", [jobs.SayWithoutEnd(), jobs.TellWithoutEnd()], ids=["line", "news"])
async def test_talk_without_an_end_does_not_fill_the_memory(shop, job):
    async with _at_work(shop, job) as (process, running):
        tracemalloc.start()
        try:
            with anyio.fail_after(PATIENCE_S), pytest.raises(errors.UnreadableFile):
                await running
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert peak < 32 * MEGABYTE
    await until(lambda: not is_alive(process))


async def test_talk_without_an_end_keeps_nobody_else_waiting(shop):
    """However fast it talks: each of its lines is a turn of the event loop at most."""
    async with _at_work(shop, jobs.SayWithoutEnd(), visitor="one") as (_, running):
        with pytest.raises(errors.UnreadableFile):
            await asyncio.gather(running, shop.do(ECHO, visitor="two"))


@pytest.mark.parametrize("away", [False, True], ids=["in its session", "in another session"])
async def test_a_child_that_keeps_the_pipe_keeps_nobody_waiting(shop, away):
    async with _at_work(shop, jobs.LeaveAChild(away)) as (child, running):
        try:
            with anyio.fail_after(PATIENCE_S), pytest.raises(errors.UnreadableFile):
                await running

            assert await _works(shop)
            if not away:
                await until(lambda: not is_alive(child))
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)


async def test_a_job_cannot_write_more_than_the_limit(shop, tmp_path):
    job = jobs.Scribble(tmp_path / "out")

    with pytest.raises(errors.AppFailed):
        await shop.do(job)

    assert 0 < job.out.stat().st_size <= job.limits.output_bytes


async def test_a_worker_has_no_file_but_its_pipes(shop):
    async with _at_work(shop, jobs.Wait(), visitor="one"):
        assert await shop.do(jobs.OpenFiles(), visitor="two") == [0, 1, 2, 3]


async def test_no_result_is_lost_whose_worker_is_gone_at_once(shop):
    """It has said it and has ended before anybody came to read it, again and again."""
    said = b'{"result":7}\n'.hex()
    answers = []

    async def ask(visitor):
        for _ in range(100):
            answers.append(await shop.do(jobs.SayAndLeave(said), visitor=visitor))  # noqa: PERF401

    async with asyncio.TaskGroup() as group:
        for number in range(4):
            group.create_task(ask(str(number)))

    assert answers == [7] * 400


@pytest.mark.parametrize("more", [0, 5000], ids=["few words", "more than is read at a time"])
async def test_what_a_worker_said_last_is_read_when_its_end_is_noticed_first(monkeypatch, more):
    loop = asyncio.get_running_loop()
    said = b'{"ready":null}\n' + b'{"read":[1.0,2]}\n' * more + b'{"result":7}\n'

    def fork(pipes):
        says, lives = map(os.dup, pipes[1:])

        def end():
            os.close(lives)
            fcntl.fcntl(says, fcntl.F_SETPIPE_SZ, MEGABYTE)
            os.write(says, said)
            os.close(says)

        loop.call_soon(end)  # once both are waited for
        return 1

    with Workshop(JOBS) as shop:
        monkeypatch.setattr(shop._starter, "_send", fork)

        assert await shop.do(jobs.Answer()) == 7


# Whose turn it is, and how the processes end.


@pytest.mark.parametrize(("cores", "places"), [(None, 2), (1, 2), (4, 4), (64, 8)])
def test_there_are_as_many_places_as_processors_within_reason(monkeypatch, cores, places):
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    with Workshop(JOBS, starter=Anew) as shop:
        assert shop._lanes._short.places == shop._lanes._long.places == places


async def test_jobs_wait_for_their_turn():
    at_work, longest = set(), 0

    def told(process):
        nonlocal longest
        at_work.add(process)
        longest = max(longest, len([one for one in at_work if is_alive(one)]))

    with Workshop(JOBS, 2) as shop:
        async with anyio.create_task_group() as tasks:
            for number in range(4):

                async def hold(visitor=str(number)):
                    with contextlib.suppress(errors.UnreadableFile):
                        await shop.do(jobs.Wait(), visitor=visitor, is_long=True, news=told)

                tasks.start_soon(hold)
            await until(lambda: len(at_work) == 2)
            os.kill(next(iter(at_work)), signal.SIGKILL)
            await until(lambda: len(at_work) == 3)
            tasks.cancel_scope.cancel()

    assert longest == 2


async def test_a_job_whose_caller_left_before_its_turn_is_never_done(tmp_path):
    note = tmp_path / "note"
    with Workshop(JOBS, 1) as shop:
        async with _at_work(shop, jobs.Wait(), is_long=True):
            waiting = asyncio.ensure_future(shop.do(jobs.Wait(note), is_long=True))
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting

        assert await _works(shop)
    assert not note.exists()


async def test_short_work_is_done_while_long_work_fills_the_house():
    """A fifth job beside four that never end."""
    with Workshop(JOBS, 2) as shop:
        async with contextlib.AsyncExitStack() as stack:
            for visitor in "ab":
                await stack.enter_async_context(
                    _at_work(shop, jobs.Wait(), visitor=visitor, is_long=True)
                )
            waiting = [
                asyncio.ensure_future(shop.do(jobs.Wait(), visitor=visitor, is_long=True))
                for visitor in "cd"
            ]

            with anyio.fail_after(PATIENCE_S):
                assert await shop.do(ECHO, visitor="e") == ECHO.value

            for one in waiting:
                assert not one.done()
                one.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)


async def test_who_waits_for_a_place_hears_their_number():
    numbers = []
    with Workshop(JOBS, 1) as shop:
        async with _at_work(shop, jobs.Wait(), is_long=True):
            waiting = asyncio.ensure_future(
                shop.do(jobs.Count(1), is_long=True, waiting=numbers.append)
            )
            await until(lambda: numbers)
        await waiting

    assert numbers == [1]


async def test_the_next_job_works_when_the_process_that_forks_was_killed(shop):
    first = await shop.do(jobs.Answer())
    forks = shop._starter._process.pid
    os.kill(forks, signal.SIGKILL)
    await until(lambda: not is_alive(forks))

    second = await shop.do(jobs.Answer())

    assert first != second


async def test_jobs_whose_forking_process_is_killed_blame_no_file():
    with Workshop(JOBS) as shop:
        async with _at_work(shop, jobs.Wait()) as (process, running):
            os.kill(shop._starter._process.pid, signal.SIGKILL)

            with anyio.fail_after(PATIENCE_S), pytest.raises(errors.AppFailed):
                await running
            await until(lambda: not is_alive(process))


def test_a_fork_that_fails_ends_one_job_and_not_the_process_that_forks(monkeypatch):
    def no_memory():
        raise BlockingIOError(errno.EAGAIN, "too many processes")

    monkeypatch.setattr(os, "fork", no_memory)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        alive, lives = os.pipe()
        forks = Forks(lambda: None, theirs)
        forks._fork(1, os.open(os.devnull, os.O_RDONLY), os.open(os.devnull, os.O_WRONLY), lives)

        assert os.read(alive, 1) == b""  # whoever waits sees that there is no worker
        assert forks._workers == {}
        os.close(alive)


async def test_closing_ends_the_process_that_forks():
    with Workshop(JOBS) as shop:
        forks = shop._starter._process.pid
        assert is_alive(forks)

    assert not is_alive(forks)


async def test_closing_ends_the_jobs_that_are_at_work():
    with Workshop(JOBS) as shop:
        at_work = _at_work(shop, jobs.Wait())
        process, running = await at_work.__aenter__()

    with anyio.fail_after(PATIENCE_S), pytest.raises(errors.AppFailed):
        await running
    await until(lambda: not is_alive(process))


async def test_a_job_that_still_waits_for_its_turn_fails_on_closing():
    with Workshop(JOBS, 1) as shop:
        at_work = _at_work(shop, jobs.Wait(), is_long=True)
        await at_work.__aenter__()
        waiting = asyncio.ensure_future(shop.do(ECHO, is_long=True))
        await asyncio.sleep(0)
    await at_work.__aexit__(None, None, None)

    with anyio.fail_after(PATIENCE_S), pytest.raises(errors.AppFailed):
        await waiting


async def test_no_process_is_started_after_closing():
    with Workshop(JOBS) as shop:
        forks = shop._starter._process

    with pytest.raises(errors.AppFailed):
        await shop.do(ECHO)

    assert shop._starter._process is forks
    assert not is_alive(forks.pid)


def _start_parent(job):
    """Another process with a workshop in it, which prints the number that ``job`` tells."""
    code = (
        "import asyncio\n"
        f"from {JOBS} import {job} as job\n"
        "from services.media.workshop.workshop import Workshop\n"
        f"with Workshop({JOBS!r}) as shop:\n"
        "    print(shop._starter._process.pid, flush=True)\n"
        "    asyncio.run(shop.do(job(), news=lambda told: print(told, flush=True)))\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("job", ["Wait", "BurnOn", "KeepAChild", "HoldTheInterpreter"])
async def test_everything_ends_with_the_process_that_started_it(job):
    with _start_parent(job) as parent:
        processes = [int(parent.stdout.readline()) for _ in range(2)]
        assert all(map(is_alive, processes))

        parent.kill()

    await until(lambda: not any(map(is_alive, processes)))


def test_what_meets_a_file_first_may_use_less_than_500_megabytes():
    """A warm worker has 50 MB; what a job adds is less than its address space."""
    assert Inspect.limits.memory_bytes + 50 * MEGABYTE < 500 * MEGABYTE
    assert Inspect.limits.output_bytes == 0
    assert Inspect.limits.silence_s < 10
