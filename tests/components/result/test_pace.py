"""What a run tells, in batches."""

import asyncio
import contextlib

import pytest

from components.result.pace import ALL_PER_S, TICK_S, paced
from tests.clock import run_at_once


async def batches_of(run, interval_s=0.1):
    """The events of each batch, and the outcome."""
    batches = [batch async for batch in paced(run, lambda: interval_s)]
    assert [batch.outcome for batch in batches[:-1]] == [None] * (len(batches) - 1)
    return [list(batch.events) for batch in batches], batches[-1].outcome


def now():
    return asyncio.get_running_loop().time()


def test_all_events_come_in_order_and_once_and_then_the_outcome():
    async def run(tell):
        for number in range(100):
            tell(number)
            if number % 7 == 0:
                await asyncio.sleep(0.03)
        return "the end"

    async def test():
        batches, outcome = await batches_of(run)
        assert [number for batch in batches for number in batch] == list(range(100))
        assert 2 <= len(batches) <= 10
        assert outcome == "the end"

    run_at_once(test())


def test_the_first_event_comes_at_once_and_the_next_after_the_interval():
    async def run(tell):
        for number in range(3):
            tell(number)
            await asyncio.sleep(0.01)
        await asyncio.sleep(5)

    async def test():
        began = now()
        async with contextlib.aclosing(paced(run, lambda: 0.5)) as batches:
            assert (await anext(batches)).events == (0,)
            assert now() - began < 0.01
            assert (await anext(batches)).events == (1, 2)
            assert now() - began == pytest.approx(0.5, abs=0.05)

    run_at_once(test())


def test_the_interval_is_asked_for_anew_each_time():
    intervals = iter([0.2, 0.8, 9, 9, 9])

    async def run(tell):
        for number in range(200):
            tell(number)
            await asyncio.sleep(0.01)
        return "the end"

    async def test():
        began = now()
        at = [now() - began async for _ in paced(run, lambda: next(intervals))]
        assert at == pytest.approx([0, 0.2, 1.0, 2.0], abs=0.05)

    run_at_once(test())


def test_many_runs_together_have_no_more_batches_a_second_than_one_loop_can_give():
    many, for_s = 2 * ALL_PER_S, 10.0

    async def run(tell):
        while True:
            tell("a word")
            await asyncio.sleep(0.1)

    async def test():
        came, end = 0, now() + for_s

        async def follow(interval_s):
            nonlocal came
            async with contextlib.aclosing(paced(run, lambda: interval_s)) as batches:
                async for _ in batches:
                    if now() >= end:
                        break
                    came += 1

        await asyncio.gather(*(follow(0.05) for _ in range(many)))
        assert came <= ALL_PER_S * for_s + many  # the first of each comes at once
        came, end = 0, now() + for_s
        await follow(0.5)  # alone again
        assert came == pytest.approx(for_s / 0.5, abs=1)

    run_at_once(test())


def test_the_outcome_does_not_wait_for_the_interval():
    async def run(tell):
        tell(1)
        await asyncio.sleep(0.2)
        tell(2)
        return "the end"

    async def test():
        began = now()
        assert await batches_of(run, interval_s=60) == ([[1], [2]], "the end")
        assert now() - began == pytest.approx(0.2, abs=0.05)

    run_at_once(test())


def test_while_nothing_happens_empty_batches_keep_the_page_alive():
    async def run(tell):
        await asyncio.sleep(3.5 * TICK_S)
        tell(1)
        return "the end"

    async def test():
        assert await batches_of(run, interval_s=0) == ([[], [], [], [1]], "the end")

    run_at_once(test())


def test_an_outcome_at_once_is_the_only_batch():
    async def run(_):
        return "the end"

    async def test():
        assert await batches_of(run) == ([[]], "the end")

    run_at_once(test())


def test_what_a_run_raises_is_raised():
    async def run(tell):
        tell(1)
        await asyncio.sleep(0.01)
        raise ValueError("it broke")

    async def test():
        batches = paced(run, lambda: 0.5)
        assert (await anext(batches)).events == (1,)
        with pytest.raises(ValueError, match="it broke"):
            await anext(batches)

    run_at_once(test())


def test_a_run_that_somebody_else_cancels_ends_without_an_outcome():
    tasks = []

    async def run(tell):
        tasks.append(asyncio.current_task())
        tell(1)
        await asyncio.Event().wait()

    async def test():
        batches = paced(run, lambda: 0.1)
        assert (await anext(batches)).events == (1,)
        tasks[0].cancel()
        assert [batch async for batch in batches] == []

    run_at_once(test())


@pytest.mark.parametrize("events_first", [0, 1])
def test_closing_cancels_the_run(events_first):
    closed = asyncio.Event()

    async def run(tell):
        try:
            for number in range(events_first):
                tell(number)
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)  # tidying up may take a moment
            closed.set()

    async def test():
        batches = paced(run, lambda: 0.1)
        assert len((await anext(batches)).events) == events_first
        await batches.aclose()
        assert closed.is_set()

    run_at_once(test())


def test_cancelling_who_waits_cancels_the_run():
    closed = asyncio.Event()

    async def run(_):
        try:
            await asyncio.Event().wait()
        finally:
            closed.set()

    async def test():
        waiting = asyncio.create_task(batches_of(run))
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert closed.is_set()

    run_at_once(test())
