"""Every refusal of the offline API, over real HTTP."""

import base64
import http.client
import json
import select
from urllib.parse import urlsplit

import httpx
import pytest

from services.offline_api import contract
from services.offline_api.contract import AUDIO_FORMATS, MOST_BODY_BYTES, MOST_FILE_BYTES
from tests.services.offline_api.asking import (
    A_MOMENT,
    HEADERS,
    audio,
    base64_of,
    post,
    request,
    text,
    video,
)

GOOD = audio(A_MOMENT, "pcm16")
ABOUT = text("What is said?")


def saying(*messages):
    return request(messages=list(messages))


def user(content):
    return {"role": "user", "content": content}


def refusal(response, status: int) -> str:
    """The message of a refusal, whose shape is OpenRouter's."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    error = response.json()["error"]
    assert response.json() == {"error": {"code": status, "message": error["message"]}}
    return error["message"]


def test_what_all_refusals_are_made_from_is_accepted(offline_url):
    assert post(offline_url, request(ABOUT, GOOD)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="no key"),
        pytest.param({"Authorization": ""}, id="an empty header"),
        pytest.param({"Authorization": "Basic ak_test"}, id="another scheme"),
        pytest.param({"Authorization": "ak_test"}, id="no scheme"),
        pytest.param({"Authorization": "Bearer"}, id="a scheme alone"),
        pytest.param({"Authorization": "Bearer sk-or-v1-0123"}, id="a key of another API"),
        pytest.param({"Authorization": "Bearer my_ak_test"}, id="ak_ in the middle"),
    ],
)
@pytest.mark.parametrize("path", ["/chat/completions", "/models"])
def test_a_request_without_a_key_of_the_guide_is_refused(offline_url, headers, path):
    method = "POST" if path == "/chat/completions" else "GET"
    response = httpx.request(method, offline_url + path, headers=headers, trust_env=False)

    assert "Bearer ak_" in refusal(response, 401)


def test_the_scheme_is_read_in_any_case(offline_url):
    response = post(offline_url, request(ABOUT, GOOD), Authorization="bEARER ak_test")

    assert response.status_code == 200


def test_the_key_is_asked_for_before_anything_else_is_looked_at(offline_url):
    assert "API key" in refusal(post(offline_url, b"[", Authorization="Bearer x"), 401)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(b"", "not valid JSON", id="nothing"),
        pytest.param(b"{", "line 1, column 2", id="an object that is cut"),
        pytest.param(b"{'model': 'x'}", "line 1, column 2", id="single quotes"),
        pytest.param(b'{"model": "\xff"}', "not valid JSON", id="not UTF-8"),
        pytest.param(b"[" * 200_000, "not valid JSON", id="very deep"),
        pytest.param(b"9" * 5_000, "not valid JSON", id="a very long number"),
        pytest.param(b"[]", "must be a JSON object", id="a list"),
        pytest.param(b"null", "must be a JSON object", id="null"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(offline_url, body, message):
    assert message in refusal(post(offline_url, body), 400)


LINES = base64.encodebytes(A_MOMENT).decode()


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_a_raw_line_break_in_the_data_is_refused_with_what_helps(offline_url, line_end):
    """What the guide's cURL example sends where ``base64`` wraps its lines."""
    body = json.dumps(request(audio("HERE", "pcm16"))).replace("HERE", LINES).encode()

    message = refusal(post(offline_url, body.replace(b"\n", line_end.encode())), 400)

    assert "Invalid control character at, line 1, column" in message
    assert "'base64 -w0'" in message


def test_another_control_character_has_nothing_to_do_with_base64(offline_url):
    body = json.dumps(request(text("A tab"), GOOD)).replace("A tab", "A\ttab").encode()

    assert "base64" not in refusal(post(offline_url, body), 400)


@pytest.mark.parametrize("lines", [LINES, LINES.replace("\n", "\r\n")], ids=["LF", "CRLF"])
@pytest.mark.parametrize(
    "part",
    [
        pytest.param(lambda data: audio(data, "wav"), id="audio"),
        pytest.param(lambda data: video(f"data:video/mp4;base64,{data}"), id="video"),
    ],
)
def test_line_breaks_in_the_data_are_refused_with_what_helps(offline_url, part, lines):
    message = refusal(post(offline_url, request(part(lines))), 400)

    assert message.startswith("The data is not valid base64: it holds line breaks.")
    assert "'base64 -w0'" in message


DEEP = json.loads("[" * 900 + "]" * 900)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param({"messages": [user([GOOD])]}, "'model' is required", id="no model"),
        pytest.param(request(GOOD, model=""), "'model' is required", id="an empty model"),
        pytest.param(request(GOOD, model=7), "'model' is required", id="a model that is a number"),
        pytest.param(
            request(GOOD, model="openai/gpt-2"),
            "'openai/gpt-2' is not a valid model ID",
            id="an unknown model",
        ),
        pytest.param(request(GOOD, stream="true"), "'stream' must be", id="stream as text"),
        pytest.param(request(GOOD, stream=1), "'stream' must be", id="stream as a number"),
        pytest.param({"model": "openai/gpt-4o"}, "'messages' is required", id="no messages"),
        pytest.param(saying(), "'messages' is required", id="messages empty"),
        pytest.param(request(messages={}), "'messages' is required", id="messages an object"),
        pytest.param(saying("hello"), "needs a 'role'", id="a message that is no object"),
        pytest.param(saying(None, user([GOOD])), "needs a 'role'", id="a message null"),
        pytest.param(saying({"content": [GOOD]}), "needs a 'role'", id="a message of nobody"),
        pytest.param(
            saying({"role": "human", "content": [GOOD]}),
            "one of system, developer, user, assistant, tool, got 'human'",
            id="an unknown role",
        ),
        pytest.param(
            saying({"role": DEEP, "content": [GOOD]}), "got (list)", id="a role that is deep"
        ),
        pytest.param(
            saying({"role": "assistant", "content": [GOOD]}), "role 'user'", id="nobody asks"
        ),
        pytest.param(
            saying({"role": "assistant", "content": [GOOD]}, user("And?")),
            "got 0: I do not chat",
            id="media of the assistant's",
        ),
        pytest.param(
            saying(user([GOOD, GOOD]), user([GOOD])), "in a message, got 2", id="two sounds earlier"
        ),
        pytest.param(saying(user(None), user([GOOD])), "'content' must be", id="null earlier"),
        pytest.param(saying({"role": "user"}), "'content' must be", id="no content"),
        pytest.param(saying(user(None)), "'content' must be", id="content null"),
        pytest.param(saying(user(GOOD)), "'content' must be", id="content an object"),
        pytest.param(saying(user([GOOD, "text"])), "'content' must be", id="a part that is text"),
        pytest.param(saying(user("Hello")), "got 0: I do not chat", id="content of words alone"),
        pytest.param(request(), "got 0: I do not chat", id="no parts"),
        pytest.param(request(ABOUT), "got 0: I do not chat", id="no media"),
        pytest.param(request(ABOUT, GOOD, GOOD), "got 2", id="two sounds"),
        pytest.param(request(ABOUT, GOOD, video(b"film")), "got 2", id="sound and film"),
        pytest.param(request({"type": "text"}, GOOD), "needs 'text'", id="text without text"),
        pytest.param(request(text(None), GOOD), "needs 'text'", id="text null"),
        pytest.param(request({"text": "?"}, GOOD), "content part type", id="a part of no type"),
        pytest.param(
            request({"type": "audio", "audio": GOOD["input_audio"]}),
            "type 'audio': expected 'text', 'input_audio' (not 'audio')",
            id="audio for input_audio",
        ),
        pytest.param(
            request({"type": "video", "video": {"url": "data:video/mp4;base64,AAAA"}}),
            "'video_url' (not 'video')",
            id="video for video_url",
        ),
        pytest.param(
            request(GOOD, {"type": "image_url", "image_url": {"url": "x"}}),
            "Unknown content part type 'image_url'",
            id="a picture",
        ),
        pytest.param(request({"type": DEEP}), "type (list)", id="a type that is deep"),
    ],
)
def test_a_request_that_asks_nothing_this_api_can_answer_is_refused(offline_url, body, message):
    assert message in refusal(post(offline_url, body), 400)


@pytest.mark.parametrize(
    ("part", "message"),
    [
        pytest.param({"type": "input_audio"}, "'input_audio' needs 'data'", id="nothing in it"),
        pytest.param(
            {"type": "input_audio", "input_audio": "AAAA"}, "needs 'data'", id="data alone"
        ),
        pytest.param(
            {"type": "input_audio", "input_audio": {"format": "wav"}}, "needs 'data'", id="no data"
        ),
        pytest.param(
            {"type": "input_audio", "input_audio": {"data": "AAAA"}},
            "Unknown audio format (NoneType)",
            id="no format",
        ),
        pytest.param(audio("AAAA", "opus"), "Unknown audio format 'opus'", id="an unknown format"),
        pytest.param(audio("AAAA", "WAV"), "Unknown audio format 'WAV'", id="capital letters"),
        pytest.param(audio("AAAA", DEEP), "audio format (list)", id="a format that is deep"),
        pytest.param(
            audio("data:audio/mp3;base64,AAAA", "mp3"), "without a 'data:' prefix", id="a prefix"
        ),
        pytest.param(audio("", "mp3"), "base64 data is empty", id="no bytes"),
        pytest.param({"type": "video_url"}, "'video_url' needs 'url'", id="no film in it"),
        pytest.param(
            {"type": "video_url", "video_url": "data:video/mp4;base64,AAAA"},
            "'video_url' needs 'url'",
            id="a URL alone",
        ),
        pytest.param(video(""), "'video_url' needs 'url'", id="an empty URL"),
        pytest.param(video("AAAA"), "must start with 'data:video/", id="no prefix"),
        pytest.param(video("data:video/mp4,AAAA"), "must start with", id="no base64 in the prefix"),
        pytest.param(video("file:///etc/hostname"), "must start with", id="a file URL"),
        pytest.param(
            video("data:video/quicktime;base64,AAAA"),
            "Unknown video type 'video/quicktime': expected one of video/mp4, video/webm, "
            "video/mpeg, video/mov",
            id="quicktime",
        ),
        pytest.param(
            video("data:audio/mp3;base64,AAAA"), "Unknown video type 'audio/mp3'", id="a sound"
        ),
        pytest.param(
            video("data:video/mp4;base64,"), "base64 data is empty", id="no bytes of film"
        ),
        pytest.param(video("https://youtu.be/abc"), "cannot open links", id="a link"),
        pytest.param(video("http://127.0.0.1:1/x"), "cannot open links", id="a plain link"),
    ],
)
def test_a_media_part_that_is_not_the_guide_s_is_refused(offline_url, part, message):
    assert message in refusal(post(offline_url, request(ABOUT, part)), 400)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("AAA?", id="a letter that is none of base64"),
        pytest.param("AA-_", id="the alphabet for URLs"),
        pytest.param("ÀÀÀÀ", id="not ASCII"),
        pytest.param("AAAAA", id="a letter too many"),
        pytest.param("AA", id="no padding"),
        pytest.param("AA=", id="half of the padding"),
        pytest.param("AAAA=", id="padding too much"),
        pytest.param("AA==AAAA", id="padding in the middle"),
        pytest.param("====", id="padding alone"),
        pytest.param("AAAA AAAA", id="a blank"),
    ],
)
@pytest.mark.parametrize(
    "part",
    [
        pytest.param(lambda data: audio(data, "wav"), id="audio"),
        pytest.param(lambda data: video(f"data:video/mp4;base64,{data}"), id="video"),
    ],
)
def test_data_that_is_not_base64_is_refused(offline_url, part, data):
    assert "not valid base64" in refusal(post(offline_url, request(part(data))), 400)


def test_a_file_of_exactly_50_mb_is_not_too_large(offline_url):
    """It gets as far as being looked at: it is zeros, which are no wav."""
    response = post(offline_url, request(audio(bytes(MOST_FILE_BYTES), "wav")))

    assert "could not be decoded as wav" in refusal(response, 400)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(1, id="by a byte"),
        pytest.param(500_000, id="by half a megabyte"),
    ],
)
def test_a_file_of_over_50_mb_is_refused(offline_url, more):
    response = post(offline_url, request(audio(bytes(MOST_FILE_BYTES + more), "wav")))

    assert "over 50 MB before base64" in refusal(response, 413)


def connection(url: str, **headers: str) -> http.client.HTTPConnection:
    """A connection on which the head of a request was sent, and nothing of its body."""
    wire = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    wire.putrequest("POST", urlsplit(url).path + "/chat/completions")
    for name, value in (HEADERS | headers).items():
        wire.putheader(name, value)
    wire.endheaders()
    return wire


def test_a_request_that_says_it_is_too_large_is_refused_before_it_is_sent(offline_url):
    wire = connection(offline_url, **{"Content-Length": str(MOST_BODY_BYTES + 1)})

    response = wire.getresponse()

    assert response.status == 413
    assert json.load(response)["error"]["code"] == 413
    wire.close()


def test_a_request_that_turns_out_too_large_is_not_read_to_its_end(offline_url):
    wire = connection(offline_url, **{"Transfer-Encoding": "chunked"})
    chunk = b"100000\r\n" + bytes(0x100000) + b"\r\n"
    sent = 0
    while not select.select([wire.sock], [], [], 0)[0] and sent < 2 * MOST_BODY_BYTES:
        wire.send(chunk)
        sent += 0x100000

    response = wire.getresponse()

    assert response.status == 413
    assert json.load(response)["error"]["code"] == 413
    assert MOST_BODY_BYTES < sent < 2 * MOST_BODY_BYTES
    wire.close()


def test_a_request_without_a_key_is_refused_before_it_is_sent(offline_url):
    wire = connection(offline_url, **{"Authorization": "Bearer x", "Content-Length": "1000"})

    assert wire.getresponse().status == 401
    wire.close()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("GET", "/nothing", 404, id="no such path"),
        pytest.param("POST", "/chat/completions/", 404, id="a slash at the end"),
        pytest.param("POST", "/completions", 404, id="another endpoint of OpenAI's"),
        pytest.param("GET", "/chat/completions", 405, id="another method"),
        pytest.param("POST", "/models", 405, id="models to be had, not given"),
    ],
)
def test_another_door_is_refused_in_the_same_shape(offline_url, method, path, status):
    response = httpx.request(method, offline_url + path, headers=HEADERS, trust_env=False)

    assert "POST /api/v1/chat/completions" in refusal(response, status)


@pytest.mark.parametrize("form", AUDIO_FORMATS)
def test_bytes_that_cannot_be_decoded_are_refused(offline_url, form):
    response = post(offline_url, request(audio(b"\x01", form)))

    assert f"could not be decoded as {form}" in refusal(response, 400)


def test_no_refusal_repeats_what_was_sent_at_length(offline_url):
    message = refusal(post(offline_url, request(GOOD, model="x" * 100_000)), 400)

    assert len(message) < 200


@pytest.mark.parametrize(
    ("earlier", "prompt"),
    [
        pytest.param([], "And now?", id="none"),
        pytest.param([{"role": "system", "content": "Be brief."}], "And now?", id="system"),
        pytest.param([{"role": "developer", "content": [ABOUT]}], "And now?", id="developer"),
        pytest.param([{"role": "assistant", "content": "Well."}], "And now?", id="assistant"),
        pytest.param([{"role": "assistant", "content": None}], "And now?", id="assistant's null"),
        pytest.param([{"role": "assistant"}], "And now?", id="assistant's nothing"),
        pytest.param([{"role": "tool", "content": "42"}], "And now?", id="tool"),
        pytest.param([user("Hello"), user([ABOUT])], "And now?", id="user"),
    ],
)
def test_what_was_said_before_changes_nothing(earlier, prompt):
    asked = saying(*earlier, user([text(prompt), GOOD]))

    question = contract.read(json.dumps(asked).encode())

    assert (question.prompt, question.data) == (prompt, A_MOMENT)


FILM = video(b"a film")


@pytest.mark.parametrize(
    ("messages", "prompt", "data"),
    [
        pytest.param([user([ABOUT, GOOD]), user("And?")], "And?", A_MOMENT, id="earlier"),
        pytest.param(
            [user([ABOUT, GOOD]), user("And?"), user([text("Or?")])], "Or?", A_MOMENT, id="long ago"
        ),
        pytest.param([user([GOOD]), user([text("This?"), FILM])], "This?", b"a film", id="last"),
        pytest.param([user([GOOD]), user([FILM]), user("It?")], "It?", b"a film", id="the later"),
        pytest.param([user([ABOUT, GOOD]), user([FILM])], "", b"a film", id="no words with it"),
        pytest.param(
            [user([GOOD]), user("And?"), {"role": "assistant", "content": "It"}],
            "And?",
            A_MOMENT,
            id="an answer that was begun",
        ),
    ],
)
def test_the_last_words_are_asked_of_the_last_media(messages, prompt, data):
    question = contract.read(json.dumps(saying(*messages)).encode())

    assert (question.prompt, question.data) == (prompt, data)


def test_a_file_that_needs_no_padding_is_taken_whole(offline_url):
    data = base64_of(bytes(4800))
    assert "=" not in data

    assert post(offline_url, request(audio(data, "pcm16"))).status_code == 200


def test_the_last_question_of_a_conversation_is_about_the_media_of_the_first():
    messages = [
        {"role": "user", "content": [text("What?"), audio(A_MOMENT, "pcm16")]},
        {"role": "assistant", "content": "Nothing."},
        {"role": "user", "content": "Really?"},
    ]
    question = contract.read(json.dumps(saying(*messages)).encode())
    assert (question.prompt, question.form, question.data) == ("Really?", "pcm16", A_MOMENT)
