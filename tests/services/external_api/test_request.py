"""The chat completion request: exact lengths, the content part, links."""

import base64
import json
import tracemalloc

import pytest

from services import errors
from services.assistant import Ask
from services.external_api.options import Options
from services.external_api.request import (
    CHUNK_BYTES,
    Turn,
    VideoLink,
    base64_length,
    chat_request,
    check_turns,
    checked_link,
    content_part,
)
from services.media.values import MediaFacts, Sendable

KINDS = {
    "audio": ("audio", "mp3"),
    "video": ("video", "video/mp4"),
}
LINK = VideoLink("https://videos.example/watch?v=1&t=2#here")


def sendable(path, kind="audio"):
    size = path.stat().st_size
    return Sendable(path, *KINDS[kind], MediaFacts("mp3", size, 1.0, None, None), None)


def written(tmp_path, content):
    path = tmp_path / "media"
    path.write_bytes(content)
    return path


def body_of(request):
    return b"".join(request.chunks())


def parts_of(request):
    return json.loads(body_of(request))["messages"][0]["content"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "size",
    [1, 2, 3, 4, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 700_001],
)
def test_the_body_has_the_announced_length_and_holds_the_file_byte_for_byte(tmp_path, kind, size):
    content = bytes(range(256)) * (size // 256 + 1)
    request = chat_request("m", "?", sendable(written(tmp_path, content[:size]), kind))
    body = body_of(request)
    assert request.content_length == len(body)
    media = json.loads(body)["messages"][0]["content"][1]
    data = (
        media["input_audio"]["data"]
        if kind == "audio"
        else media["video_url"]["url"].partition(",")[2]
    )
    assert len(data) == request.base64_bytes
    assert base64.b64decode(data, validate=True) == content[:size]


@pytest.mark.parametrize(("size", "length"), [(0, 0), (1, 4), (2, 4), (3, 4), (4, 8)])
def test_base64_length_counts_the_padding(size, length):
    assert base64_length(size) == length


@pytest.mark.parametrize(
    "prompt",
    [
        pytest.param('say "hello" \\ and {this}', id="quotes"),
        pytest.param("one\r\ntwo\tthree\u2028four", id="line breaks"),
        pytest.param("before\0after", id="NUL"),
        pytest.param("what? 👩‍👩‍👧 \U0001f3a4", id="emoji"),
        pytest.param("Транскрибируй это аудио на русском языке", id="Cyrillic"),
        pytest.param("", id="empty"),
        pytest.param("x" * 100_000, id="long"),
    ],
)
@pytest.mark.parametrize("linked", [False, True], ids=["file", "link"])
def test_prompt_and_model_come_back_as_they_were(tmp_path, prompt, linked):
    media = LINK if linked else sendable(written(tmp_path, b"abc"))
    request = chat_request(f"maker/{prompt}", prompt, media)
    body = body_of(request)
    assert request.content_length == len(body)
    read = json.loads(body)
    assert read["model"] == f"maker/{prompt}"
    assert read["messages"][0]["content"][0] == {"type": "text", "text": prompt}


@pytest.mark.parametrize("linked", [False, True], ids=["file", "link"])
def test_half_a_surrogate_pair_is_sent_as_a_question_mark(tmp_path, linked):
    media = LINK if linked else sendable(written(tmp_path, b"abc"))
    request = chat_request("m", "a\ud83db\ude00c", media)
    body = body_of(request)
    assert request.content_length == len(body)
    assert json.loads(body)["messages"][0]["content"][0]["text"] == "a?b?c"


def test_the_request_is_the_contracts_and_nothing_more(tmp_path):
    request = chat_request("maker/model", "What?", sendable(written(tmp_path, b"abc")))
    assert json.loads(body_of(request)) == {
        "model": "maker/model",
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What?"},
                    {"type": "input_audio", "input_audio": {"data": "YWJj", "format": "mp3"}},
                ],
            }
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_plain_json_is_asked_for_without_stream_options():
    read = json.loads(body_of(chat_request("m", "?", LINK, stream=False)))
    assert read["stream"] is False
    assert "stream_options" not in read


def test_a_video_has_the_data_prefix(tmp_path):
    _, media = parts_of(chat_request("m", "?", sendable(written(tmp_path, b"abc"), "video")))
    assert media == {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,YWJj"}}


def test_a_link_is_passed_on_as_it_is():
    request = chat_request("m", "?", LINK)
    assert parts_of(request)[1] == {"type": "video_url", "video_url": {"url": LINK.url}}
    assert (request.file, request.base64_bytes) == (None, 0)


def test_content_part_puts_the_data_where_it_belongs(tmp_path):
    path = written(tmp_path, b"abc")
    assert content_part(sendable(path), "DATA")["input_audio"]["data"] == "DATA"
    assert content_part(sendable(path, "video"), "DATA")["video_url"]["url"].endswith(",DATA")


def test_a_second_try_sends_the_same(tmp_path):
    request = chat_request("m", "?", sendable(written(tmp_path, bytes(CHUNK_BYTES + 5))))
    assert body_of(request) == body_of(request)


@pytest.mark.anyio
async def test_iterating_asynchronously_gives_the_same(tmp_path):
    request = chat_request("m", "?", sendable(written(tmp_path, bytes(CHUNK_BYTES + 5))))
    assert b"".join([chunk async for chunk in request]) == body_of(request)


def test_a_file_that_grew_is_sent_as_long_as_it_was(tmp_path):
    path = written(tmp_path, b"abc")
    request = chat_request("m", "?", sendable(path))
    path.write_bytes(b"abcdef")
    assert len(body_of(request)) == request.content_length


@pytest.mark.parametrize("left", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1])
def test_a_file_that_shrank_is_unreadable(tmp_path, left):
    path = written(tmp_path, bytes(2 * CHUNK_BYTES))
    request = chat_request("m", "?", sendable(path))
    path.write_bytes(bytes(left))
    with pytest.raises(errors.UnreadableFile):
        body_of(request)


def test_a_file_that_vanished_is_gone(tmp_path):
    path = written(tmp_path, b"abc")
    request = chat_request("m", "?", sendable(path))
    path.unlink()
    with pytest.raises(errors.FileGone):
        body_of(request)


def test_memory_does_not_grow_with_the_file(tmp_path):
    path = tmp_path / "media"
    with path.open("wb") as file:
        file.truncate(30 * 1024 * 1024)
    request = chat_request("m", "?", sendable(path, "video"))
    tracemalloc.start()
    try:
        sent = sum(len(chunk) for chunk in request.chunks())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sent == request.content_length
    assert peak < 4 * 1024 * 1024  # of 30, and it is the same for 500


def test_a_request_shows_neither_prompt_nor_link():
    shown = repr(chat_request("m", "a private question", VideoLink("https://v.example/secret")))
    assert "private" not in shown
    assert "secret" not in shown


def test_around_the_file_stands_what_was_asked_byte_for_byte(tmp_path):
    options = Options("Кратко.", temperature=0.5, max_tokens=7, reasoning_effort="low")
    request = chat_request("maker/m", "Что?", sendable(written(tmp_path, b"abc")), options)
    assert request.head.decode() == (
        '{"model":"maker/m","messages":[{"role":"system","content":"Кратко."},'
        '{"role":"user","content":[{"type":"text","text":"Что?"},'
        '{"type":"input_audio","input_audio":{"data":"'
    )
    assert request.tail.decode() == (
        '","format":"mp3"}}]}],"stream":true,"temperature":0.5,"max_tokens":7,'
        '"reasoning":{"effort":"low"},"stream_options":{"include_usage":true}}'
    )


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://youtu.be/abc", id="short"),
        pytest.param("https://www.youtube.com/watch?v=abc&t=1s#top", id="query and fragment"),
        pytest.param("https://videos.example:8443/a.mp4", id="port"),
        pytest.param("https://пример.рф/фильм.mp4", id="Cyrillic"),
        pytest.param("https://videos.example/a%20b.mp4", id="escaped space"),
        pytest.param("https://videos.example/@someone/1", id="at in the path"),
        pytest.param("HTTPS://VIDEOS.EXAMPLE/a.mp4", id="capitals"),
        pytest.param("https://[2001:db8::1]/a.mp4", id="IPv6"),
    ],
)
def test_a_good_link_is_taken_as_it_is(url):
    assert checked_link(url) == VideoLink(url)


def test_white_space_around_a_link_is_dropped():
    assert checked_link(" https://youtu.be/abc\n").url == "https://youtu.be/abc"


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("", id="empty"),
        pytest.param("youtu.be/abc", id="no scheme"),
        pytest.param("//youtu.be/abc", id="scheme-relative"),
        pytest.param("http://youtu.be/abc", id="http"),
        pytest.param("javascript:alert(1)", id="javascript"),
        pytest.param("javascript://youtu.be/%0aalert(1)", id="javascript with a host"),
        pytest.param("file:///etc/passwd", id="file"),
        pytest.param("data:video/mp4;base64,AAAA", id="data"),
        pytest.param("https://", id="no host"),
        pytest.param("https:///a.mp4", id="empty host"),
        pytest.param("https://:443/a.mp4", id="port without a host"),
        pytest.param("https://me:secret@videos.example/", id="user info"),
        pytest.param("https://videos.example@evil.example/", id="host as user"),
        pytest.param("https://videos.example\\@evil.example/", id="backslash"),
        pytest.param("https://videos.example/a b.mp4", id="space"),
        pytest.param("https://videos.example/a\nb.mp4", id="line break"),
        pytest.param("https://videos.example/a\tb.mp4", id="tab"),
        pytest.param("https://videos.example/\0", id="NUL"),
        pytest.param("https://videos.example/\u202egpm.exe", id="right-to-left override"),
        pytest.param("https://videos.example/\ud800", id="lone surrogate"),
        pytest.param('https://videos.example/"onclick="x', id="quote"),
        pytest.param("https://videos.example/<img>", id="angle bracket"),
        pytest.param("https://videos.example:port/", id="port that is no number"),
        pytest.param("https://videos.example:99999/", id="port out of range"),
        pytest.param("https://[::1/", id="open bracket"),
        pytest.param("https://videos.example/" + "x" * 2048, id="too long"),
    ],
)
def test_a_bad_link_is_refused(url):
    with pytest.raises(errors.BadLink):
        checked_link(url)


EARLIER = (Turn("Что?", 'Кот\n"Мяу".'), Turn("Where?", "There."))


def test_a_conversation_is_sent_byte_for_byte_with_its_media_once(tmp_path):
    media = sendable(written(tmp_path, b"abc"))
    request = chat_request("m", "Why?", media, Options("Brief."), earlier=EARLIER)
    assert body_of(request).decode() == (
        '{"model":"m","messages":[{"role":"system","content":"Brief."},'
        '{"role":"user","content":[{"type":"text","text":"Что?"},'
        '{"type":"input_audio","input_audio":{"data":"YWJj","format":"mp3"}}]},'
        '{"role":"assistant","content":"Кот\\n\\"Мяу\\"."},'
        '{"role":"user","content":"Where?"},'
        '{"role":"assistant","content":"There."},'
        '{"role":"user","content":"Why?"}],'
        '"stream":true,"stream_options":{"include_usage":true}}'
    )
    assert request.content_length == len(body_of(request))


def test_a_conversation_about_a_link_has_it_in_its_first_question():
    messages = json.loads(body_of(chat_request("m", "Why?", LINK, earlier=EARLIER)))["messages"]
    assert [one["role"] for one in messages] == ["user", "assistant"] * 2 + ["user"]
    assert messages[0]["content"][1] == {"type": "video_url", "video_url": {"url": LINK.url}}


def test_a_conversation_can_be_sent_again(tmp_path):
    request = chat_request("m", "?", sendable(written(tmp_path, b"abc")), earlier=EARLIER)
    assert body_of(request) == body_of(request)


def test_questions_of_different_conversations_are_not_the_same():
    asks = [Ask(LINK, "?", "m"), Ask(LINK, "?", "m", earlier=EARLIER)]
    asks.append(Ask(LINK, "?", "m", earlier=EARLIER[:1]))
    assert len(set(asks)) == 3
    assert Ask(LINK, "?", "m", earlier=EARLIER) == asks[1]


def test_the_words_of_a_conversation_are_in_no_repr():
    shown = f"{EARLIER!r} {Ask(LINK, '?', 'm', earlier=EARLIER)!r}"
    assert "There" not in shown
    assert "Where" not in shown


def test_a_conversation_up_to_its_limits_is_taken():
    check_turns(())
    check_turns([Turn("?" * 10_000, "!" * 10_000)] * 50)


@pytest.mark.parametrize(
    "turns",
    [[Turn("?", "!")] * 51, [Turn("?" * 1_000_000, "!")], [Turn("?", "!" * 1_000_000)]],
    ids=["turns", "questions", "answers"],
)
def test_a_conversation_past_its_limits_is_refused(turns):
    with pytest.raises(errors.ConversationTooLong) as raised:
        check_turns(turns)
    assert raised.value.facts["turns"] == len(turns)


@pytest.mark.parametrize("turn", [Turn(" ", "!"), Turn("?", "\n")])
def test_a_turn_without_words_is_refused(turn):
    with pytest.raises(errors.BadArgument):
        check_turns([turn])
