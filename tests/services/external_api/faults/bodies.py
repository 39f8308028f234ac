"""Whole answers in JSON: unusual and yet good, or a success that is none."""

import gzip
import json
import math
import zlib

from services.external_api import reading
from tests.capture import completion, delta, http
from tests.services.external_api.faults.fault import fails, works
from tests.services.external_api.faults.sentences import (
    ANSWER_FILTERED,
    BAD_ANSWER,
    EMPTY_ANSWER,
    FAILED_ANSWER,
    LIMIT_REACHED,
    TOOLS_WANTED,
    refusing,
    saying,
)
from tests.services.external_api.faults.streams import BROKE, zipped

JSON = "application/json"
WHOLE = completion("Hello")

#: Name → a usage that says little.
USAGES = {
    "absent": {},
    "null": {"usage": None},
    "empty": {"usage": {}},
    "a string": {"usage": "free"},
    "a list": {"usage": [1, 2]},
    "strings": {"usage": {"prompt_tokens": "7", "cost": "free"}},
    "nulls": {"usage": {"prompt_tokens": None, "cost": None, "prompt_tokens_details": None}},
    "NaN": {"usage": {"prompt_tokens": math.nan, "cost": math.nan}},
    "infinite": {"usage": {"prompt_tokens": math.inf, "cost": -math.inf}},
    "huge": {"usage": {"prompt_tokens": 1e300, "cost": 10**400}},
    "booleans": {"usage": {"prompt_tokens": True, "cost": False}},
    "half a letter": {"usage": {"\ud800": "\udfff", "cost": 1}},
    "nested junk": {"usage": {"prompt_tokens": {"cost": [{}]}, "prompt_tokens_details": [[]]}},
}

#: Name → a body that says "Hello".
GOOD = {
    "plain": WHOLE,
    "white space first": " \n\n \r\n\t" + WHOLE,
    "BOM": "\ufeff" + WHOLE,
    "UTF-16": WHOLE.encode("utf-16"),
    "content as parts": completion([{"type": "text", "text": "Hel"}, {"text": "lo"}]),
    "odd parts": completion([{"type": "image_url"}, "x", {"text": None}, {"text": "Hello"}]),
    "a delta": json.dumps(delta("Hello")),
    "no finish reason": completion("Hello", finish_reason=None),
    "a new finish reason": completion("Hello", finish_reason="tired"),
    "a second choice": json.dumps(
        {"choices": [{"message": {"content": "Hello"}}, {"message": {"content": "Bye"}}]}
    ),
    "NaN beside it": completion("Hello", processing_time_ms=math.nan),
    "null error": completion("Hello", error=None),
    "a completion that is no chat": json.dumps({"choices": [{"text": "Hello"}]}),
    "a transcript": completion(None).replace(
        '"content": null', '"content": null, "audio": {"transcript": "Hello"}'
    ),
    "thoughts among the parts": completion(
        [
            {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},
            {"type": "reasoning", "text": "Well."},
            {"type": "text", "text": "Hello"},
        ]
    ),
    "tagged thoughts": completion("<think>\nHm.\n</think>\n\nHello"),
}

#: Name → a body without words.
EMPTY = {
    "content null": completion(None),
    "content empty": completion(""),
    "content without parts": completion([]),
    "content a number": completion(7),
    "no choices": json.dumps({"choices": []}),
    "choices null": json.dumps({"choices": None}),
    "choices missing": json.dumps({"object": "chat.completion"}),
    "a choice that is null": json.dumps({"choices": [None]}),
    "a choice that is empty": json.dumps({"choices": [{}]}),
    "usage alone": json.dumps({"choices": [], "usage": {"cost": 1}}),
    "an empty object": "{}",
}


def _message(finish_reason: str = "stop", **parts: object) -> str:
    """A whole answer whose message has ``parts`` and no content."""
    message = {"role": "assistant", "content": None, **parts}
    return json.dumps({"choices": [{"message": message, "finish_reason": finish_reason}]})


CALLS = [{"type": "function", "function": {"name": name}} for name in ("get_weather", "get_time")]
#: Name → a body without words, and what a person is told.
WORDLESS = {
    "a refusal": (_message(refusal="I cannot."), refusing("I cannot.")),
    "a refusal as a part": (
        completion([{"type": "refusal", "refusal": "I cannot."}]),
        refusing("I cannot."),
    ),
    "thoughts up to the limit": (_message("length", reasoning_content="Hm."), LIMIT_REACHED),
    "nothing is left by a filter": (_message("content_filter"), ANSWER_FILTERED),
    "tools alone": (_message("tool_calls", tool_calls=CALLS), TOOLS_WANTED),
    "a function of old": (
        _message("function_call", function_call={"name": "get_weather, get_time"}),
        TOOLS_WANTED,
    ),
}

#: Name → a body that is no completion.
BAD = {
    "choices an object": json.dumps({"choices": {}}),
    "choices a string": json.dumps({"choices": "Hello"}),
    "choices a number": json.dumps({"choices": 1}),
    "no body": "",
    "a list": "[1]",
    "a string": '"Hello"',
    "null": "null",
    "NaN": "NaN",
    "cut": WHOLE[:-5],
    "two": WHOLE * 2,
    "deep": "[" * 100_000,
    "deep usage": WHOLE[:-1] + ', "usage": ' + '{"a":' * 100_000 + "1" + "}" * 100_001,
    "a number of 5000 digits": '{"choices": [' + "9" * 5000 + "]}",
    "no UTF-8": b"\xff\xfe{",
    "over 16 MB": " " * (reading.MOST_BODY_BYTES + 1),
}


FAULTS = (
    *(works(f"JSON: {name}", http(body, JSON)) for name, body in GOOD.items()),
    *(
        works(f"usage: {name}", http(completion("Hello", **more), JSON))
        for name, more in USAGES.items()
    ),
    works("JSON: what may become a tag", http(completion("<th"), JSON), "<th"),
    works("JSON: of no type", http(WHOLE)),
    works("JSON: gzip", zipped(gzip.compress(WHOLE.encode()), JSON)),
    works("JSON: deflate", zipped(zlib.compress(WHOLE.encode()), JSON, "deflate")),
    works("JSON: identity", zipped(WHOLE.encode(), JSON, "identity")),
    works(
        "JSON: half a letter", http(completion("Hell\ud83d", finish_reason="stop"), JSON), "Hell"
    ),
    *(fails(f"JSON: {name}", http(body, JSON), EMPTY_ANSWER) for name, body in EMPTY.items()),
    *(fails(f"JSON: {name}", http(body, JSON), BAD_ANSWER) for name, body in BAD.items()),
    fails("JSON: white space", http(completion(" \n"), JSON), EMPTY_ANSWER, " \n"),
    fails("200 with HTML", http("<html>Hello</html>", "text/html"), BAD_ANSWER),
    fails("200 with text", http("Hello", "text/plain"), BAD_ANSWER),
    *(fails(f"JSON: {name}", http(body, JSON), seen) for name, (body, seen) in WORDLESS.items()),
    fails(
        "200 with only an error",
        http(json.dumps({"error": BROKE}), JSON),
        saying(FAILED_ANSWER, "it broke"),
    ),
    fails(
        "200 with an error that is a string",
        http('{"error": "it broke"}', JSON),
        saying(FAILED_ANSWER, "it broke"),
    ),
    fails(
        "JSON: finish reason error",
        http(completion("", finish_reason="error"), JSON),
        FAILED_ANSWER,
    ),
    fails(
        "JSON: an error in a choice",
        http(json.dumps({"choices": [{"message": {"content": "Hel"}, "error": BROKE}]}), JSON),
        saying(FAILED_ANSWER, "it broke"),
    ),
    fails("JSON: truncated gzip", zipped(gzip.compress(WHOLE.encode())[:-20], JSON), BAD_ANSWER),
    fails(
        "JSON: a bomb",
        zipped(gzip.compress(b" " * (reading.MOST_BODY_BYTES + 1)), JSON),
        BAD_ANSWER,
    ),
    fails("JSON: a coding nobody asked for", zipped(WHOLE.encode(), JSON, "br"), BAD_ANSWER),
)
