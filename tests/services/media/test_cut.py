"""Long sound in pieces, cut where nobody speaks, in one pass."""

import itertools
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from services import errors
from services.media.jobs import blocks, pauses
from services.media.jobs.table import Cut, CutPiece
from services.media.values import RawPcm, Span
from services.media.workshop.worker import Teller
from tests.making import samples_of, silence, tone, write_film, write_sound
from tests.services.media.direct import SPEECH, cut, facts_of


def _speech(path, *lengths, pause=None, container="flac", codec="flac"):
    """Tones of so many seconds, with half a second of silence between them."""
    pause = silence(0.5) if pause is None else pause
    parts = [part for seconds in lengths for part in (tone(seconds), pause)][:-1]
    return write_sound(path / "speech", np.concatenate(parts), container=container, codec=codec)


def test_a_long_sound_is_cut_in_the_middle_of_its_pauses(tmp_path):
    path = _speech(tmp_path, 9.0, 9.0, 9.0, 3.0)

    pieces = cut(path, 10.0)[0]

    assert [piece.end_s for piece in pieces[:3]] == pytest.approx([9.25, 18.75, 28.25], abs=0.06)


@pytest.mark.parametrize("most_s", [1.0, 2.5, 7.0, 10.0, 31.0])
def test_the_pieces_are_the_whole_without_a_gap(tmp_path, most_s):
    path = _speech(tmp_path, 3.3, 0.7, 9.1, 2.2, 4.4, 8.0)
    facts = facts_of(path)

    pieces = cut(path, most_s)[0]

    assert pieces[0].start_s == 0
    assert pieces[-1].end_s == pytest.approx(facts.duration_s)
    assert all(one.end_s == two.start_s for one, two in itertools.pairwise(pieces))
    assert all(0 < piece.end_s - piece.start_s <= most_s + 1e-9 for piece in pieces)


def test_a_pause_early_in_the_span_is_no_reason_for_a_short_piece(tmp_path):
    path = _speech(tmp_path, 3.0, 17.0)

    first, *_ = cut(path, 10.0)[0]

    assert first.end_s >= 7.5


def test_where_nobody_is_silent_the_quietest_moment_is_taken(tmp_path):
    path = _speech(tmp_path, 9.0, 9.0, pause=tone(0.5, level=0.05))

    first, *_ = cut(path, 10.0)[0]

    assert first.end_s == pytest.approx(9.25, abs=0.06)


def test_the_longest_of_like_pauses_is_taken(tmp_path):
    sound = np.concatenate(
        [tone(7.8), silence(0.3), tone(0.4), silence(0.7), tone(0.3), silence(0.2), tone(5.0)]
    )
    path = write_sound(tmp_path / "speech", sound, container="wav", codec="pcm_s16le")

    first, *_ = cut(path, 10.0)[0]

    assert first.end_s == pytest.approx(8.85, abs=0.06)


def test_what_is_short_enough_is_one_piece(tmp_path):
    path = _speech(tmp_path, 3.0)

    assert cut(path, 3.0)[0] == (Span(0.0, 3.0),)


def test_the_sound_of_a_film_is_cut(tmp_path):
    path = write_film(
        tmp_path / "film",
        [((200, 20, 20), 6.0)],
        container="mp4",
        codec="libx264",
        sound=np.concatenate([tone(2.8), silence(0.4), tone(2.8)]),
    )

    first, *_ = cut(path, 3.5)[0]

    assert first.end_s == pytest.approx(3.0, abs=0.1)


def test_bare_samples_are_cut_as_they_are_read(tmp_path):
    path, raw = tmp_path / "samples", RawPcm("pcm16", 16_000)
    path.write_bytes(np.concatenate([tone(4.6), silence(0.4), tone(4.0)]).tobytes())

    first, second = cut(path, 5.5, raw)[0]

    assert (first.end_s, second.end_s) == pytest.approx((4.8, 9.0), abs=0.06)


@pytest.mark.parametrize("form", ["mp3", "wav", "flac"])
def test_the_files_of_the_pieces_are_as_long_as_their_spans(tmp_path, form):
    path = _speech(tmp_path, 4.0, 4.0, 4.0)

    spans, files = cut(path, 5.0, form=form)

    assert sorted(files) == list(range(len(spans)))
    for number, span in enumerate(spans):
        facts = facts_of(files[number])
        assert facts.container == form
        assert (facts.sound.sample_rate, facts.sound.channels) == (16_000, 1)
        assert facts.duration_s == pytest.approx(span.end_s - span.start_s, abs=0.002)


def test_the_pieces_together_are_the_sound(tmp_path):
    path = _speech(tmp_path, 3.3, 0.7, 9.1, 2.2)

    _, files = cut(path, 4.0, form="wav")

    pieces = [samples_of(files[number]) for number in sorted(files)]
    assert np.array_equal(np.concatenate(pieces), samples_of(path))


@pytest.mark.parametrize(
    ("start_s", "end_s"), [(None, 12.34), (3.21, None), (3.21, 12.34), (0.0, 12.34)]
)
def test_the_pieces_of_a_part_are_the_part(tmp_path, start_s, end_s):
    path = _speech(tmp_path, 3.3, 0.7, 9.1, 2.2, 4.4)
    first, last = round((start_s or 0) * 16_000), round((end_s or facts_of(path).duration_s) * 16e3)

    spans, files = cut(path, 4.0, form="wav", start_s=start_s, end_s=end_s)

    assert spans[0].start_s == (start_s or 0.0)
    assert spans[-1].end_s == pytest.approx(last / 16_000)
    assert all(one.end_s == two.start_s for one, two in itertools.pairwise(spans))
    pieces = [samples_of(files[number]) for number in sorted(files)]
    assert np.array_equal(np.concatenate(pieces), samples_of(path)[first:last])


def test_a_part_is_cut_where_its_own_pauses_are(tmp_path):
    path = _speech(tmp_path, 9.0, 9.0, 9.0)

    first, *_ = cut(path, 10.0, start_s=9.5)[0]

    assert first.end_s == pytest.approx(18.75, abs=0.06)


@pytest.mark.parametrize("start_s", [3.5, 99.0])
def test_a_part_after_the_end_cannot_be_cut(tmp_path, start_s):
    path = _speech(tmp_path, 3.0)

    with pytest.raises(errors.BadTrim):
        cut(path, 2.0, start_s=start_s)


def test_pieces_that_are_skipped_are_cut_and_not_written(tmp_path):
    path = _speech(tmp_path, 4.0, 4.0, 4.0, 4.0)
    all_spans, _ = cut(path, 5.0)
    (tmp_path / "again").mkdir()
    again = write_sound(
        tmp_path / "again" / "speech", samples_of(path), container="flac", codec="flac"
    )

    spans, files = cut(again, 5.0, skipped=(0, 2))

    assert spans == all_spans
    assert set(files) == set(range(len(spans))) - {0, 2}


def _folder(path):
    folder = path / "pieces"
    folder.mkdir()
    return folder


def _told(job):
    """What is told of the pieces, each with the files that are there by then."""
    found = []

    def say(name, value):
        if name == "news":
            there = {int(one.name) for one in job.folder.iterdir()}
            found.append((value["number"], Span(**value["span"]), there))

    spans = pauses.cut(job, Teller(say, CutPiece))
    return spans, found


def test_each_piece_is_told_as_soon_as_it_is_written(tmp_path):
    """Before the next one is, so that it can be sent meanwhile."""
    path = _speech(tmp_path, 4.0, 4.0, 4.0, 4.0)

    spans, told = _told(Cut(path, None, _folder(tmp_path), "mp3", SPEECH, 5.0))

    assert [number for number, _, _ in told] == list(range(len(spans)))
    assert [span for _, span, _ in told] == list(spans)
    assert [there for _, _, there in told] == [set(range(n + 1)) for n in range(len(spans))]


def test_a_piece_is_written_before_more_of_the_file_is_read(tmp_path, monkeypatch):
    path = _speech(tmp_path, 4.0, 4.0, 4.0, 4.0)
    job = Cut(path, None, _folder(tmp_path), "mp3", SPEECH, 5.0)
    decoded, by_then = 0, []
    decoding = blocks.decoded_sound

    def count(packet):
        nonlocal decoded
        frames = decoding(packet)
        decoded += sum(frame.samples for frame in frames)
        return frames

    monkeypatch.setattr(blocks, "decoded_sound", count)

    def say(name, _):
        if name == "news":
            by_then.append(decoded / 16_000)

    spans = pauses.cut(job, Teller(say, CutPiece))

    # Of the next piece so much as is needed to know where this one ends, and a
    # few seconds that are on their way through the filters.
    assert len(by_then) == len(spans)
    assert all(at < one.start_s + 5.0 + 5.0 for at, one in zip(by_then, spans, strict=True))


def test_pieces_that_are_skipped_are_not_told(tmp_path):
    path = _speech(tmp_path, 4.0, 4.0, 4.0, 4.0)

    _, told = _told(Cut(path, None, _folder(tmp_path), "mp3", SPEECH, 5.0, skipped=(1,)))

    assert [number for number, _, _ in told] == [0, 2, 3]


def test_all_pieces_are_made_in_one_pass(tmp_path, monkeypatch):
    """The file is opened once, and each packet of it decoded once."""
    path = _speech(tmp_path, 4.0, 4.0, 4.0, 4.0, 4.0)
    opened, decoded = [], []
    opening, decoding = Path.open, blocks.decoded_sound
    monkeypatch.setattr(Path, "open", lambda one, *how: [opened.append(one), opening(one, *how)][1])
    monkeypatch.setattr(
        blocks, "decoded_sound", lambda packet: [decoded.append(packet.dts), decoding(packet)][1]
    )

    spans, _ = cut(path, 5.0)

    assert len(spans) > 4
    assert opened == [path]
    assert len([at for at in decoded if at is not None]) == len({*decoded} - {None}) > 100


@pytest.mark.parametrize("skipped", [(), tuple(range(1000))], ids=["written", "skipped"])
def test_one_piece_is_held_and_no_more(tmp_path, skipped):
    """A sound that is four times as long takes hardly more memory."""

    def peak(seconds):
        folder = tmp_path / str(seconds)
        folder.mkdir()
        path = write_sound(folder / "sound", tone(seconds), container="wav", codec="pcm_s16le")
        tracemalloc.start()
        try:
            cut(path, 10.0, form="wav", skipped=skipped)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(15.0)  # what is cached from the first time on
    short, long = peak(60.0), peak(240.0)

    assert 10 * 32_000 < long < 1.3 * short


def test_a_film_without_sound_cannot_be_cut(tmp_path):
    path = write_film(tmp_path / "film", [((9, 9, 9), 0.4)], container="mp4", codec="libx264")

    with pytest.raises(errors.NoSound):
        cut(path, 5.0)[0]
