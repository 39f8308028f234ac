"""A HAR is one by its specification, and has neither media nor a key in it."""

import dataclasses
import json
from datetime import UTC, datetime

import pytest

from services.assistant import Fault, Options, har, sent_call
from services.assistant.report import RunTimings
from services.external_api.transcription import transcription_request
from tests.services.assistant.code.calls import LINK, NASTY, URL, asked, report_of, sound

WHEN = datetime(2026, 8, 5, 14, 2, tzinfo=UTC)
#: The objects of http://www.softwareishard.com/blog/har-12-spec/ and the fields that each must
#: have, with their types. A list has things of one kind in it.
OBJECTS = {
    "log": {"version": str, "creator": "creator", "entries": ["entry"]},
    "creator": {"name": str, "version": str},
    "entry": {
        "startedDateTime": datetime,
        "time": float,
        "request": "request",
        "response": "response",
        "cache": "cache",
        "timings": "timings",
    },
    "request": {
        "method": str,
        "url": str,
        "httpVersion": str,
        "cookies": [],
        "headers": ["header"],
        "queryString": [],
        "postData": "postData",
        "headersSize": int,
        "bodySize": int,
    },
    "header": {"name": str, "value": str},
    "postData": {"mimeType": str, "params": [], "text": str},
    "response": {
        "status": int,
        "statusText": str,
        "httpVersion": str,
        "cookies": [],
        "headers": ["header"],
        "content": "content",
        "redirectURL": str,
        "headersSize": int,
        "bodySize": int,
    },
    "content": {"size": int, "mimeType": str},
    "cache": {},
    "timings": {"send": float, "wait": float, "receive": float},
}
#: Fields that may be there, too.
OPTIONAL = {"content": {"text": str, "comment": str}, "timings": {"connect": float}}


def check(value, name):
    """See that ``value`` is an object called ``name`` of the specification."""
    wanted = OBJECTS[name]
    allowed = wanted | OPTIONAL.get(name, {})
    assert wanted.keys() <= value.keys() <= allowed.keys(), name
    for field, kind in allowed.items():
        if field not in value:
            continue
        if isinstance(kind, str):
            check(value[field], kind)
        elif isinstance(kind, list):
            for one in value[field]:
                check(one, kind[0])
        elif kind is datetime:
            assert datetime.fromisoformat(value[field]).tzinfo is not None
        else:
            assert isinstance(value[field], (int, float) if kind is float else kind), field


def record(media=None, question="What?", **changes):
    media = media or sound()
    report = dataclasses.replace(report_of(asked(media, question), media), **changes)
    return json.loads(har(sent_call(report, question), report, WHEN))["log"]


def entry(*given, **changes):
    return record(*given, **changes)["entries"][0]


RUNS = {
    "a sound": {},
    "a link": {"media": LINK},
    "a nasty question": {"question": NASTY},
    "a failure": {"fault": Fault("ConnectionLost"), "text": ""},
    "nothing timed": {"timings_ms": RunTimings(None, None, None, None, None, 7.0, None)},
}


@pytest.mark.parametrize("given", RUNS.values(), ids=RUNS)
def test_it_is_one_by_the_specification(given):
    log = record(**given)
    assert log["version"] == "1.2"
    check(log, "log")


@pytest.mark.parametrize("given", RUNS.values(), ids=RUNS)
def test_its_time_is_the_sum_of_its_timings_that_are_known(given):
    one = entry(**given)
    assert one["time"] == sum(part for part in one["timings"].values() if part != -1)
    assert min(one["timings"][name] for name in ("send", "wait", "receive")) >= 0


def test_the_phases_are_those_of_the_run():
    assert entry()["timings"] == {"connect": 100, "send": 200, "wait": 300, "receive": 400}
    assert entry()["startedDateTime"] == "2026-08-05T14:02:00.050000+00:00"


def test_a_word_stands_where_the_base64_was():
    request = asked(sound())
    sent = entry()["request"]
    marked = request.head + b"(base64 of media.mp3)" + request.tail
    assert sent["postData"]["text"] == marked.decode()
    assert (sent["bodySize"], sent["url"]) == (request.content_length, URL)


def test_a_transcription_is_one_too():
    request = transcription_request("maker/model", sound(), Options())
    url = request.url_at("https://api.example/v1")
    report = report_of(request, sound(), url=url, endpoint=request.endpoint)
    log = json.loads(har(sent_call(report, "What?"), report, WHEN))["log"]
    check(log, "log")
    (one,) = log["entries"]
    assert one["request"]["url"] == "https://api.example/v1/audio/transcriptions"
    assert '"data":"(base64 of media.mp3)"' in one["request"]["postData"]["text"]


def test_the_key_is_redacted():
    headers = {one["name"]: one["value"] for one in entry()["request"]["headers"]}
    assert headers["Authorization"] == "Bearer $EXTERNAL_API_KEY"


def test_the_answer_is_in_it():
    assert entry()["response"]["content"]["text"] == "Hello"
    assert entry()["response"]["status"] == 200


def test_of_what_failed_no_status_is_made_up():
    assert entry(fault=Fault("ConnectionLost"))["response"]["status"] == 0
