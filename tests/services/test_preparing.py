"""Looking at files before anything is sent, and making them fit."""

import io
import wave
from dataclasses import replace

import numpy as np
import pytest
from services.asking import Ask, LocalFile
from services.preparing import PIECE_S, Preparer

from services import errors
from services.external_api.intake import UNKNOWN, takes
from services.media.values import Fit, RawPcm, Sendable, Span
from tests.making import silence, tone, write_sound

pytestmark = pytest.mark.anyio

MB = 1024 * 1024
OPENAI = takes("openai/gpt-4o", ())


class Counting:
    """A sandbox that counts the jobs it is given."""

    def __init__(self, sandbox):
        self._sandbox = sandbox
        self.jobs = []

    async def run(self, job, **arguments):
        self.jobs.append(job)
        return await self._sandbox.run(job, **arguments)

    def stream(self, job, **arguments):
        self.jobs.append(job)
        return self._sandbox.stream(job, **arguments)


@pytest.fixture(scope="module")
def wav(tmp_path_factory):
    path = tmp_path_factory.mktemp("media") / "tone.wav"
    return write_sound(path, tone(2.0), container="wav", codec="pcm_s16le")


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    """A little over two pieces of sound, with a pause in each minute."""
    minute = np.concatenate([tone(59.0), silence(1.0)])
    path = tmp_path_factory.mktemp("media") / "talk.mp3"
    return write_sound(path, np.tile(minute, 21), container="mp3", codec="libmp3lame")


def about(path, kind="audio", **more):
    return Ask(LocalFile(path, kind), "What?", "m", **more)


async def made(preparer, ask, forms, folder):
    """What is sent for ``ask`` in the end."""
    *_, sendable = [step async for step in preparer.sendable(ask, forms, folder)]
    assert isinstance(sendable, Sendable)
    return sendable


async def test_what_fits_is_planned_as_it_is(sandbox, wav):
    plan = await Preparer(sandbox, MB).plan(about(wav), OPENAI)
    assert (plan.estimate.change, plan.estimate.format) == ("none", "wav")
    assert plan.estimate.file_bytes == wav.stat().st_size
    assert (plan.offers, plan.can_be_cut, plan.pieces, plan.unfit) == ((), False, 0, None)


async def test_what_is_too_large_comes_with_offers_that_are_not(sandbox, wav):
    limit = wav.stat().st_size // 2
    plan = await Preparer(sandbox, limit).plan(about(wav), OPENAI)
    assert plan.estimate.file_bytes > limit
    assert plan.offers
    assert all(offer.estimate.file_bytes <= limit for offer in plan.offers)


async def test_an_offer_that_is_taken_is_small_enough_to_be_sent(sandbox, wav, tmp_path):
    limit = wav.stat().st_size // 2
    preparer = Preparer(sandbox, limit)
    offer = (await preparer.plan(about(wav), OPENAI)).offers[0]
    ask = about(wav, offer.kind, fit=offer.fit)
    assert (await made(preparer, ask, OPENAI, tmp_path)).facts.file_bytes <= limit


async def test_what_is_too_large_is_not_sent(sandbox, wav, tmp_path):
    preparer = Preparer(sandbox, 1000)
    with pytest.raises(errors.FileTooLarge):
        await made(preparer, about(wav), OPENAI, tmp_path)


async def test_a_file_is_looked_at_once(sandbox, wav, tmp_path):
    counting = Counting(sandbox)
    preparer = Preparer(counting, MB)
    await preparer.plan(about(wav), OPENAI)
    await made(preparer, about(wav), OPENAI, tmp_path)
    assert counting.jobs == ["inspect"]


async def test_a_file_that_changed_is_looked_at_again(sandbox, tmp_path):
    path = write_sound(tmp_path / "a.wav", tone(0.3), container="wav", codec="pcm_s16le")
    counting = Counting(sandbox)
    preparer = Preparer(counting, MB)
    await preparer.plan(about(path), OPENAI)
    write_sound(path, tone(0.6), container="wav", codec="pcm_s16le")
    plan = await preparer.plan(about(path), OPENAI)
    assert counting.jobs == ["inspect", "inspect"]
    assert plan.estimate.file_bytes == path.stat().st_size


async def test_silence_is_planned_with_a_word_and_not_sent(sandbox, tmp_path):
    path = write_sound(tmp_path / "a.wav", silence(1.0), container="wav", codec="pcm_s16le")
    preparer = Preparer(sandbox, MB)
    assert (await preparer.plan(about(path), OPENAI)).unfit == "silent"
    with pytest.raises(errors.SilentRecording):
        await made(preparer, about(path), OPENAI, tmp_path)


async def test_silence_is_sent_to_who_wants_it(sandbox, tmp_path):
    path = write_sound(tmp_path / "a.wav", silence(1.0), container="wav", codec="pcm_s16le")
    sendable = await made(Preparer(sandbox, MB), about(path, anyway=True), OPENAI, tmp_path)
    assert sendable.change == "none"


async def test_a_long_sound_can_be_cut_into_pieces_that_end_in_pauses(sandbox, talk, tmp_path):
    preparer = Preparer(sandbox, 50 * MB)
    ask = about(talk, in_pieces=True)
    plan = await preparer.plan(ask, UNKNOWN)
    assert (plan.can_be_cut, plan.pieces) == (True, 3)
    spans = await preparer.spans(ask, tmp_path)
    assert len(spans) == 3
    assert all(span.end_s - span.start_s <= PIECE_S for span in spans)
    for span in spans[:-1]:
        assert span.end_s % 60 == pytest.approx(59.5, abs=0.6)


async def test_pieces_lie_between_the_times_that_were_chosen(sandbox, talk, tmp_path):
    preparer = Preparer(sandbox, 50 * MB)
    ask = about(talk, in_pieces=True, fit=Fit(start_s=60.0, end_s=700.0))
    spans = await preparer.spans(ask, tmp_path)
    assert (spans[0].start_s, spans[-1].end_s) == (60.0, 700.0)
    assert [one.end_s for one in spans[:-1]] == [one.start_s for one in spans[1:]]


async def test_a_piece_is_speech_of_its_length(sandbox, talk, tmp_path):
    preparer = Preparer(sandbox, 50 * MB)
    steps = preparer.piece(about(talk, in_pieces=True), Span(60.0, 90.0), UNKNOWN, tmp_path)
    *_, piece = [step async for step in steps]
    assert piece.facts.duration_s == pytest.approx(30.0, abs=0.2)
    assert (piece.facts.sound.sample_rate, piece.facts.sound.channels) == (16_000, 1)


async def test_bare_samples_can_be_listened_to_as_they_are_described(sandbox, tmp_path):
    path = tmp_path / "a.pcm"
    path.write_bytes(np.zeros(32_000, dtype="<i2").tobytes())
    file = LocalFile(path, "audio", RawPcm("pcm16", 8_000, 2))
    heard = await Preparer(sandbox, MB).preview(file)
    with wave.open(io.BytesIO(heard)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getnframes()) == (
            8_000,
            2,
            16_000,
        )


async def test_a_file_that_was_tidied_away_is_gone(sandbox, wav, tmp_path):
    ask = replace(about(wav), media=LocalFile(tmp_path / "gone.wav", "audio"))
    with pytest.raises(errors.FileGone):
        await Preparer(sandbox, MB).plan(ask, OPENAI)
