"""The code of a request sends, byte for byte, what the app sent; all three are run here."""

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from services.assistant import Ask, LocalFile, Options, Turn, sent_call, snippets
from services.external_api.transcription import transcription_request
from tests.capture import HELLO, assistant_at, capturing, http, nobody, streamed
from tests.clips import clip
from tests.making import silence, tone, write_long
from tests.services.assistant.code.calls import LINK, NASTY, asked, report_of, sound

pytestmark = pytest.mark.anyio

LARGE_BYTES = 50 * 1024 * 1024
#: How each is run, and what it is saved as.
PROGRAMS = {
    "cURL": ("bash", "ask.sh"),
    "Python": (sys.executable, "ask.py"),
    "JavaScript": ("node", "ask.mjs"),
}
LANGUAGES = [
    pytest.param(
        name,
        marks=[
            pytest.mark.skipif(
                shutil.which(program) is None, reason=f"{program} is not here: tests/run.sh says so"
            )
        ],
    )
    for name, (program, _) in PROGRAMS.items()
]
OPTIONS = Options(NASTY, temperature=1.0, max_tokens=700, reasoning_effort="low")
CONVERSATION = (Turn("Who's there?", NASTY), Turn(f"{NASTY}?", "Two \\ three"))
SCHEMA = json.dumps(
    {
        "title": "The answer",
        "type": "object",
        "properties": {
            NASTY: {"type": "number", "multipleOf": 0.01, "maximum": 2**63 - 1, "minimum": -1.0},
            "__proto__": {"enum": [None, True, False, 1e300, ""], "default": []},
        },
    }
)
#: What JavaScript would put in another order, and write in other ways.
ODD_SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {
            "b": {"type": "number", "multipleOf": 1e-7},
            "10": {"enum": [NASTY, 1e22, 2**60]},
            "9": {"type": "string"},
        },
    }
)
#: A short answer that is spoken.
SPOKEN = (
    {"choices": [{"index": 0, "delta": {"audio": {"data": "AAAA", "transcript": "Hel"}}}]},
    {"choices": [{"index": 0, "delta": {"audio": {"transcript": "lo"}}, "finish_reason": "stop"}]},
)
#: What is asked about, and how.
ASKS = {
    "a sound": (LocalFile(clip("party.mp3"), "audio"), {}),
    "a film": (LocalFile(clip("cuts.mp4"), "video"), {}),
    "a link": (LINK, {}),
    "with options": (LocalFile(clip("party.mp3"), "audio"), {"options": OPTIONS}),
    "with a schema": (LINK, {"options": Options(json_schema=SCHEMA)}),
    "with a schema that JavaScript has otherwise": (
        LocalFile(clip("party.mp3"), "audio"),
        {"options": Options(json_schema=ODD_SCHEMA)},
    ),
    "a link with such a schema": (LINK, {"options": Options(json_schema=ODD_SCHEMA)}),
    "a spoken answer": (LINK, {"options": Options(voice="alloy")}),
    "a temperature close to zero": (LINK, {"options": Options(temperature=0.00012)}),
    "told what is passed on": (LocalFile(clip("party.mp3"), "audio"), {"echoes": True}),
    "a follow-up": (LocalFile(clip("cuts.mp4"), "video"), {"earlier": CONVERSATION}),
    "a follow-up about a link": (LINK, {"earlier": CONVERSATION}),
}


async def run(code: str, language: str, folder: Path) -> tuple[int, str, str]:
    """How ``code`` ends, and what it prints, where ``folder`` has what it reads."""
    program, name = PROGRAMS[language]
    (folder / name).write_text(code, "utf-8")
    process = await asyncio.create_subprocess_exec(
        program,
        name,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "EXTERNAL_API_KEY": "ak_mine", "PYTHONUTF8": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await process.communicate()
    return process.returncode, said.decode(), complained.decode()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("media", "more"), ASKS.values(), ids=ASKS)
async def test_what_the_code_sends_is_what_the_app_sent(workshop, tmp_path, media, more, language):
    ask = Ask(media, NASTY, "openai/gpt-4o", **more)
    answer = streamed(*(SPOKEN if ask.options.voice else HELLO))
    speaks = {"id": ask.model, "architecture": {"output_modalities": ["text", "audio"]}}
    listed = http(json.dumps({"data": [speaks]}), "application/json")
    async with (
        capturing(answer, catalogue=listed) as server,
        assistant_at(server.base_url, workshop) as assistant,
    ):
        report = await assistant.run(ask, nobody)
        call = sent_call(report, ask.prompt, ask.earlier)
        if call.file_name is not None:
            shutil.copy(media.path, tmp_path / call.file_name)
        ended, said, complained = await run(snippets(call)[language], language, tmp_path)
        ours, theirs = [one for one in server.requests if "completions" in one.line]
    assert ended == 0, complained
    assert theirs.body == ours.body
    assert theirs.line == ours.line
    for name in ("accept", "content-type", "content-length"):
        assert theirs.header(name) == ours.header(name)
    assert (ours.header("authorization"), theirs.header("authorization")) == (
        ["Bearer ak_host"],
        ["Bearer ak_mine"],
    )
    if language == "cURL":
        assert said.startswith("data: {")
        assert said.endswith("data: [DONE]\n\n")
    else:
        assert said == "Hello\n"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_transcription_is_sent_and_read_like_that_of_the_app(workshop, tmp_path, language):
    options = Options(NASTY, temperature=0.0)
    media = LocalFile(clip("party.mp3"), "audio")
    ask = Ask(media, NASTY, "maker/model", options, endpoint="audio/transcriptions")
    answer = http(json.dumps({"text": "Привет \\ 🎙️"}), "application/json")
    async with (
        capturing(answer, catalogue=http("{}", "application/json", 404)) as server,
        assistant_at(server.base_url, workshop) as assistant,
    ):
        report = await assistant.run(ask, nobody)
        call = sent_call(report, ask.prompt)
        shutil.copy(media.path, tmp_path / call.file_name)
        ended, said, complained = await run(snippets(call)[language], language, tmp_path)
        ours, theirs = server.requests
    assert ended == 0, complained
    assert ours.line == "POST /api/v1/audio/transcriptions HTTP/1.1"
    assert (theirs.line, theirs.body) == (ours.line, ours.body)
    for name in ("accept", "content-type", "content-length"):
        assert theirs.header(name) == ours.header(name)
    if language == "cURL":
        assert json.loads(said) == {"text": report.text}
    else:
        assert said == f"{report.text}\n"


async def test_each_piece_of_a_long_sound_is_sent_as_the_code_says(workshop, tmp_path):
    minute = np.concatenate([tone(59.0), silence(1.0)])
    talk = write_long(tmp_path / "talk.mp3", minute, 11)
    ask = Ask(LocalFile(talk, "audio"), NASTY, "openai/gpt-4o", in_pieces=True)
    async with (
        capturing(streamed(*HELLO), catalogue=http("{}", "application/json", 404)) as server,
        assistant_at(server.base_url, workshop) as assistant,
    ):
        call = sent_call(await assistant.run(ask, nobody), NASTY)
    assert call.pieces == len(server.requests) == 2
    for request in server.requests:
        assert request.body.startswith(call.head.encode())
        assert request.body.endswith(call.tail.encode())
    assert call.body_bytes == sum(len(request.body) for request in server.requests)


async def test_curl_sends_a_file_of_50_mb(tmp_path):
    media = sound(tmp_path / "media.mp3", LARGE_BYTES)
    with media.path.open("wb") as file:
        file.write(b"ID3 begins")
        file.seek(LARGE_BYTES - 8)
        file.write(b"and ends")
    request = asked(media, NASTY)
    async with capturing(streamed(*HELLO)) as server:
        report = report_of(request, media, url=f"{server.base_url}/chat/completions")
        code = snippets(sent_call(report, NASTY))["cURL"]
        ended, _, complained = await run(code, "cURL", tmp_path)
        (sent,) = server.requests
    assert ended == 0, complained
    assert sent.body == b"".join(request.chunks())


#: Ways in which servers write the same stream.
STREAMS = {
    "with comments": lambda text: text.replace("data:", ": PROCESSING\n\ndata:", 1),
    "with the line ends of Windows": lambda text: text.replace("\n", "\r\n"),
    "without a space": lambda text: text.replace("data: ", "data:"),
    "without an end": lambda text: text.replace("data: [DONE]\n\n", ""),
    "with letters beyond ASCII": lambda text: text.replace("lo", "lo, мир 🎙️"),
    "with what has no choices": lambda text: text + 'data: {"usage": {}}\n\n',
}


@pytest.mark.parametrize("language", LANGUAGES[1:])
@pytest.mark.parametrize("written", STREAMS.values(), ids=STREAMS)
async def test_the_words_are_found_however_a_stream_is_written(tmp_path, language, written):
    head, _, events = streamed(*HELLO).partition(b"\r\n\r\n")
    answer = head + b"\r\n\r\n" + written(events.decode()).encode()
    async with capturing(answer) as server:
        report = report_of(asked(LINK), LINK, url=f"{server.base_url}/chat/completions")
        code = snippets(sent_call(report, "What?"))[language]
        ended, said, complained = await run(code, language, tmp_path)
    assert ended == 0, complained
    assert said == ("Hello, мир 🎙️\n" if "мир" in answer.decode() else "Hello\n")


@pytest.mark.parametrize("language", LANGUAGES[1:])
@pytest.mark.parametrize(
    ("answer", "said"),
    {
        "a refusal": (http('{"error":{"message":"no such key"}}', status=401), "no such key"),
        "an error on the way": (
            streamed(*HELLO[:1], {"error": {"message": "the model fell"}}),
            "the model fell",
        ),
    }.values(),
    ids=("a refusal", "an error on the way"),
)
async def test_what_fails_says_so(tmp_path, language, answer, said):
    request = asked(LINK)
    async with capturing(answer) as server:
        report = report_of(request, LINK, url=f"{server.base_url}/chat/completions")
        code = snippets(sent_call(report, "What?"))[language]
        ended, _, complained = await run(code, language, tmp_path)
    assert ended != 0
    assert said in complained


@pytest.mark.parametrize("language", LANGUAGES[1:])
@pytest.mark.parametrize("status", [200, 404])
async def test_a_transcription_that_fails_says_so(tmp_path, language, status):
    media = sound(tmp_path / "media.mp3")
    media.path.write_bytes(b"ID3")
    request = transcription_request("maker/model", media, Options())
    refusal = http('{"error":{"message":"the model fell"}}', "application/json", status)
    async with capturing(refusal) as server:
        url = request.url_at(server.base_url)
        report = report_of(request, media, url=url, endpoint=request.endpoint)
        code = snippets(sent_call(report, "What?"))[language]
        ended, _, complained = await run(code, language, tmp_path)
    assert ended != 0
    assert "the model fell" in complained
