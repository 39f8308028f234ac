"""What holds for any bytes, split anywhere, and for any JSON."""

import asyncio
import dataclasses
import gzip
import json

import httpx
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services import errors
from services.external_api import reading
from services.external_api.answer import AnswerReader
from services.external_api.clean import redacted
from services.external_api.reasons import reason_in, reason_of
from services.external_api.transport import Reply
from tests.capture import delta
from tests.services.external_api.driving import client_over, told
from tests.services.external_api.faults import bodies, streams

#: The same examples each time, however slow the machine.
steady = settings(derandomize=True, max_examples=150, deadline=None, database=None)

# --- bytes ----------------------------------------------------------------

_GOOD = [
    *streams.GOOD.values(),
    *(lines for _, lines in streams.LINES.values()),
    "data: 世界\U0001f3a4\n\n".encode(),
]
_LINES = [
    *(b"data: {}", b"data:", b"data", b": x", b"id: 1", b"[DONE]", b"{}", b"{"),
    *(b"\xef\xbb\xbf", b"\xf0\x9f"),
]
_ENDS = [b"\n", b"\r", b"\r\n", b"\n\n", b"\r\r", b"\r\n\r\n", b""]
any_stream = (
    st.sampled_from(_GOOD)
    | st.lists(st.sampled_from(_LINES) | st.sampled_from(_ENDS), max_size=30).map(b"".join)
    | st.binary(max_size=200)
)
any_body = (
    st.sampled_from([one.encode() if isinstance(one, str) else one for one in bodies.GOOD.values()])
    | st.binary(max_size=200)
    | st.text(max_size=50).map(lambda text: json.dumps(text).encode())
)
#: Where to split, as numbers to be taken modulo the length.
any_cuts = st.lists(st.integers(0, 10_000), max_size=20)
each_byte = list(range(10_000))


def split(data, cuts):
    places = sorted({cut % (len(data) + 1) for cut in cuts})
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


def reply_of(pieces, coding):
    async def body():
        for piece in pieces:
            yield piece

    return Reply(httpx.Response(200, headers={"Content-Encoding": coding}, content=body()))


def payloads_of(pieces, coding="identity"):
    """What an answer is, all its payloads, and the error at its end."""

    async def read():
        found = []
        try:
            opened = await reading.opened(reply_of(pieces, coding), lambda: None)
            found.append(opened.form)
            async for payload in reading.payloads(opened):
                found.append(json.dumps(payload))  # noqa: PERF401  # what came before an error counts
        except errors.ShowAndTellError as error:
            found.append(type(error))
        return found

    return asyncio.run(read())


def body_of(pieces, coding="identity"):
    """The JSON of a body, written down, or the error it makes."""

    async def read():
        try:
            return json.dumps(await reading.body(reply_of(pieces, coding)))
        except errors.ShowAndTellError as error:
            return type(error)

    return asyncio.run(read())


@steady
@given(any_stream, any_cuts)
@example(streams.GOOD["CRLF"], each_byte)
@example(streams.GOOD["CR"], each_byte)
@example(streams.GOOD["BOM"], each_byte)
@example(_GOOD[-1], each_byte)
def test_a_stream_reads_the_same_however_it_is_split(data, cuts):
    assert payloads_of(split(data, cuts)) == payloads_of([data])


@steady
@given(any_body, any_cuts)
def test_a_body_reads_the_same_however_it_is_split(data, cuts):
    assert body_of(split(data, cuts)) == body_of([data])


@steady
@given(any_stream, any_cuts)
@example(streams.LINES["CRLF and empty lines"][1], each_byte)
def test_a_stream_reads_the_same_when_it_was_compressed(data, cuts):
    packed = split(gzip.compress(data, mtime=0), cuts)
    assert payloads_of(packed, "gzip") == payloads_of([data])


@steady
@given(st.binary(max_size=300), any_cuts, st.sampled_from(["gzip", "deflate", "br", "identity"]))
def test_any_bytes_of_any_coding_are_read_or_are_a_bad_answer(data, cuts, coding):
    pieces = split(data, cuts)
    payloads, body = payloads_of(pieces, coding), body_of(pieces, coding)
    assert all(isinstance(one, str) for one in payloads[:-1])
    assert all(isinstance(one, str) or one is errors.BadAnswer for one in (*payloads[-1:], body))


# --- JSON -----------------------------------------------------------------

#: With lone surrogates, which JSON can carry.
any_text = st.text(st.characters(codec="utf-8") | st.sampled_from("\ud83d\ude00\udc00"), max_size=8)
NAMES = [
    *("choices", "delta", "message", "content", "text", "finish_reason", "error", "detail"),
    *("metadata", "raw", "usage", "model", "provider", "processing_time_ms", "code"),
    *("reasoning", "reasoning_details", "refusal", "audio", "transcript", "data", "images"),
    *("image_url", "url", "tool_calls", "function", "name", "annotations", "citations", "id"),
    *("availability", "fallback_models", "retry_after", "msg", "loc", "reasons"),
]
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(NAMES) | any_text, inner, max_size=4)
    ),
    max_leaves=12,
)


def perhaps(**parts):
    """An object that has some of ``parts``, each as it should be or as anything at all."""
    return st.fixed_dictionaries(
        {}, optional={name: part | any_json for name, part in parts.items()}
    )


any_content = any_text | st.lists(perhaps(type=st.just("text"), text=any_text), max_size=3)
any_error = perhaps(message=any_text, code=st.integers(), metadata=perhaps(raw=any_json))
#: What a message may hold besides, each perhaps with anything in it.
besides = {
    "reasoning": any_text,
    "reasoning_details": st.lists(perhaps(text=any_text, summary=any_text), max_size=2),
    "refusal": any_text,
    "audio": perhaps(data=any_text | st.just("AAAA"), transcript=any_text),
    "images": st.lists(perhaps(image_url=perhaps(url=any_text)), max_size=2),
    "tool_calls": st.lists(perhaps(function=perhaps(name=any_text)), max_size=2),
    "annotations": st.lists(perhaps(url_citation=perhaps(url=any_text)), max_size=2),
}
any_choice = perhaps(
    delta=perhaps(content=any_content, **besides),
    message=perhaps(content=any_content, **besides),
    text=any_text,
    finish_reason=st.sampled_from(["stop", "length", "error", None]),
    error=st.none() | any_error,
)
nearly_a_completion = perhaps(
    choices=st.lists(any_choice, max_size=2),
    usage=perhaps(prompt_tokens=st.integers(), cost=st.floats()),
    model=any_text,
    provider=any_text,
    processing_time_ms=st.floats() | st.integers(),
    error=st.none() | any_error,
)


def is_whole(text):
    """Whether ``text`` has whole characters only."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


@steady
@given(st.lists(nearly_a_completion | any_json, max_size=4), st.booleans())
def test_any_json_adds_whole_characters_or_is_an_error_of_ours(payloads, is_over):
    reader = AnswerReader()
    texts, failed = [], None
    try:
        for payload in payloads:
            added = reader.take(payload)
            texts += [added.text, added.thought]
        if is_over:
            reader.end()
        ended = reader.finished()
    except errors.ApiError as error:
        failed, ended = error, reader.so_far()
    assert all(is_whole(text) for text in texts)
    assert all(is_whole(one or "") for one in (ended.model, ended.provider, ended.finish_reason))
    assert is_whole(json.dumps(dataclasses.asdict(ended.extras), ensure_ascii=False))
    assert type(failed) in {
        *(type(None), errors.BadAnswer, errors.FailedAnswer, errors.EmptyAnswer),
        *errors.SameAgain.__subclasses__(),
        *([] if is_over else [errors.IncompleteAnswer]),
    }


@steady
@given(st.text(max_size=30), any_cuts)
@example("a\U0001f600b", each_byte)
def test_words_come_whole_however_they_are_split(text, cuts):
    units = text.encode("utf-16-le")
    parts = split(units, [cut * 2 for cut in cuts if cut * 2 <= len(units)])
    reader = AnswerReader()
    taken = [reader.take(delta(part.decode("utf-16-le", "surrogatepass"))) for part in parts]
    assert "".join(one.text for one in [*taken, reader.rest()]) == text


@steady
@given(
    st.text("<think>/ \na", max_size=12) | st.just("<think>a</think> b") | st.just("<thinking>a"),
    any_cuts,
)
@example("<think>\nHm.</think>\n\nHello", each_byte)
@example(" <thought>a < b</thought></thought>", each_byte)
def test_thoughts_are_told_from_words_however_they_are_split(text, cuts):
    def told(parts):
        reader = AnswerReader()
        added = [*(reader.take(delta(part)) for part in parts), reader.rest()]
        return "".join(one.text for one in added), "".join(one.thought for one in added)

    assert told(split(text, cuts)) == told([text])


@steady
@given(any_json | perhaps(error=any_error | any_text))
def test_what_an_error_says_can_be_shown_whatever_it_is(payload):
    shown = redacted(reason_of(payload).said)
    assert is_whole(shown)
    assert len(shown) <= 600


@steady
@given(st.binary(max_size=200) | any_json.map(lambda value: json.dumps(value).encode()), any_cuts)
def test_what_is_left_of_an_error_can_be_shown_wherever_it_was_cut(body, cuts):
    for part in split(body, cuts):
        assert is_whole(redacted(reason_in(part, is_text=True).said))


# --- both, through the client ---------------------------------------------

any_type = st.sampled_from(["text/event-stream", "application/json", "text/plain", "text/html", ""])
any_payload = st.lists(nearly_a_completion, max_size=3)
any_answer = st.one_of(
    any_stream,
    any_body,
    any_payload.map(lambda payloads: "".join(f"data: {json.dumps(p)}\n\n" for p in payloads)),
    nearly_a_completion.map(json.dumps),
).map(lambda answer: answer.encode() if isinstance(answer, str) else answer)
any_header = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=30)


def outcome_of(data, headers, status=200):
    async def run():
        answer = httpx.Response(status, headers=headers, stream=httpx.ByteStream(data))
        async with client_over(answer) as (client, _):
            return await told(client)

    return asyncio.run(run())


@steady
@given(any_answer, any_type, st.sampled_from([200, 200, 200, 299, 300, 400, 429, 502, 599]))
def test_any_answer_is_words_or_an_error_of_ours(data, content_type, status):
    outcome = outcome_of(data, {"Content-Type": content_type}, status)
    assert is_whole(outcome.words)
    assert outcome.words == outcome.exchange.text
    if outcome.fault is None:
        assert outcome.words.strip() or outcome.exchange.completion.extras.has_media
    else:
        assert isinstance(outcome.fault, errors.Refused) is (status >= 300)
        assert is_whole(outcome.fault.said)


@steady
@given(
    any_header
    | st.datetimes().map(lambda date: date.strftime("%a, %d %b %Y %H:%M:%S GMT"))
    | st.integers().map(str)
)
@example("Mon, 01 Jan 0001 00:00:00 -0000")
@example("Fri, 31 Dec 9999 23:59:59 -2359")
@example("²")
def test_any_wait_that_is_asked_for_is_a_sane_one_or_none(value):
    headers = [(b"Retry-After", value.encode("latin-1", "replace"))]
    fault = outcome_of(b"", headers, 429).fault
    assert type(fault) is errors.Busy
    assert 0 <= fault.facts.get("retry_after_s", 0) <= 7 * 24 * 3600
