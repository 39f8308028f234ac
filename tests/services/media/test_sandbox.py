"""A process for every piece of work on a stranger's file."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tracemalloc
from pathlib import Path

import anyio
import pytest
from services.media.limits import Limits, limits_of
from services.media.sandbox import Sandbox

from services import errors

JOBS = "tests.services.media.naughty_jobs"
ROOT = Path(__file__).parents[3]
MEGABYTE = 1024 * 1024
MEMORY = 300 * MEGABYTE
#: Only for what would never end; a busy machine may be slow.
PATIENCE_S = 120
TIGHT = Limits(memory_bytes=MEMORY, cpu_s=1, output_bytes=2 * MEGABYTE, wall_s=60)

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def box():
    """A sandbox with tight limits and one worker ahead."""
    with Sandbox(JOBS, TIGHT) as box:
        yield box


def _is_alive(pid):
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def _workers(memory_bytes):
    """Process ids of the workers that were given this much memory."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            command = (entry / "cmdline").read_bytes()
            if JOBS.encode() in command and f"[{memory_bytes},".encode() in command:
                found.add(int(entry.name))
    return {pid for pid in found if _is_alive(pid)}


async def _until(condition):
    with anyio.fail_after(PATIENCE_S):
        while not condition():  # noqa: ASYNC110  # processes tell nobody that they end
            await anyio.sleep(0.01)


async def _all_workers(count, memory_bytes):
    """Their process ids, once there are ``count``: a new one has no command line at first."""
    await _until(lambda: len(_workers(memory_bytes)) == count)
    return _workers(memory_bytes)


async def test_a_job_gives_its_result(box):
    assert await box.run("echo", value={"слово": [1, None, 0.5]}) == {"слово": [1, None, 0.5]}


async def test_a_job_tells_its_messages_in_order(box):
    assert [message async for message in box.stream("count", to=50)] == list(range(50))


async def test_run_drops_the_messages(box):
    assert await box.run("count", to=3) == "counted"


async def test_every_job_has_a_process_of_its_own(box):
    ids = [await box.run("process_id") for _ in range(3)]

    assert len({*ids, os.getpid()}) == 4


async def test_what_a_job_prints_is_no_reply(box):
    assert await box.run("chat") == "the result"


@pytest.mark.parametrize(
    "fault", ["EmptyFile", "NotMedia", "UnreadableFile", "TooMuchInside", "NoSound", "NoPicture"]
)
async def test_a_job_may_blame_the_file(box, fault):
    with pytest.raises(getattr(errors, fault)):
        await box.run("blame", fault=fault)


HOSTILE = {
    "ends without a word": ("leave", None),
    "raises what is no fault of the file": ("trip", None),
    "returns what is no JSON": ("unspeakable", None),
    "runs into a segmentation fault": ("segfault", None),
    "aborts": ("abort", None),
    "burns the processor": ("burn", None),
    "says bytes that are no text": ("say_bytes", b"\xff\xfe\n"),
    "says what is no JSON": ("say_bytes", b"hello\n"),
    "says a bare number": ("say_bytes", b"1\n"),
    "says two things at once": ("say_bytes", b'{"result":1,"message":2}\n'),
    "says something deeply nested": ("say_bytes", b"[" * 50_000 + b"\n"),
    "says a number of many digits": ("say_bytes", b"9" * 50_000 + b"\n"),
    "blames a fault there is not": ("say_bytes", b'{"fault":"Fire"}\n'),
    "blames nothing in particular": ("say_bytes", b'{"fault":"InputError"}\n'),
    "blames what it cannot know": ("say_bytes", b'{"fault":"FileTooLarge"}\n'),
    "blames a list": ("say_bytes", b'{"fault":["NotMedia"]}\n'),
    "says one line without an end": ("say_without_end", None),
    "tells without an end": ("tell_without_end", None),
}


@pytest.mark.parametrize(("job", "said"), HOSTILE.values(), ids=HOSTILE.keys())
async def test_a_file_is_unreadable_when_its_job(box, job, said):
    arguments = {} if said is None else {"said": said.hex()}

    with anyio.fail_after(PATIENCE_S), pytest.raises(errors.UnreadableFile):
        await box.run(job, **arguments)

    assert await box.run("echo", value="the next file") == "the next file"


async def test_there_is_too_much_inside_a_file_whose_job_eats_all_memory(box):
    with anyio.fail_after(PATIENCE_S), pytest.raises(errors.TooMuchInside):
        await box.run("eat")

    assert await box.run("echo", value="the next file") == "the next file"


async def test_a_job_cannot_write_more_than_the_limit(box, tmp_path):
    out = tmp_path / "out"

    with pytest.raises(errors.UnreadableFile):
        await box.run("scribble", out=str(out))

    assert 0 < out.stat().st_size <= TIGHT.output_bytes


async def test_a_job_that_never_ends_is_ended():
    with Sandbox(JOBS, Limits(wall_s=3), spare=0) as box:
        messages = box.stream("wait_for_ever")
        pid = await anext(messages)
        with anyio.fail_after(PATIENCE_S), pytest.raises(errors.UnreadableFile):
            await anext(messages)

    assert not _is_alive(pid)


async def test_a_job_that_falls_silent_is_ended():
    with Sandbox(JOBS, Limits(silence_s=1), spare=0) as box:
        messages = box.stream("wait_for_ever")
        pid = await anext(messages)
        with anyio.fail_after(PATIENCE_S), pytest.raises(errors.UnreadableFile):
            await anext(messages)

    assert not _is_alive(pid)


async def test_a_job_that_goes_on_telling_is_not_silent():
    with Sandbox(JOBS, Limits(silence_s=2), spare=0) as box:
        told = [number async for number in box.stream("mumble", pause_s=0.5, to=6)]

    assert told == list(range(6))


async def test_what_a_job_started_ends_with_it(box):
    async with contextlib.aclosing(box.stream("keep_a_child")) as messages:
        child = await anext(messages)
        assert _is_alive(child)

    await _until(lambda: not _is_alive(child))


@pytest.mark.parametrize("away", [False, True], ids=["in its session", "in another session"])
async def test_a_child_that_keeps_the_pipe_keeps_no_thread_of_ours(away):
    with Sandbox(JOBS, spare=0, at_once=1) as box:
        messages = box.stream("leave_a_child", away=away)
        child = await anext(messages)
        try:
            with anyio.fail_after(PATIENCE_S), pytest.raises(errors.UnreadableFile):
                await anext(messages)

            assert await box.run("echo", value=1) == 1
            if not away:
                await _until(lambda: not _is_alive(child))
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)


async def test_a_job_may_do_no_more_than_it_must(box, tmp_path):
    assert await box.run("restrictions", out=str(tmp_path / "out")) == {
        "mode": 0o600,
        "processors": min(2, len(os.sched_getaffinity(0))),
        "open files": [32, 32],
        "core": [0, 0],
    }


def test_what_meets_a_file_first_may_use_less_than_500_megabytes():
    """A warm worker has 45 MB; what a job adds is less than its address space."""
    assert limits_of("inspect").memory_bytes + 45 * MEGABYTE < 500 * MEGABYTE
    assert limits_of("inspect").output_bytes == 0
    assert limits_of("inspect").silence_s < 10


async def test_a_line_without_an_end_does_not_fill_the_memory(box):
    messages = box.stream("say_without_end")
    pid = await anext(messages)
    tracemalloc.start()
    try:
        with pytest.raises(errors.UnreadableFile):
            await anext(messages)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 32 * MEGABYTE
    await _until(lambda: not _is_alive(pid))


async def test_messages_that_nobody_reads_do_not_fill_the_memory(box):
    async with contextlib.aclosing(box.stream("tell_without_end")) as messages:
        pid = await anext(messages)

        await _until(lambda: not _is_alive(pid))


async def test_a_job_ends_when_its_messages_are_not_wanted_any_more(box):
    async with contextlib.aclosing(box.stream("wait_for_ever")) as messages:
        pid = await anext(messages)
        assert _is_alive(pid)

    await _until(lambda: not _is_alive(pid))


async def test_a_job_ends_when_its_caller_is_cancelled(box, tmp_path):
    note = tmp_path / "note"
    running = asyncio.ensure_future(box.run("wait_for_ever", note=str(note)))
    await _until(lambda: note.exists() and note.read_text("utf-8"))
    pid = int(note.read_text("utf-8"))

    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running
    await _until(lambda: not _is_alive(pid))
    assert await box.run("echo", value=1) == 1


async def test_jobs_wait_for_their_turn():
    memory = MEMORY + 6
    pids = []

    async def hold():
        with contextlib.suppress(errors.UnreadableFile):
            async for pid in box.stream("wait_for_ever"):
                pids.append(pid)  # noqa: PERF401  # one by one, while it runs

    with Sandbox(JOBS, Limits(memory), spare=0, at_once=2) as box:
        async with anyio.create_task_group() as tasks:
            for _ in range(4):
                tasks.start_soon(hold)
            await _until(lambda: len(pids) >= 2)
            at_work = _workers(memory)
            os.kill(pids[0], signal.SIGKILL)
            await _until(lambda: len(pids) >= 3)
            tasks.cancel_scope.cancel()

    assert at_work == set(pids[:2])


async def test_a_job_whose_caller_left_before_its_turn_is_never_done(tmp_path):
    note = tmp_path / "note"
    with Sandbox(JOBS, spare=0, at_once=1) as box:
        async with contextlib.aclosing(box.stream("wait_for_ever")) as messages:
            await anext(messages)
            waiting = asyncio.ensure_future(box.run("wait_for_ever", note=str(note)))
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting

        assert await box.run("echo", value=1) == 1
    assert not note.exists()


async def test_a_worker_sees_nothing_of_our_environment(monkeypatch):
    monkeypatch.setenv("EXTERNAL_API_KEY", "ak_canary")
    monkeypatch.setenv("HOME", "/home/canary")
    with Sandbox(JOBS, spare=0) as box:
        seen = await box.run("environment")

    assert seen.pop("PATH") == ""
    # Python sets the last one itself where there is no locale.
    assert set(seen) <= {"LD_LIBRARY_PATH", "OPENBLAS_NUM_THREADS", "MALLOC_ARENA_MAX", "LC_CTYPE"}


@pytest.mark.parametrize("spare", [0, 1])
async def test_the_app_has_failed_when_a_worker_does_not_come_up(caplog, spare):
    with (
        Sandbox("tests.services.media.no_such_jobs", spare=spare) as box,
        anyio.fail_after(PATIENCE_S),
        pytest.raises(errors.AppFailed),
    ):
        await box.run("echo", value=1)

    assert "tests.services.media.no_such_jobs" in caplog.text


async def test_the_app_has_failed_when_there_is_no_python(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/there/is/no/python")
    with (
        Sandbox(JOBS, spare=0) as box,
        anyio.fail_after(PATIENCE_S),
        pytest.raises(errors.AppFailed),
    ):
        await box.run("echo", value=1)


async def test_workers_are_started_ahead_and_used():
    memory = MEMORY + 1
    with Sandbox(JOBS, Limits(memory), spare=2) as box:
        ahead = await _all_workers(2, memory)
        used = await box.run("process_id")

        assert used in ahead
        assert used not in await _all_workers(2, memory)


async def test_a_worker_that_died_while_it_waited_is_not_used():
    memory = MEMORY + 2
    with Sandbox(JOBS, Limits(memory), spare=1) as box:
        (ahead,) = await _all_workers(1, memory)
        os.kill(ahead, signal.SIGKILL)
        await _until(lambda: not _is_alive(ahead))

        assert await box.run("process_id") != ahead


async def test_closing_ends_the_workers_that_wait():
    memory = MEMORY + 3
    with Sandbox(JOBS, Limits(memory), spare=2):
        await _all_workers(2, memory)

    assert _workers(memory) == set()


async def test_no_worker_is_started_ahead_after_closing():
    memory = MEMORY + 4
    with Sandbox(JOBS, Limits(memory), spare=1) as box:
        messages = box.stream("wait_for_ever")
        await anext(messages)
    await messages.aclose()

    await _until(lambda: _workers(memory) == set())


async def test_a_job_that_still_waits_for_its_turn_fails_on_closing():
    with Sandbox(JOBS, spare=0, at_once=1) as box:
        messages = box.stream("wait_for_ever")
        await anext(messages)
        waiting = asyncio.ensure_future(box.run("echo", value=1))
        await asyncio.sleep(0)
    async with contextlib.aclosing(messages):
        with anyio.fail_after(PATIENCE_S), pytest.raises(errors.AppFailed):
            await waiting


def _start_parent(memory, job=None):
    """Another process with a sandbox and two workers ahead in it, maybe one at work."""
    doing = "asyncio.run(main())" if job else "print('up', flush=True), input()"
    code = (
        "import asyncio\n"
        "from services.media.limits import Limits\n"
        "from services.media.sandbox import Sandbox\n"
        "async def main():\n"
        f"    async for pid in box.stream({job!r}): print(pid, flush=True)\n"
        f"with Sandbox({JOBS!r}, Limits({memory}), spare=2) as box: {doing}"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


async def test_the_workers_that_wait_end_with_the_process_that_started_them():
    memory = MEMORY + 5
    with _start_parent(memory) as parent:
        assert parent.stdout.readline() == "up\n"
        await _all_workers(2, memory)

        parent.kill()

    await _until(lambda: _workers(memory) == set())


@pytest.mark.parametrize("job", ["burn", "keep_a_child", "hold_the_interpreter"])
async def test_a_job_ends_with_the_process_that_started_it(job):
    memory = MEMORY + 7
    with _start_parent(memory, job) as parent:
        told = int(parent.stdout.readline())
        at_work = {*(await _all_workers(2, memory) if job != "keep_a_child" else ()), told}

        parent.kill()

    await _until(lambda: not any(map(_is_alive, at_work)))
