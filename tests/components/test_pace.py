"""Events in batches."""

import asyncio
import contextlib

import pytest
from components.pace import TICK_S, paced

from tests.clock import run_at_once


async def batches_of(events, interval_s=0.1):
    return [batch async for batch in paced(events, lambda: interval_s)]


def now():
    return asyncio.get_running_loop().time()


def test_all_events_come_in_order_and_once():
    async def events():
        for number in range(100):
            yield number
            if number % 7 == 0:
                await asyncio.sleep(0.03)

    async def test():
        batches = await batches_of(events())
        assert [number for batch in batches for number in batch] == list(range(100))
        assert 2 <= len(batches) <= 10

    run_at_once(test())


def test_events_that_come_together_make_one_batch():
    async def events():
        for number in range(5):
            yield number

    async def test():
        assert await batches_of(events()) == [[0, 1, 2, 3, 4]]

    run_at_once(test())


def test_the_first_event_comes_at_once_and_the_next_after_the_interval():
    async def events():
        for number in range(3):
            yield number
            await asyncio.sleep(0.01)
        await asyncio.sleep(5)

    async def test():
        began = now()
        async with contextlib.aclosing(paced(events(), lambda: 0.5)) as batches:
            assert await anext(batches) == [0]
            assert now() - began < 0.01
            assert await anext(batches) == [1, 2]
            assert now() - began == pytest.approx(0.5, abs=0.05)

    run_at_once(test())


def test_the_interval_is_asked_for_anew_each_time():
    intervals = iter([0.2, 0.8, 9, 9, 9])

    async def events():
        for number in range(200):
            yield number
            await asyncio.sleep(0.01)

    async def test():
        began = now()
        at = [now() - began async for _ in paced(events(), lambda: next(intervals))]
        assert at == pytest.approx([0, 0.2, 1.0, 2.0], abs=0.05)

    run_at_once(test())


def test_the_last_event_does_not_wait_for_the_interval():
    async def events():
        yield 1
        await asyncio.sleep(0.2)
        yield 2

    async def test():
        began = now()
        assert await batches_of(events(), interval_s=60) == [[1], [2]]
        assert now() - began == pytest.approx(0.2, abs=0.05)

    run_at_once(test())


def test_while_nothing_happens_empty_batches_keep_the_page_alive():
    async def events():
        await asyncio.sleep(3.5 * TICK_S)
        yield 1

    async def test():
        assert await batches_of(events(), interval_s=0) == [[], [], [], [1]]

    run_at_once(test())


def test_no_events_make_no_batch():
    async def events():
        return
        yield

    async def test():
        assert await batches_of(events()) == []

    run_at_once(test())


def test_an_error_comes_after_the_events_before_it():
    async def events():
        yield 1
        await asyncio.sleep(0.01)
        yield 2
        raise ValueError("it broke")

    async def test():
        batches = paced(events(), lambda: 0.5)
        assert await anext(batches) == [1]
        assert await anext(batches) == [2]
        with pytest.raises(ValueError, match="it broke"):
            await anext(batches)

    run_at_once(test())


def test_an_error_at_once_is_raised():
    async def events():
        raise ValueError("it broke")
        yield

    async def test():
        with pytest.raises(ValueError, match="it broke"):
            await batches_of(events())

    run_at_once(test())


@pytest.mark.parametrize("events_first", [0, 1])
def test_closing_closes_the_source(events_first):
    closed = asyncio.Event()

    async def events():
        try:
            for number in range(events_first):
                yield number
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)  # tidying up may take a moment
            closed.set()

    async def test():
        batches = paced(events(), lambda: 0.1)
        assert len(await anext(batches)) == events_first
        await batches.aclose()
        assert closed.is_set()

    run_at_once(test())


def test_cancelling_who_waits_closes_the_source():
    closed = asyncio.Event()

    async def events():
        try:
            await asyncio.Event().wait()
            yield
        finally:
            closed.set()

    async def test():
        waiting = asyncio.create_task(batches_of(events()))
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert closed.is_set()

    run_at_once(test())
