"""Looking at files before anything is sent, and making them fit."""

import asyncio
import contextlib
import dataclasses
import errno
import io
import os
import shutil
import tempfile
import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services import errors
from services.assistant import Ask, LocalFile
from services.assistant.prepared import PIECE_S, about_pieces
from services.assistant.preparer import Preparer
from services.external_api.intake import UNKNOWN, takes
from services.media.values import Fit, Mix, RawPcm
from services.media.workshop.workshop import Workshop
from tests.capture import nobody
from tests.making import silence, tone, write_long, write_sound, write_tracks, write_wave
from tests.services.media.direct import facts_of

pytestmark = pytest.mark.anyio

MB = 1024 * 1024
OPENAI = takes("openai/gpt-4o", ())
CLIPS = Path(__file__).parents[2] / "media"


class Counting:
    """A workshop that counts the jobs it is given."""

    def __init__(self, workshop):
        self._workshop = workshop
        self.jobs = []

    async def do(self, job, **more):
        self.jobs.append(type(job).__name__)
        return await self._workshop.do(job, **more)


@pytest.fixture(scope="module")
def wav(tmp_path_factory):
    path = tmp_path_factory.mktemp("media") / "tone.wav"
    return write_sound(path, tone(2.0), container="wav", codec="pcm_s16le")


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    """A little over two pieces of sound, with a pause in each minute."""
    minute = np.concatenate([tone(59.0), silence(1.0)])
    return write_long(tmp_path_factory.mktemp("media") / "talk.mp3", minute, 21)


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    """Where temporary files are, and what is kept."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def about(path, kind="audio", **more):
    return Ask(LocalFile(path, kind), "What?", "m", **more)


def preparing(workshop, limit=MB):
    return Preparer(workshop, lambda _: limit)


async def forecast_of(preparer, ask, forms=OPENAI):
    return await preparer.forecast(ask, forms, "", nobody)


@contextlib.asynccontextmanager
async def at_work(preparer, ask):
    async with preparer.prepared(ask.media, "", nobody) as prepared:
        yield prepared


async def made(preparer, ask, forms=OPENAI):
    """What is sent for ``ask`` in the end, as facts and bytes."""
    async with at_work(preparer, ask) as prepared:
        sendable = await prepared.sendable(ask.media.kind, forms, ask.fit, nobody)
        return sendable, sendable.path.read_bytes()


async def cut(preparer, ask, forms=UNKNOWN, skipped=()):
    """The spans, and the pieces that were made, with their bytes."""
    pieces = {}
    async with at_work(preparer, ask) as prepared:
        spans = await prepared.pieces(
            forms, ask.fit, skipped, nobody, lambda number, *piece: pieces.update({number: piece})
        )
    return spans, pieces


async def test_what_fits_is_foretold_as_it_is(workshop, wav):
    told = await forecast_of(preparing(workshop), about(wav))
    assert (told.estimate.change, told.estimate.format) == ("none", "wav")
    assert told.estimate.file_bytes == wav.stat().st_size
    assert (told.offers, told.can_be_cut, told.pieces, told.flaw) == ((), False, 0, None)


async def test_what_is_too_large_comes_with_offers_that_are_not(workshop, wav):
    limit = wav.stat().st_size // 2
    told = await forecast_of(preparing(workshop, limit), about(wav))
    assert told.estimate.file_bytes > limit
    assert told.offers
    assert all(offer.estimate.file_bytes <= limit for offer in told.offers)


async def test_a_part_that_is_too_large_comes_with_offers_of_that_part(workshop, wav):
    told = await forecast_of(preparing(workshop, 10_000), about(wav, fit=Fit(start_s=0.5)))
    assert told.offers
    assert {offer.fit.start_s for offer in told.offers} == {0.5}


async def test_an_offer_that_is_taken_is_small_enough_to_be_sent(workshop, wav):
    limit = wav.stat().st_size // 2
    preparer = preparing(workshop, limit)
    offer = (await forecast_of(preparer, about(wav))).offers[0]
    sendable, _ = await made(preparer, about(wav, offer.kind, fit=offer.fit))
    assert sendable.facts.file_bytes <= limit


async def test_what_is_too_large_is_not_sent(workshop, wav):
    with pytest.raises(errors.FileTooLarge):
        await made(preparing(workshop, 1000), about(wav))


@pytest.mark.parametrize("kind", ["audio", "video"])
async def test_a_part_past_the_end_is_a_bad_trim(workshop, wav, kind):
    path = wav if kind == "audio" else CLIPS / "cuts.mp4"
    fit = Fit(start_s=100.0)
    with pytest.raises(errors.BadTrim):
        await forecast_of(preparing(workshop), about(path, kind, fit=fit))
    with pytest.raises(errors.BadTrim):
        await made(preparing(workshop), about(path, kind, fit=fit))


async def test_pieces_past_the_end_are_a_bad_trim(workshop, talk):
    ask = about(talk, in_pieces=True, fit=Fit(start_s=9999.0))
    with pytest.raises(errors.BadTrim):
        await cut(preparing(workshop, 50 * MB), ask)


async def test_a_file_is_looked_at_once(workshop, wav):
    counting = Counting(workshop)
    preparer = preparing(counting)
    await forecast_of(preparer, about(wav))
    await made(preparer, about(wav))
    assert counting.jobs == ["Inspect"]


async def test_who_asks_at_the_same_time_waits_for_the_same_look(workshop, wav):
    counting = Counting(workshop)
    preparer = preparing(counting)
    looks = await asyncio.gather(*(forecast_of(preparer, about(wav)) for _ in range(5)))
    assert counting.jobs == ["Inspect"]
    assert len(set(looks)) == 1


async def test_a_file_that_changed_is_looked_at_again(workshop, tmp_path):
    path = write_sound(tmp_path / "a.wav", tone(0.3), container="wav", codec="pcm_s16le")
    counting = Counting(workshop)
    preparer = preparing(counting)
    await forecast_of(preparer, about(path))
    write_sound(path, tone(0.6), container="wav", codec="pcm_s16le")
    told = await forecast_of(preparer, about(path))
    assert counting.jobs == ["Inspect", "Inspect"]
    assert told.estimate.file_bytes == path.stat().st_size


async def test_a_form_is_made_once_for_any_number_of_questions_and_models(workshop, wav):
    counting = Counting(workshop)
    ask = about(wav, fit=Fit(speech=True))
    async with at_work(preparing(counting), ask) as prepared:
        both = [OPENAI, UNKNOWN] * 2
        made_of_it = await asyncio.gather(
            *(prepared.sendable("audio", forms, ask.fit, nobody) for forms in both)
        )
        again = await prepared.sendable("audio", UNKNOWN, ask.fit, nobody)
    assert counting.jobs == ["Inspect", "ToAudio", "Inspect"]
    assert {one.path for one in [*made_of_it, again]} == {again.path}


async def test_each_form_has_a_file_of_its_own(workshop, wav):
    async with at_work(preparing(workshop), about(wav)) as prepared:
        small = await prepared.sendable("audio", OPENAI, Fit(speech=True), nobody)
        part = await prepared.sendable("audio", OPENAI, Fit(end_s=1.0), nobody)
        assert small.path != part.path
        assert small.path.stat().st_size == small.facts.file_bytes
        assert part.path.stat().st_size == part.facts.file_bytes


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
async def test_a_file_is_linked_once_for_all_its_pieces(workshop, talk, monkeypatch, links):
    copied = []

    def copyfile(source, target):
        copied.append(source)
        target.write_bytes(source.read_bytes())

    def no_link(*_):
        raise OSError(errno.EXDEV, "another file system")

    monkeypatch.setattr(shutil, "copyfile", copyfile)
    if not links:
        monkeypatch.setattr(Path, "hardlink_to", no_link)
    _, pieces = await cut(preparing(workshop, 50 * MB), about(talk, in_pieces=True))
    assert len(pieces) == 3
    assert len(copied) == (0 if links else 1)


async def test_silence_is_foretold_with_a_word_and_refused(workshop, tmp_path):
    path = write_sound(tmp_path / "a.wav", silence(1.0), container="wav", codec="pcm_s16le")
    preparer = preparing(workshop)
    assert (await forecast_of(preparer, about(path))).flaw == "silent"
    async with at_work(preparer, about(path)) as prepared:
        with pytest.raises(errors.SilentRecording):
            prepared.check("audio")


async def test_a_voice_in_antiphase_is_foretold_as_it_will_be_mixed(workshop, tmp_path):
    path = write_wave(tmp_path / "crossed.wav", np.stack([tone(1.0), -tone(1.0)]))
    preparer = preparing(workshop)
    told = await forecast_of(preparer, about(path))
    assert (told.flaw, told.mix) == (None, Mix(0))
    sendable, _ = await made(preparer, about(path))
    assert (sendable.change, sendable.format) == (told.estimate.change, told.estimate.format)
    assert sendable.mix == told.mix
    assert not sendable.facts.sound.is_silent


async def test_pieces_of_a_voice_in_antiphase_are_heard(workshop, tmp_path):
    talk = np.concatenate([tone(30.0), silence(1.0)])
    path = write_wave(tmp_path / "crossed.wav", np.stack([talk, -talk]))
    _, pieces = await cut(preparing(workshop), about(path))
    for _, sendable in pieces.values():
        assert (sendable.mix, sendable.facts.sound.is_silent) == (Mix(0), False)


async def test_the_sound_track_that_was_chosen_is_looked_at_and_sent(workshop, tmp_path):
    path = tmp_path / "film.mkv"
    low, high = tone(1.0, 48_000, level=0.1)[None], tone(1.0, 48_000, level=0.5)[None]
    write_tracks(path, [low, high], container="matroska", codec="aac")
    preparer = preparing(workshop)
    levels = {}
    for track in (None, 0, 1):
        ask = Ask(LocalFile(path, "audio", track=track), "What?", "m")
        told = await forecast_of(preparer, ask)
        sendable, _ = await made(preparer, ask)
        assert told.facts.sound.track == (track or 0)
        assert len(told.facts.tracks) == 2
        assert (sendable.track, sendable.tracks) == (track or 0, 2)
        levels[track] = sendable.facts.sound.peak_dbfs
    assert levels[None] == pytest.approx(levels[0])
    assert levels[1] - levels[0] == pytest.approx(14.0, abs=3.0)


async def test_a_long_sound_can_be_cut_into_pieces_that_end_in_pauses(workshop, talk):
    counting = Counting(workshop)
    preparer = preparing(counting, 50 * MB)
    ask = about(talk, in_pieces=True)
    told = await forecast_of(preparer, ask, UNKNOWN)
    assert (told.can_be_cut, told.pieces) == (True, 3)
    spans, pieces = await cut(preparer, ask)
    assert [spans[number] for number in sorted(pieces)] == [
        span for _, (span, _) in sorted(pieces.items())
    ]
    assert len(spans) == 3
    assert all(span.end_s - span.start_s <= PIECE_S for span in spans)
    for span in spans[:-1]:
        assert span.end_s % 60 == pytest.approx(59.5, abs=0.6)
    assert counting.jobs.count("Cut") == 1
    assert counting.jobs.count("ToAudio") == 0


async def test_pieces_that_have_their_answer_are_not_made_again(workshop, talk):
    counting = Counting(workshop)
    ask = about(talk, in_pieces=True)
    spans, pieces = await cut(preparing(counting, 50 * MB), ask, skipped=(0, 2))
    assert (len(spans), list(pieces)) == (3, [1])
    assert counting.jobs == ["Inspect", "Cut", "Inspect"]


async def test_pieces_lie_between_the_times_that_were_chosen(workshop, talk):
    ask = about(talk, in_pieces=True, fit=Fit(start_s=60.0, end_s=700.0))
    spans, _ = await cut(preparing(workshop, 50 * MB), ask)
    assert (spans[0].start_s, spans[-1].end_s) == (60.0, 700.0)
    assert [one.end_s for one in spans[:-1]] == [one.start_s for one in spans[1:]]


async def test_a_piece_is_speech_of_its_length(workshop, talk):
    ask = about(talk, in_pieces=True, fit=Fit(60.0, 90.0))
    _, pieces = await cut(preparing(workshop, 50 * MB), ask)
    ((_, piece),) = pieces.values()
    assert piece.facts.duration_s == pytest.approx(30.0, abs=0.2)
    assert (piece.facts.sound.sample_rate, piece.facts.sound.channels) == (16_000, 1)
    assert (piece.format, piece.change) == ("mp3", "transcode")
    assert piece.converted_from == "mp3 (mp3)"


async def test_bare_samples_can_be_listened_to_as_they_are_described(workshop, tmp_path):
    path = tmp_path / "a.pcm"
    path.write_bytes(np.zeros(32_000, dtype="<i2").tobytes())
    file = LocalFile(path, "audio", RawPcm("pcm16", 8_000, 2))
    heard = await preparing(workshop).preview(file, "")
    with wave.open(io.BytesIO(heard)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getnframes()) == (
            8_000,
            2,
            16_000,
        )


async def test_bare_samples_on_several_channels_are_listened_to_as_they_will_be_sent(
    workshop, tmp_path
):
    path = tmp_path / "samples.pcm"
    path.write_bytes(np.ascontiguousarray(np.stack([tone(1.0), -tone(1.0)]).T).tobytes())
    file = LocalFile(path, "audio", RawPcm("pcm16", 16_000, 2))
    wav = tmp_path / "preview.wav"
    wav.write_bytes(await preparing(workshop).preview(file, ""))
    sound = facts_of(wav).sound
    assert (sound.channels, sound.is_silent) == (1, False)


async def test_a_file_that_was_tidied_away_is_gone(workshop, wav, tmp_path):
    ask = replace(about(wav), media=LocalFile(tmp_path / "gone.wav", "audio"))
    with pytest.raises(errors.FileGone):
        await forecast_of(preparing(workshop), ask)
    with pytest.raises(errors.FileGone):
        await made(preparing(workshop), ask)


async def test_of_a_file_that_was_looked_at_another_link_is_not_looked_at(workshop, wav, tmp_path):
    counting, link = Counting(workshop), tmp_path / "0"
    link.hardlink_to(wav)
    preparer = preparing(counting)
    first = await forecast_of(preparer, about(wav))
    assert await forecast_of(preparer, about(link)) == first
    assert counting.jobs == ["Inspect"]


async def test_who_waits_for_a_place_is_told_their_number(wav):
    places, waits = [], asyncio.Event()

    def told(event):
        if event.stage == "queue":
            places.append(event.place)
            waits.set()

    async def looked():
        async with preparing(narrow).prepared(LocalFile(wav, "audio"), "", told):
            pass

    with Workshop("services.media.jobs.table", places=1) as narrow:
        async with narrow._lanes.place("somebody else", is_long=False, told=nobody):
            looking = asyncio.create_task(looked())
            await waits.wait()
        await looking
    assert places == [1]


class Held:
    """A workshop that is busy until it is told to begin."""

    def __init__(self, workshop):
        self._workshop = workshop
        self.begin = asyncio.Event()

    async def do(self, job, **more):
        await self.begin.wait()
        return await self._workshop.do(job, **more)


async def test_who_shares_a_look_at_a_file_does_not_depend_on_who_began_it(workshop, wav):
    held = Held(workshop)
    preparer = preparing(held)
    first = asyncio.create_task(made(preparer, about(wav)))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(made(preparer, about(wav)))
    await asyncio.sleep(0.1)

    first.cancel()
    await asyncio.wait([first])
    held.begin.set()

    _, data = await second
    assert data == wav.read_bytes()


@pytest.mark.parametrize(
    ("fit", "pieces"),
    [(Fit(), 3), (Fit(start_s=1200.0), 1), (Fit(end_s=601.0), 2), (Fit(0.0, 600.0), 1)],
    ids=["all of it", "its end", "its beginning", "a piece"],
)
async def test_pieces_are_counted_of_the_part_that_is_wanted(workshop, talk, fit, pieces):
    async with at_work(preparing(workshop, 50 * MB), about(talk)) as prepared:
        assert about_pieces(prepared.facts, fit) == pieces


# --- a second question about the same file --------------------------------


@pytest.fixture
def works(workshop, monkeypatch):
    """The names of the jobs that are done."""
    done, do = [], workshop.do

    async def counted(job, **how):
        done.append(type(job).__name__)
        return await do(job, **how)

    monkeypatch.setattr(workshop, "do", counted)
    return done


@pytest.mark.parametrize(
    ("forms", "fit"), [(UNKNOWN, Fit(speech=True)), (OPENAI, Fit(0.2, 0.6))], ids=["made", "cut"]
)
async def test_a_second_question_makes_nothing_anew(workshop, works, wav, forms, fit):
    preparer, ask = preparing(workshop), about(wav, fit=fit)
    first, content = await made(preparer, ask, forms)
    assert "ToAudio" in works
    works.clear()

    second, again = await made(preparer, ask, forms)

    assert works == []
    assert again == content
    assert dataclasses.replace(second, path=first.path) == first


async def test_another_part_is_made_anew(workshop, works, wav):
    preparer = preparing(workshop)
    await made(preparer, about(wav, fit=Fit(0.2, 0.6)))
    works.clear()
    await made(preparer, about(wav, fit=Fit(0.2, 0.5)))
    assert "ToAudio" in works


async def test_a_file_that_is_another_by_now_is_made_anew(workshop, works, wav, tmp_path):
    preparer, path = preparing(workshop), tmp_path / "a.wav"
    path.write_bytes(wav.read_bytes())
    await made(preparer, about(path, fit=Fit(0.2, 0.6)))
    works.clear()
    os.utime(path, ns=(1, 1))
    await made(preparer, about(path, fit=Fit(0.2, 0.6)))
    assert "ToAudio" in works


async def test_what_is_forgotten_leaves_no_file(workshop, wav, temporary):
    preparer = preparing(workshop)
    await made(preparer, about(wav, fit=Fit(0.2, 0.6)))
    assert len(list(temporary.glob("kept-*"))) == 1
    preparer.forget()
    assert list(temporary.glob("kept-*")) == []


async def test_who_works_on_the_same_file_at_once_makes_each_form_of_it_once(workshop, wav):
    counting = Counting(workshop)
    preparer = preparing(counting)
    async with (
        preparer.prepared(about(wav).media, "ann", nobody) as one,
        preparer.prepared(about(wav).media, "ann", nobody) as other,
    ):
        fit = Fit(speech=True)
        made = await asyncio.gather(
            *(each.sendable("audio", OPENAI, fit, nobody) for each in (one, other, one))
        )
    assert len(set(made)) == 1
    assert sorted(counting.jobs) == ["Inspect", "Inspect", "ToAudio"]


async def test_what_is_shared_is_there_until_the_last_one_is_done(workshop, wav, temporary):
    preparer = preparing(workshop)
    async with preparer.prepared(about(wav).media, "ann", nobody):
        async with preparer.prepared(about(wav).media, "ann", nobody) as other:
            made = await other.sendable("audio", OPENAI, Fit(speech=True), nobody)
        assert made.path.exists()
    assert not made.path.exists()
    preparer.forget()
    assert [one for one in temporary.rglob("*") if one.is_file()] == []


async def test_visitors_share_nothing(workshop, wav):
    preparer = preparing(workshop)
    async with (
        preparer.prepared(about(wav).media, "ann", nobody) as anns,
        preparer.prepared(about(wav).media, "bob", nobody) as bobs,
    ):
        assert anns is not bobs
