"""The tables of jobs: each request is what its function gets, each result what it gives."""

import dataclasses
import importlib
import inspect
import typing

import pytest

from services.media.jobs import table
from services.media.workshop.job import Job, Limits, adapter, types_of
from services.media.workshop.worker import Teller, jobs_in

TABLES = ("services.media.jobs.table", "services.offline_api.jobs")
JOBS = [job for table in TABLES for job in jobs_in(table).values()]


def _name(job):
    return job.__name__


def _misfits(job):
    """What of the function of ``job`` is not as the job says."""
    module, _, name = job.function.partition(":")
    function = getattr(importlib.import_module(module), name)
    hints = typing.get_type_hints(function)
    result, _ = types_of(job)
    request, teller = inspect.signature(function).parameters
    found = {"request": hints[request], "teller": hints[teller], "result": hints["return"]}
    said = {"request": job, "teller": Teller, "result": type(None) if result is None else result}
    return {name for name in said if said[name] != found[name]}


def test_every_job_of_the_house_is_here():
    assert {_name(job) for job in JOBS} == {
        *("Inspect", "Rewrap", "ToAudio", "ToMp4", "Cut", "Samples", "Frames", "Unpack"),
        "Transcribe",
    }


@pytest.mark.parametrize("job", JOBS, ids=_name)
def test_a_function_takes_and_gives_what_its_job_says(job):
    assert _misfits(job) == set()


@pytest.mark.parametrize("job", JOBS, ids=_name)
def test_a_job_is_a_frozen_value_with_limits(job):
    assert job.__dataclass_params__.frozen
    assert isinstance(job.limits, Limits)
    assert job.limits.silence_s < job.limits.wall_s


def test_what_looks_at_a_file_may_write_nothing():
    assert table.Inspect.limits.output_bytes == 0


def test_what_is_slow_once_is_done_before_the_first_file(monkeypatch):
    looked = []
    monkeypatch.setattr("services.media.jobs.inspect.warm_up", lambda: looked.append(True))
    table.warm_up()
    assert looked


@pytest.mark.parametrize("job", JOBS, ids=_name)
def test_all_that_is_said_of_a_job_can_be_sent_to_a_process(job):
    for kind in (job, *types_of(job)):
        assert adapter(kind).json_schema()


def test_the_types_of_a_job_are_those_it_derives_with():
    @dataclasses.dataclass(frozen=True)
    class Ask(Job[int, str]):
        pass

    class Tight(Ask):
        pass

    assert types_of(Ask) == types_of(Tight) == (int, str)


def right(job: "Wrong", tell: Teller) -> int:
    """What a job with a number as its result would name."""
    return tell and job.number


def wrong_result(job: "Wrong", tell: Teller) -> str:
    return str(right(job, tell))


def wrong_request(job: int, tell: Teller) -> int:
    return job if tell else 0


def wrong_teller(job: "Wrong", tell: int) -> int:
    return job.number + tell


@dataclasses.dataclass(frozen=True, slots=True)
class Wrong(Job[int, None]):
    number: int


@pytest.mark.parametrize(
    ("function", "misfits"),
    [
        (right, set()),
        (wrong_result, {"result"}),
        (wrong_request, {"request"}),
        (wrong_teller, {"teller"}),
    ],
)
def test_a_function_of_other_types_is_noticed(monkeypatch, function, misfits):
    monkeypatch.setattr(Wrong, "function", f"{__name__}:{function.__name__}", raising=False)

    assert _misfits(Wrong) == misfits
