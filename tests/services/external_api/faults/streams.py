"""Event streams: unusual and yet good, failing amid the words, or never ending well."""

import gzip
import json
import zlib

from services.external_api import reading
from tests.capture import HELLO, completion, delta, http, sse
from tests.services.external_api.faults.cutting import EVENTS, NDJSON, without_end
from tests.services.external_api.faults.fault import Fault, fails, works
from tests.services.external_api.faults.sentences import (
    ANSWER_FILTERED,
    BAD_ANSWER,
    EMPTY_ANSWER,
    FAILED_ANSWER,
    INCOMPLETE_ANSWER,
    LIMIT_REACHED,
    TOOLS_WANTED,
    refusing,
    saying,
)

LETTERS = "Привет, 世界 \U0001f3a4 \u2028 next\u0085line"
BROKE = {"code": 502, "message": "it broke"}

#: Name → an event stream that says "Hello".
GOOD = {
    "plain": sse(*HELLO),
    "CRLF": sse(*HELLO).replace(b"\n", b"\r\n"),
    "CR": sse(*HELLO).replace(b"\n", b"\r"),
    "mixed line ends": sse(*HELLO).replace(b"\n\n", b"\r\n\r", 1),
    "BOM": b"\xef\xbb\xbf" + sse(*HELLO),
    "no space after data": sse(*HELLO).replace(b"data: ", b"data:"),
    "comments": b": OPENROUTER PROCESSING\n\n" + sse(*HELLO).replace(b"\n\n", b"\n\n:\n\n: x\n"),
    "other fields": sse(*HELLO).replace(b"data:", b"event: message\nid: 1\nretry: 5\ndata:"),
    "empty data": b"data:\n\ndata: \n\n" + sse(*HELLO),
    "data in two lines": sse(*HELLO).replace(b', "choices"', b',\ndata: "choices"'),
    "no [DONE]": sse(*HELLO, done=False),
    "no empty line at the end": sse(*HELLO, done=False).rstrip(),
    "no empty line behind [DONE]": sse(*HELLO).rstrip(),
    "content null first": sse(delta(None, model="m"), *HELLO),
    "usage last with no choices": sse(*HELLO, {"choices": [], "usage": {"cost": 1}}),
    "usage last with an empty delta": sse(*HELLO, delta("", usage={"cost": 1})),
    "words after [DONE]": sse(*HELLO) + sse(delta("!")),
    "an error after [DONE]": sse(*HELLO) + sse({"error": BROKE}),
    "nonsense after [DONE]": sse(*HELLO) + b"data: {\n\n",
}

#: Name → what comes after the first words, and what the API said.
ERRORS = {
    "an error alone": ({"error": BROKE}, "it broke"),
    "an error with no choices": ({"error": BROKE, "choices": []}, "it broke"),
    "an error beside choices": (delta("", finish_reason="error", error=BROKE), "it broke"),
    "an error beside words": (delta("lo", error=BROKE), "it broke"),
    "an error in a choice": ({"choices": [{"delta": {}, "error": BROKE}]}, "it broke"),
    "a code that is a string": (
        {"error": {"code": "server_error", "message": "it broke"}},
        "it broke",
    ),
    "a message beside error": ({"error": True, "message": "it broke"}, "it broke"),
    "a detail in error": ({"error": {"detail": "it broke"}}, "it broke"),
    "an error that is a string": ({"error": "it broke"}, "it broke"),
    "an error that is a list": ({"error": [BROKE]}, "it broke"),
    "metadata.raw": (
        {"error": {"message": "Provider returned error", "metadata": {"raw": "no GPU"}}},
        "Provider returned error: no GPU",
    ),
    "metadata.raw as JSON": (
        {"error": {"message": "no", "metadata": {"raw": {"why": "Нет"}}}},
        "no: why: Нет",
    ),
    "finish reason error": (delta("", finish_reason="error"), ""),
}


def ndjson(*payloads: object) -> bytes:
    """A line of JSON for each of ``payloads``."""
    return b"".join(json.dumps(one).encode() + b"\n" for one in payloads)


#: Name → what an answer in lines is called, and the answer, which says "Hello".
LINES = {
    "ndjson": (b"application/x-ndjson", ndjson(*HELLO)),
    "ndjson, with a charset": (b"application/x-ndjson; charset=utf-8", ndjson(*HELLO)),
    "jsonl": (b"application/jsonl", ndjson(*HELLO)),
    "text": (b"text/plain", ndjson(*HELLO)),
    "an event stream": (b"text/event-stream", ndjson(*HELLO)),
    "JSON": (b"application/json", ndjson(*HELLO)),
    "CRLF and empty lines": (b"application/jsonl", ndjson(*HELLO).replace(b"\n", b"\r\n\r\n")),
    "no line end at the end": (b"application/jsonl", ndjson(*HELLO).rstrip()),
    "[DONE] at the end": (b"application/jsonl", ndjson(delta("Hello"), delta("")) + b"[DONE]\n"),
    "a whole answer": (b"application/x-ndjson", completion("Hello").encode()),
    "a whole answer over several": (
        b"text/plain",
        json.dumps(json.loads(completion("Hello")), indent=2).encode(),
    ),
}


def _has(**parts: object) -> dict:
    """A chunk whose delta has ``parts`` and no content."""
    return {"choices": [{"index": 0, "delta": {"content": None, **parts}}]}


CALLS = [{"index": 0, "function": {"name": "get_weather", "arguments": "{"}}]
MORE = [
    {"index": 1, "function": {"name": "get_time"}},
    {"index": 0, "function": {"arguments": "}"}},
]
#: Name → the chunks of an answer without a word, and what a person is told.
WORDLESS = {
    "a refusal": (
        (_has(refusal="I cannot "), _has(refusal="do that."), delta("", finish_reason="stop")),
        refusing("I cannot do that."),
    ),
    "thoughts up to the limit": (
        (_has(reasoning="Hm. "), _has(reasoning="Well."), delta("", finish_reason="length")),
        LIMIT_REACHED,
    ),
    "tagged thoughts up to the limit": (
        (delta("<think>Hm. "), delta("Well.", finish_reason="length")),
        LIMIT_REACHED,
    ),
    "nothing up to the limit": ((delta("", finish_reason="length"),), LIMIT_REACHED),
    "nothing is left by a filter": ((delta("", finish_reason="content_filter"),), ANSWER_FILTERED),
    "tools alone": (
        (_has(tool_calls=CALLS), _has(tool_calls=MORE), delta("", finish_reason="tool_calls")),
        TOOLS_WANTED,
    ),
    # Who knows what a second try would bring.
    "thoughts alone": ((_has(reasoning="Hm."), delta("", finish_reason="stop")), EMPTY_ANSWER),
}


def events(stream: bytes) -> bytes:
    """An HTTP answer that is ``stream``."""
    return EVENTS + stream


def zipped(body: bytes, content_type: str = "text/event-stream", coding: str = "gzip") -> bytes:
    """An HTTP answer that is compressed, though nobody asked for it."""
    return http(body, content_type, 200, f"Content-Encoding: {coding}", "Connection: close")


def begun_gzip(body: bytes) -> bytes:
    """``body`` in a gzip that goes on, and is cut there."""
    packer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush(zlib.Z_SYNC_FLUSH)


def _failing(name: str, last: dict, message: str, *, done: bool) -> Fault:
    seen = saying(FAILED_ANSWER, message) if message else FAILED_ANSWER
    return fails(name, events(sse(HELLO[0], last, done=done)), seen, "Hel")


FAULTS = (
    *(works(f"stream: {name}", events(stream)) for name, stream in GOOD.items()),
    works(
        "stream: letters of many bytes", events(sse(delta(LETTERS, finish_reason="stop"))), LETTERS
    ),
    works(
        "stream: half a letter in each of two events",
        EVENTS + b'data: {"choices":[{"delta":{"content":"Hell\\ud83d"}}]}\n\n'
        b'data: {"choices":[{"delta":{"content":"\\ude00"}}]}\n\ndata: [DONE]\n\n',
        "Hell\U0001f600",
    ),
    *(
        works(
            f"stream: {content_type}",
            EVENTS.replace(b"text/event-stream", content_type.encode())
            + sse(delta("Привет", finish_reason="stop")),
            "Привет",
        )
        for content_type in (
            "text/event-stream; charset=utf-8",
            "Text/Event-Stream",
            "text/event-stream;charset=ISO-8859-1",
        )
    ),
    # An event stream is one whatever it is called, and so is JSON, a line for each chunk.
    *(
        works(
            f"stream: called {called.decode()}",
            EVENTS.replace(b"text/event-stream", called) + sse(*HELLO),
        )
        for called in (b"text/plain", b"application/json", b"application/octet-stream")
    ),
    works("stream: called nothing", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + sse(*HELLO)),
    works(
        "stream: comments first, called text",
        EVENTS.replace(b"text/event-stream", b"text/plain") + b": PROCESSING\n\n" + sse(*HELLO),
    ),
    *(
        works(f"lines: {name}", EVENTS.replace(b"text/event-stream", called) + lines)
        for name, (called, lines) in LINES.items()
    ),
    fails(
        "lines: an error amid them",
        NDJSON + ndjson(HELLO[0], {"error": BROKE}),
        saying(FAILED_ANSWER, "it broke"),
        "Hel",
    ),
    fails("lines: stop", NDJSON + ndjson(HELLO[0], delta("")), INCOMPLETE_ANSWER, "Hel"),
    fails("lines: cut in one", NDJSON + ndjson(*HELLO)[:-20], INCOMPLETE_ANSWER, "Hel"),
    fails(
        "lines: nonsense amid them", NDJSON + ndjson(HELLO[0]) + b"oops\n{}\n", BAD_ANSWER, "Hel"
    ),
    works("stream: compressed", zipped(gzip.compress(sse(*HELLO)))),
    # An error amid the words.
    *(
        _failing(f"stream: {name}", last, message, done=True)
        for name, (last, message) in ERRORS.items()
    ),
    _failing("stream: an error and no [DONE]", {"error": BROKE}, "it broke", done=False),
    fails(
        "stream: an error before any words",
        events(sse({"error": BROKE})),
        saying(FAILED_ANSWER, "it broke"),
    ),
    # Ends that are none.
    fails("stream: [DONE] alone", events(sse()), EMPTY_ANSWER),
    fails("stream: no words", events(sse(delta("", finish_reason="stop"))), EMPTY_ANSWER),
    fails("stream: null alone", events(sse(delta(None, finish_reason="stop"))), EMPTY_ANSWER),
    fails(
        "stream: white space alone",
        events(sse(delta(" \n", finish_reason="stop"))),
        EMPTY_ANSWER,
        " \n",
    ),
    fails("stream: nothing", events(b""), INCOMPLETE_ANSWER),
    fails("stream: comments alone", events(b": PROCESSING\n\n"), INCOMPLETE_ANSWER),
    fails("stream: stops", events(sse(HELLO[0], done=False)), INCOMPLETE_ANSWER, "Hel"),
    fails(
        "stream: an error and no empty line",
        events(sse({"error": BROKE}, done=False).rstrip()),
        saying(FAILED_ANSWER, "it broke"),
    ),
    fails("stream: cut in an event", events(sse(*HELLO)[:-40]), INCOMPLETE_ANSWER, "Hel"),
    fails("stream: cut in [DONE]", events(sse(HELLO[0])[:-3]), INCOMPLETE_ANSWER, "Hel"),
    fails(
        "stream: truncated gzip",
        zipped(begun_gzip(sse(HELLO[0], done=False))),
        INCOMPLETE_ANSWER,
        "Hel",
    ),
    # Answers without words, for reasons that the same question would meet again.
    *(
        fails(f"stream: {name}", events(sse(*payloads)), seen)
        for name, (payloads, seen) in WORDLESS.items()
    ),
    # What is no stream of completions.
    fails(
        "stream: no JSON",
        events(sse(HELLO[0], done=False) + b"data: {oops\n\n"),
        BAD_ANSWER,
        "Hel",
    ),
    fails("stream: no object", events(sse(HELLO[0], [1])), BAD_ANSWER, "Hel"),
    fails(
        "stream: deep JSON",
        events(sse(HELLO[0], done=False) + b"data: " + b"[" * 100_000 + b"\n\n"),
        BAD_ANSWER,
        "Hel",
    ),
    fails("stream: choices of another kind", events(sse({"choices": {}})), BAD_ANSWER),
    fails("stream: no gzip", zipped(b"this is no gzip"), BAD_ANSWER),
    fails(
        "stream: a bomb",
        zipped(
            gzip.compress((b":" + b" " * 1022 + b"\n") * (reading.MOST_STREAM_BYTES // 1024 + 1))
        ),
        BAD_ANSWER,
    ),
    fails(
        "stream: a line without end", without_end(EVENTS + b"data: ", b"x" * 1_000_000), BAD_ANSWER
    ),
    fails(
        "stream: comments of more than 64 MB",
        without_end(EVENTS, b": " + b"x" * 1_000_000 + b"\n"),
        BAD_ANSWER,
    ),
)
