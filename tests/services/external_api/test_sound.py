"""The sound of an answer as it comes: what a browser can play of it by now."""

import base64
import io
import wave

import pytest

from services.events import Sound
from services.external_api.answer import AnswerReader
from services.external_api.extras import MOST_MEDIA_BYTES
from services.external_api.sound import LiveSound, wav_head

SAMPLES = bytes(range(256)) * 8


def b64(data):
    return base64.b64encode(data).decode()


def played(*texts):
    sound = LiveSound()
    return b"".join(sound.take(text) for text in texts), sound.kind


def test_bare_samples_come_behind_the_head_of_a_wav():
    data, kind = played(b64(SAMPLES))
    assert (data, kind) == (wav_head() + SAMPLES, "audio/wav")
    # Whoever knows the end of it may say so: then it is a WAV like any other.
    size = len(SAMPLES).to_bytes(4, "little")
    with wave.open(io.BytesIO(data[:40] + size + data[44:])) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24_000, 1, 2)
        assert file.readframes(len(SAMPLES)) == SAMPLES


@pytest.mark.parametrize("length", [1, 2, 3, 5, 7, 1000])
@pytest.mark.parametrize("is_padded", [True, False], ids=["padded", "cut anywhere"])
def test_pieces_of_any_length_join_up(length, is_padded):
    if is_padded:
        whole = [SAMPLES[at : at + length] for at in range(0, len(SAMPLES), length)]
        texts = [b64(one) for one in whole]
    else:
        text = b64(SAMPLES)
        texts = [text[at : at + length] for at in range(0, len(text), length)]
    assert played(*texts) == (wav_head() + SAMPLES, "audio/wav")


@pytest.mark.parametrize(
    ("head", "kind"), [(b"ID3\x04", "audio/mpeg"), (b"OggS", "audio/ogg"), (b"fLaC", "audio/flac")]
)
def test_what_has_a_form_of_its_own_is_played_as_that(head, kind):
    data = head + SAMPLES
    assert played(b64(data[:3]), b64(data[3:])) == (data, kind)


@pytest.mark.parametrize("wrong", ["not base64!", "AAA*", "A===="], ids=str)
def test_what_is_no_sound_ends_it(wrong):
    data, _ = played(b64(SAMPLES), wrong, b64(SAMPLES))
    assert data == wav_head() + SAMPLES


def test_more_than_is_kept_is_not_played_either():
    half = b64(bytes(MOST_MEDIA_BYTES // 2 + 3))
    data, _ = played(half, half, half)
    assert len(data) == MOST_MEDIA_BYTES // 2 + 3 + len(wav_head())


def test_only_what_comes_in_pieces_is_told_as_it_comes():
    audio = {"audio": {"data": b64(SAMPLES), "transcript": "It is five."}}
    streamed, whole = AnswerReader(), AnswerReader()
    added = streamed.take({"choices": [{"index": 0, "delta": audio}]})
    assert (added.text, added.sound) == ("It is five.", wav_head() + SAMPLES)
    assert whole.take({"choices": [{"index": 0, "message": audio}]}).sound == b""


def test_a_sound_is_in_no_repr():
    assert "secret" not in repr(Sound(b"secret", "audio/wav"))
