"""What came of all runs, in numbers."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from services import errors
from services.assistant import Ask, LocalFile
from services.assistant.metrics import Metrics
from services.assistant.report import Report
from services.media.workshop.lanes import Taken
from tests import making
from tests.capture import assistant_at, capturing, completion, http, nobody

pytestmark = pytest.mark.anyio

CANARY = "canary-of-a-visitor"
USAGE = {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9, "cost": 0.25}


def read(text):
    """Each number by its name and its labels."""
    return {
        (sample.name.removeprefix("show_and_tell_"), *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


async def numbers_of(workshop, tmp_path, answer):
    wav = making.write_sound(
        tmp_path / f"{CANARY}.wav", making.tone(0.3), container="wav", codec="pcm_s16le"
    )
    ask = Ask(LocalFile(wav, "audio"), CANARY, f"openai/{CANARY}", anyway=True)
    async with (
        capturing(answer) as server,
        assistant_at(server.base_url, workshop) as assistant,
    ):
        await assistant.run(ask, nobody)
        told = assistant.metrics()
    assert CANARY not in told.decode()
    return read(told)


async def test_a_run_that_is_answered_is_counted_with_what_it_took(workshop, tmp_path):
    answer = http(completion("Hi", usage=USAGE, model=CANARY), "application/json")
    numbers = await numbers_of(workshop, tmp_path, answer)
    assert numbers["runs_total", "answered", "audio"] == 1
    assert numbers["calls_total", "answered"] == 1
    assert numbers["tokens_total", "prompt"] == 7
    assert numbers["tokens_total", "completion"] == 2
    assert numbers["cost_usd_total",] == 0.25
    assert numbers["sent_bytes_total",] > 0
    assert numbers["phase_seconds_count", "wait"] == 1
    assert numbers["runs_under_way",] == 0


async def test_one_that_fails_is_counted_by_the_class_of_its_error(workshop, tmp_path):
    refused = http('{"error": {"message": "no"}}', "application/json", 401)
    numbers = await numbers_of(workshop, tmp_path, refused)
    assert numbers["runs_total", "KeyRejected", "audio"] == 1
    assert numbers["calls_total", "refused"] == 1


def test_what_goes_on_is_told_as_it_is():
    metrics = Metrics(lambda: 3, lambda: Taken(1, 2, 4))
    numbers = read(metrics.told())
    assert numbers["runs_under_way",] == 3
    assert [numbers[f"jobs_{one}",] for one in ("short", "long", "waiting")] == [1, 2, 4]


def test_what_was_never_sent_is_counted_too():
    metrics = Metrics(lambda: 0, lambda: Taken(0, 0, 0))
    metrics.add(None, Report.refused(errors.NoMedia(), "m"), 0)
    assert read(metrics.told())["runs_total", "NoMedia", "unknown"] == 1
