"""Long sound in pieces, cut where nobody speaks."""

import itertools

import numpy as np
import pytest
from services.media.sandbox import Sandbox
from services.media.split import split

from services import errors
from services.media.values import Fit, RawPcm, Span
from tests.making import silence, tone, write_film, write_sound
from tests.services.media.direct import facts_of
from tests.services.media.preparing import prepared


def _speech(path, *lengths, pause=None, container="flac", codec="flac"):
    """Tones of so many seconds, with half a second of silence between them."""
    pause = silence(0.5) if pause is None else pause
    parts = [part for seconds in lengths for part in (tone(seconds), pause)][:-1]
    return write_sound(path / "speech", np.concatenate(parts), container=container, codec=codec)


@pytest.mark.anyio
async def test_a_long_sound_is_cut_in_the_middle_of_its_pauses(tmp_path, sandbox):
    path = _speech(tmp_path, 9.0, 9.0, 9.0, 3.0)

    pieces = await split(sandbox, path, facts_of(path), None, 10.0)

    assert [piece.end_s for piece in pieces[:3]] == pytest.approx([9.25, 18.75, 28.25], abs=0.06)


@pytest.mark.anyio
@pytest.mark.parametrize("most_s", [1.0, 2.5, 7.0, 10.0, 31.0])
async def test_the_pieces_are_the_whole_without_a_gap(tmp_path, sandbox, most_s):
    path = _speech(tmp_path, 3.3, 0.7, 9.1, 2.2, 4.4, 8.0)
    facts = facts_of(path)

    pieces = await split(sandbox, path, facts, None, most_s)

    assert pieces[0].start_s == 0
    assert pieces[-1].end_s == pytest.approx(facts.duration_s)
    assert all(one.end_s == two.start_s for one, two in itertools.pairwise(pieces))
    assert all(0 < piece.end_s - piece.start_s <= most_s + 1e-9 for piece in pieces)


@pytest.mark.anyio
async def test_a_pause_early_in_the_span_is_no_reason_for_a_short_piece(tmp_path, sandbox):
    path = _speech(tmp_path, 3.0, 17.0)

    first, *_ = await split(sandbox, path, facts_of(path), None, 10.0)

    assert first.end_s >= 7.5


@pytest.mark.anyio
async def test_where_nobody_is_silent_the_quietest_moment_is_taken(tmp_path, sandbox):
    path = _speech(tmp_path, 9.0, 9.0, pause=tone(0.5, level=0.05))

    first, *_ = await split(sandbox, path, facts_of(path), None, 10.0)

    assert first.end_s == pytest.approx(9.25, abs=0.06)


@pytest.mark.anyio
async def test_the_longest_of_like_pauses_is_taken(tmp_path, sandbox):
    sound = np.concatenate(
        [tone(7.8), silence(0.3), tone(0.4), silence(0.7), tone(0.3), silence(0.2), tone(5.0)]
    )
    path = write_sound(tmp_path / "speech", sound, container="wav", codec="pcm_s16le")

    first, *_ = await split(sandbox, path, facts_of(path), None, 10.0)

    assert first.end_s == pytest.approx(8.85, abs=0.06)


@pytest.mark.anyio
async def test_what_is_short_enough_is_one_piece(tmp_path, sandbox):
    path = _speech(tmp_path, 3.0)

    assert await split(sandbox, path, facts_of(path), None, 3.0) == (Span(0.0, 3.0),)


@pytest.mark.anyio
async def test_the_sound_of_a_film_is_cut(tmp_path, sandbox):
    path = write_film(
        tmp_path / "film",
        [((200, 20, 20), 6.0)],
        container="mp4",
        codec="libx264",
        sound=np.concatenate([tone(2.8), silence(0.4), tone(2.8)]),
    )

    first, *_ = await split(sandbox, path, facts_of(path), None, 3.5)

    assert first.end_s == pytest.approx(3.0, abs=0.1)


@pytest.mark.anyio
async def test_bare_samples_are_cut_as_they_are_read(tmp_path, sandbox):
    path, raw = tmp_path / "samples", RawPcm("pcm16", 16_000)
    path.write_bytes(np.concatenate([tone(4.6), silence(0.4), tone(4.0)]).tobytes())

    first, second = await split(sandbox, path, facts_of(path, raw), raw, 5.5)

    assert (first.end_s, second.end_s) == pytest.approx((4.8, 9.0), abs=0.06)


@pytest.mark.anyio
async def test_the_files_of_the_pieces_are_as_long_as_the_whole(tmp_path, sandbox):
    path = _speech(tmp_path, 4.0, 4.0, 4.0)
    facts = facts_of(path)

    lengths = []
    for piece in await split(sandbox, path, facts, None, 5.0):
        fit = Fit(piece.start_s, piece.end_s, speech=True)
        _, sendable = await prepared(sandbox, path, "audio", tmp_path, fit=fit)
        lengths.append(sendable.facts.duration_s)

    assert sum(lengths) == pytest.approx(facts.duration_s, abs=0.01)


@pytest.mark.anyio
async def test_a_film_without_sound_cannot_be_cut(tmp_path, sandbox):
    path = write_film(tmp_path / "film", [((9, 9, 9), 0.4)], container="mp4", codec="libx264")

    with pytest.raises(errors.NoSound):
        await split(sandbox, path, facts_of(path), None, 5.0)


@pytest.mark.anyio
async def test_pieces_too_short_for_a_word_are_a_mistake(tmp_path, sandbox):
    path = _speech(tmp_path, 3.0)

    with pytest.raises(ValueError, match="at least 1"):
        await split(sandbox, path, facts_of(path), None, 0.5)


@pytest.mark.anyio
async def test_no_nonsense_of_a_worker_is_believed(tmp_path):
    path = _speech(tmp_path, 3.0)

    with (
        Sandbox("tests.services.media.naughty_jobs", spare=0) as taken_over,
        pytest.raises(errors.UnreadableFile),
    ):
        await split(taken_over, path, facts_of(path), None, 2.0)
