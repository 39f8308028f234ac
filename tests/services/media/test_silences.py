"""Where a sound is silent, as it was measured."""

import dataclasses

import pytest

from services.media.jobs.silences import Silences
from services.media.values import MOST_SILENCES, Span


def found(marks, window_s=0.1):
    """The silences of windows: "." is silent; spaces lie between blocks."""
    silences, begin_s = Silences(), 0.0
    for block in marks.split():
        silences.take(begin_s, window_s, [mark == "." for mark in block])
        begin_s += len(block) * window_s
    return silences.found(begin_s)


@pytest.mark.parametrize(
    ("marks", "spans"),
    [
        ("##########", ()),
        ("....................", (Span(0.0, 2.0),)),
        ("###..........###", (Span(0.3, 1.3),)),
        ("###.........###", ()),
        ("#####..... .....#", (Span(0.5, 1.5),)),
        ("#............", (Span(0.1, 1.3),)),
        ("............#............", (Span(0.0, 1.2), Span(1.3, 2.5))),
    ],
)
def test_stretches_of_a_second_and_more_are_found_across_blocks(marks, spans):
    assert found(marks) == spans


def test_of_too_many_the_longest_are_kept_in_order():
    spans = found(("#" + "." * 11) * MOST_SILENCES + "#" + "." * 20 + "#" + "." * 10)

    assert len(spans) == MOST_SILENCES
    assert spans[-1] == Span(pytest.approx(153.7), pytest.approx(155.7))
    assert [dataclasses.astuple(one) for one in spans] == sorted(map(dataclasses.astuple, spans))
