"""What goes over the wire for every kind of media, as a server sees it."""

import base64
import io
import json
import re

import av
import pytest

from services.assistant import Ask, LocalFile, RawPcm, VideoLink
from tests import making
from tests.capture import HELLO, assistant_at, capturing, nobody, streamed

RED, BLUE = (200, 30, 30), (30, 30, 200)

#: API format → how to make such a file.
SOUNDS = {
    "wav": {"container": "wav", "codec": "pcm_s16le"},
    "mp3": {"container": "mp3", "codec": "libmp3lame"},
    "aiff": {"container": "aiff", "codec": "pcm_s16be"},
    "aac": {"container": "adts", "codec": "aac"},
    "ogg": {"container": "ogg", "codec": "libopus", "out_rate": 48_000},
    "flac": {"container": "flac", "codec": "flac"},
    "m4a": {"container": "ipod", "codec": "aac"},
    "pcm16": {"container": "s16le", "codec": "pcm_s16le"},
    "pcm24": {"container": "s24le", "codec": "pcm_s24le"},
}

#: MIME type on the wire → how to make such a file.
FILMS = {
    "video/mp4": {"container": "mp4", "codec": "libx264"},
    "video/mov": {"container": "mov", "codec": "libx264"},
    "video/mpeg": {"container": "mpeg", "codec": "mpeg1video", "sound_codec": "mp2"},
    "video/webm": {"container": "webm", "codec": "libvpx", "sound_codec": "libopus"},
}


def sound(tmp_path, **how):
    # The name tells nothing: the bytes must.
    return making.write_sound(tmp_path / "upload.bin", making.tone(0.3), **how)


def film(tmp_path, **how):
    shots = [(RED, 0.2), (BLUE, 0.2)]
    return making.write_film(tmp_path / "upload.bin", shots, sound=making.tone(0.4), **how)


#: A model that takes all the contract has a name for, and one that takes wav, mp3 and MP4.
TAKES_ALL = "offline/rough-ears-and-eyes"
TAKES_FEW = "openai/gpt-4o"


async def sent(workshop, media, prompt="What is said? Что?", model=TAKES_ALL):
    """The one request that a run about ``media`` makes, and the run's report."""
    async with (
        capturing(streamed(*HELLO)) as server,
        assistant_at(server.base_url, workshop) as assistant,
    ):
        report = await assistant.run(Ask(media, prompt, model), nobody)
    assert report.fault is None
    (request,) = (one for one in server.requests if one.line.startswith("POST"))
    return request, report


def body_with(part):
    """The whole body of a request with the media ``part``."""
    return {
        "model": TAKES_ALL,
        "messages": [
            {
                "role": "user",
                "content": [{"type": "text", "text": "What is said? Что?"}, part],
            }
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def assert_streamed_upload(request):
    assert request.line == "POST /api/v1/chat/completions HTTP/1.1"
    assert request.header("authorization") == ["Bearer ak_host"]
    assert request.header("content-type") == ["application/json"]
    assert request.header("content-length") == [str(len(request.body))]
    assert request.header("transfer-encoding") == []
    assert request.header("accept") == ["text/event-stream, application/json"]


@pytest.mark.anyio
@pytest.mark.parametrize("form", SOUNDS)
async def test_the_nine_audio_formats_go_out_byte_for_byte(form, tmp_path, workshop):
    path = sound(tmp_path, **SOUNDS[form])
    raw = RawPcm(form) if form.startswith("pcm") else None
    request, report = await sent(workshop, LocalFile(path, "audio", raw))
    assert_streamed_upload(request)
    data = base64.b64encode(path.read_bytes()).decode()
    assert request.json() == body_with(
        {"type": "input_audio", "input_audio": {"data": data, "format": form}}
    )
    # "text part first" and the order within a part are the guide's, too.
    assert list(request.json()["messages"][0]["content"][1]) == ["type", "input_audio"]
    assert report.request.converted_from is None
    assert report.request.format == form
    assert report.request.file_bytes == path.stat().st_size
    assert report.request.base64_bytes == len(data)


@pytest.mark.anyio
@pytest.mark.parametrize("mime", FILMS)
async def test_the_four_kinds_of_video_go_out_byte_for_byte(mime, tmp_path, workshop):
    path = film(tmp_path, **FILMS[mime])
    request, report = await sent(workshop, LocalFile(path, "video"))
    assert_streamed_upload(request)
    data = base64.b64encode(path.read_bytes()).decode()
    assert request.json() == body_with(
        {"type": "video_url", "video_url": {"url": f"data:{mime};base64,{data}"}}
    )
    assert report.request.converted_from is None
    assert report.request.mime == mime
    assert report.request.base64_bytes == len(data)


@pytest.mark.anyio
async def test_a_link_goes_out_as_it_is_and_is_not_opened(workshop):
    async with capturing(b"") as elsewhere:
        url = elsewhere.origin.replace("http", "https") + "/film.mp4"
        request, report = await sent(workshop, VideoLink(url))
        assert elsewhere.connections == 0
    assert_streamed_upload(request)
    assert request.json() == body_with({"type": "video_url", "video_url": {"url": url}})
    assert report.request.link == url


def opened(data):
    return av.open(io.BytesIO(data))


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("how", "form", "codec", "source"),
    [
        pytest.param(
            {"container": "caf", "codec": "alac"}, "wav", "pcm_s16le", "caf (alac)", id="caf alac"
        ),
        pytest.param(
            {"container": "webm", "codec": "libopus", "out_rate": 48_000},
            "mp3",
            "mp3float",
            "webm (opus)",
            id="a browser's recording",
        ),
    ],
)
async def test_another_sound_is_converted_to_one_of_the_nine(
    how, form, codec, source, tmp_path, workshop
):
    request, report = await sent(
        workshop, LocalFile(sound(tmp_path, **how), "audio"), model=TAKES_FEW
    )
    assert_streamed_upload(request)
    part = request.json()["messages"][0]["content"][1]["input_audio"]
    assert part["format"] == form
    data = base64.b64decode(part["data"], validate=True)
    assert len(data) == report.request.file_bytes
    with opened(data) as container:
        (stream,) = container.streams
        assert (container.format.name, stream.codec_context.name) == (form, codec)
        heard = sum(frame.samples for frame in container.decode(stream))
        assert heard / stream.rate == pytest.approx(0.3, abs=0.1)
    assert report.request.converted_from == source


@pytest.mark.anyio
async def test_another_video_is_converted_to_mp4(tmp_path, workshop):
    path = film(tmp_path, container="avi", codec="mpeg4", sound_codec="libmp3lame")
    request, report = await sent(workshop, LocalFile(path, "video"), model=TAKES_FEW)
    assert_streamed_upload(request)
    url = request.json()["messages"][0]["content"][1]["video_url"]["url"]
    head, _, data = url.partition(",")
    assert head == "data:video/mp4;base64"
    film_bytes = base64.b64decode(data, validate=True)
    assert re.match(rb"....ftyp", film_bytes, re.DOTALL)
    with opened(film_bytes) as container:
        assert {stream.codec_context.name for stream in container.streams} == {"h264", "aac"}
        pictures = sum(1 for _ in container.decode(video=0))
    assert pictures == 10
    assert report.request.converted_from == "avi (mpeg4, mp3)"


@pytest.mark.anyio
async def test_the_sound_track_of_a_film_is_asked_about_as_audio(tmp_path, workshop):
    path = film(tmp_path, **FILMS["video/webm"])
    request, _ = await sent(workshop, LocalFile(path, "audio"), model=TAKES_FEW)
    part = request.json()["messages"][0]["content"][1]
    assert (part["type"], part["input_audio"]["format"]) == ("input_audio", "mp3")


@pytest.mark.anyio
async def test_the_body_is_compact_utf_8(workshop):
    request, _ = await sent(workshop, VideoLink("https://v.example/1"))
    assert "Что?".encode() in request.body
    assert json.dumps(request.json(), ensure_ascii=False, separators=(",", ":")).encode() == (
        request.body
    )
