"""What an answer carries besides its words is kept, as what it really is."""

import base64
import io
import wave

import pytest

from services.external_api import extras
from services.external_api.answer import AnswerReader
from services.external_api.extras import Citation
from tests.capture import delta

KEY = "ak_canary-0123456789"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
JPEG = b"\xff\xd8\xff\xe0" + bytes(8)
GIF = b"GIF89a" + bytes(8)
WEBP = b"RIFF\x00\x00\x00\x00WEBP" + bytes(8)
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


def b64(data):
    return base64.b64encode(data).decode()


def message(**parts):
    return {"choices": [{"index": 0, "message": {"role": "assistant", **parts}}]}


def chunk(**parts):
    return {"choices": [{"index": 0, "delta": parts}]}


def read(*payloads):
    """The text of an answer, and its extras."""
    reader = AnswerReader(KEY)
    text = "".join(reader.take(payload).text for payload in payloads)
    return text + reader.rest().text, reader.so_far().extras


def data_of(url):
    """The type and the bytes of a data URL."""
    kind, _, text = url.removeprefix("data:").partition(";base64,")
    return kind, base64.b64decode(text)


# --- sound ----------------------------------------------------------------

SAMPLES = bytes(range(256)) * 10


def test_bare_samples_become_a_wav_that_can_be_played():
    _, found = read(chunk(audio={"id": "a", "data": b64(SAMPLES)}))
    (sound,) = found.sounds
    kind, data = data_of(sound)
    assert kind == "audio/wav"
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24_000, 1, 2)
        assert file.readframes(len(SAMPLES)) == SAMPLES


@pytest.mark.parametrize("length", [3, 4, 100, 101, 1000])
def test_a_sound_in_pieces_is_one_whether_each_is_padded_or_not(length):
    pieces = [SAMPLES[at : at + length] for at in range(0, len(SAMPLES), length)]
    padded = [chunk(audio={"data": b64(piece)}) for piece in pieces]
    text = b64(SAMPLES)
    cut = [chunk(audio={"data": text[at : at + length]}) for at in range(0, len(text), length)]
    whole = read(message(audio={"data": text}))[1].sounds
    assert read(*padded)[1].sounds == read(*cut)[1].sounds == whole


@pytest.mark.parametrize(
    ("begins", "kind"),
    [
        (b"RIFF\xff\xff\xff\xffWAVE", "audio/wav"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90\x44", "audio/mpeg"),
        (b"OggS", "audio/ogg"),
        (b"fLaC", "audio/flac"),
        (b"\x00\x00\x00\x20ftypM4A ", "audio/mp4"),
    ],
)
def test_a_sound_is_what_its_bytes_say(begins, kind):
    data = begins + bytes(100)
    assert data_of(read(message(audio={"data": b64(data)}))[1].sounds[0]) == (kind, data)


def test_an_odd_byte_of_samples_is_left_out():
    (sound,) = read(message(audio={"data": b64(b"abc")}))[1].sounds
    assert len(data_of(sound)[1]) == 44 + 2


@pytest.mark.parametrize(
    "data",
    ["not base64!", "A", "=", b64(b"x"), b64(bytes(extras.MOST_MEDIA_BYTES + 3))],
    ids=["words", "a letter", "padding", "half a sample", "too much"],
)
def test_what_is_no_sound_or_too_much_of_it_is_counted_as_not_shown(data):
    found = read(message(content="words", audio={"data": data}))[1]
    assert (found.sounds, found.unshown) == ((), 1)


def test_what_is_said_in_a_sound_is_the_text_where_there_is_no_other():
    payloads = [
        chunk(content=None, audio={"transcript": "It is "}),
        chunk(audio={"transcript": "five."}),
    ]
    text, found = read(*payloads, chunk(audio={"data": b64(SAMPLES)}))
    assert (text, found.transcript) == ("It is five.", "")
    assert found.sounds


def test_what_is_said_in_a_sound_beside_a_text_is_kept_by_itself():
    text, found = read(message(content="Five.", audio={"transcript": "It is five."}))
    assert (text, found.transcript) == ("Five.", "It is five.")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(message(content=None, audio={"data": b64(SAMPLES)}), id="a sound"),
        pytest.param(
            message(content="", images=[{"image_url": {"url": f"data:x;base64,{b64(PNG)}"}}]),
            id="a picture",
        ),
    ],
)
def test_an_answer_without_a_word_but_with_something_to_hear_or_see_is_one(answer):
    reader = AnswerReader()
    reader.take(answer)
    reader.end()
    assert reader.finished().extras.has_media


# --- pictures -------------------------------------------------------------


def picture(url):
    return {"type": "image_url", "image_url": {"url": url}}


@pytest.mark.parametrize(
    ("data", "kind"),
    [(PNG, "image/png"), (JPEG, "image/jpeg"), (GIF, "image/gif"), (WEBP, "image/webp")],
)
@pytest.mark.parametrize("called", ["image/png", "image/svg+xml", "text/html", "", "image/png;x=y"])
def test_a_picture_is_what_its_bytes_say_and_not_what_it_is_called(data, kind, called):
    found = read(message(images=[picture(f"data:{called};base64,{b64(data)}")]))[1]
    assert [data_of(one) for one in found.images] == [(kind, data)]


@pytest.mark.parametrize(
    "url",
    [
        f"data:image/svg+xml;base64,{b64(SVG)}",
        f"data:image/png;base64,{b64(SVG)}",
        "data:image/png;base64,",
        'data:image/png;base64,iVBORw0KGgo="><script>alert(1)</script>',
        "data:image/png;base64," + b64(PNG + bytes(extras.MOST_MEDIA_BYTES)),
    ],
    ids=["SVG", "SVG that is called PNG", "nothing", "markup", "too large"],
)
def test_what_is_no_picture_or_too_large_is_counted_as_not_shown(url):
    found = read(message(images=[picture(url)]))[1]
    assert (found.images, found.elsewhere, found.unshown) == ((), (), 1)


@pytest.mark.parametrize(
    "url",
    ["https://pictures.example/1.png", "javascript:alert(1)", "//x/1.png", "data:image/png,x"],
)
def test_a_picture_that_is_not_in_the_answer_has_its_address_kept(url):
    found = read(message(images=[picture(url)]))[1]
    assert (found.images, found.elsewhere, found.unshown) == ((), (url,), 0)


def test_a_picture_may_come_as_a_part_and_its_address_as_a_string():
    url = f"data:image/png;base64,{b64(PNG)}"
    text, found = read(
        message(content=[{"type": "image_url", "image_url": url}, {"text": "A cat."}])
    )
    assert text == "A cat."
    assert len(found.images) == 1


def test_no_more_pictures_are_kept_than_anybody_wants():
    many = [picture(f"https://pictures.example/{number}.png") for number in range(1000)]
    assert len(read(message(images=many))[1].elsewhere) == 20


# --- refusals, tools, sources ---------------------------------------------


def test_a_refusal_beside_words_is_kept():
    text, found = read(
        delta("It is five. "), chunk(refusal="I will not "), chunk(refusal="say more.")
    )
    assert (text, found.refusal) == ("It is five. ", "I will not say more.")


def test_tools_are_known_by_their_names_each_once():
    calls = [{"index": 0, "id": "x", "function": {"name": "look_up", "arguments": ""}}]
    more = [{"index": 0, "function": {"arguments": '{"q":'}}]
    again = [
        {"index": 1, "function": {"name": "look_up"}},
        {"index": 2, "function": {"name": "add"}},
    ]
    found = read(*(chunk(tool_calls=one) for one in (calls, more, again)))[1]
    assert found.tools == ("look_up", "add")


def test_sources_are_kept_with_their_titles_in_every_shape():
    of_openai = {"type": "url_citation", "url_citation": {"url": "https://a.example", "title": "A"}}
    flat = {"type": "url_citation", "url": "https://b.example", "title": "B"}
    _, found = read(
        message(content="x", annotations=[of_openai, flat, of_openai])
        | {"citations": ["https://c.example", "https://a.example"]}
    )
    assert found.citations == (
        Citation("https://c.example"),
        Citation("https://a.example", "A"),
        Citation("https://b.example", "B"),
    )


def test_no_key_stands_in_a_name_or_an_address():
    found = read(
        message(
            images=[picture(f"https://x.example/?key={KEY}")],
            tool_calls=[{"function": {"name": KEY}}],
            annotations=[{"url": f"https://x.example/{KEY}", "title": KEY}],
        )
    )[1]
    assert KEY not in repr((found.elsewhere, found.tools, found.citations))


@pytest.mark.parametrize("value", [7, "x", {}, [], [7], [{}], [None], {"x": 1}, True, [[]]])
@pytest.mark.parametrize(
    "name", ["audio", "images", "tool_calls", "function_call", "annotations", "x"]
)
def test_what_has_another_shape_is_none(name, value):
    payload = message(content="Five.", **{name: value}) | (
        {"citations": value} if name == "citations" else {}
    )
    _, found = read(payload)
    empty = read(message(content="Five."))[1]
    if name != "citations" or value not in ("x", [7]):
        assert found == empty


def test_nothing_of_an_answer_stands_in_a_repr_of_it():
    found = read(
        message(
            reasoning="diary",
            refusal="diary",
            audio={"data": b64(b"diary!"), "transcript": "diary"},
        )
    )[1]
    assert "diary" not in repr(found)
    assert b64(b"diary!") not in repr(found)
