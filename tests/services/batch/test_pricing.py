"""What many files may cost is the sum of what each may, and what is not known is not in it."""

import zipfile
from types import SimpleNamespace

import pytest

from services import errors
from services.assistant import Costs
from services.batch import Question, price
from services.batch.pricing import MOST_PRICED

pytestmark = pytest.mark.anyio

ASKED = Question("What is said?", "openai/gpt-4o")


class Seer:
    """An assistant that knows what each file may cost; an error is raised."""

    def __init__(self, **costs):
        self.costs = costs
        self.asked = []

    async def forecast(self, ask, *, visitor, tell):
        self.asked.append((ask.media.path.name, ask.model, visitor))
        costs = self.costs.get(ask.media.path.stem, Costs(1.0, 2.0))
        if isinstance(costs, Exception):
            raise costs
        return SimpleNamespace(costs=costs)


@pytest.fixture
def files(tmp_path):
    def made(*names):
        for name in names:
            (tmp_path / name).write_bytes(b"sound")
        return [tmp_path / name for name in names]

    return made


async def priced(seer, files, **more):
    told = []
    return await price(seer, files, ASKED, told.append, **more), told


async def test_it_is_the_sum_of_all(files):
    seer = Seer(a=Costs(0.5, 1.0), b=Costs(0.25, 4.0))
    outcome, _ = await priced(seer, files("a", "b"), visitor="ann")
    assert (outcome.costs, outcome.is_known) == (Costs(0.75, 5.0), True)
    assert sorted(seer.asked) == [("a", "openai/gpt-4o", "ann"), ("b", "openai/gpt-4o", "ann")]


async def test_how_far_it_is_is_told_after_each(files):
    outcome, told = await priced(Seer(), files("a", "b", "c"))
    assert [one.looked for one in told] == [1, 2, 3]
    assert told[-1] == outcome


async def test_what_nobody_can_tell_is_counted_and_not_none(files):
    outcome, _ = await priced(Seer(b=None), files("a", "b"))
    assert (outcome.costs, outcome.unknown, outcome.is_known) == (Costs(1.0, 2.0), 1, False)


async def test_where_nobody_can_tell_of_any_there_is_no_sum(files):
    outcome, _ = await priced(Seer(a=None), files("a"))
    assert (outcome.costs, outcome.is_known) == (None, False)


async def test_what_cannot_be_sent_is_counted(files):
    outcome, _ = await priced(Seer(b=errors.NotMedia()), files("a", "b"))
    assert (outcome.costs, outcome.unread, outcome.is_known) == (Costs(1.0, 2.0), 1, False)


async def test_a_zip_is_not_looked_into(files, tmp_path):
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("c.mp3", "sound")
    seer = Seer()
    outcome, _ = await priced(seer, [*files("a"), tmp_path / "b.zip"])
    assert (outcome.zips, outcome.is_known) == (1, False)
    assert [name for name, *_ in seer.asked] == ["a"]


async def test_of_very_many_the_first_are_looked_at(files):
    names = [str(number) for number in range(MOST_PRICED + 3)]
    seer = Seer()
    outcome, _ = await priced(seer, files(*names))
    assert (len(seer.asked), outcome.left_out, outcome.is_known) == (MOST_PRICED, 3, False)


async def test_a_file_that_is_gone_is_told_so(files, tmp_path):
    with pytest.raises(errors.FileGone):
        await priced(Seer(), [*files("a"), tmp_path / "b"])
