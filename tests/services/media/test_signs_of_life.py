"""Every job says that it reads for as long as it does, and so is not taken for a hang.

Time stands still here but for the disk, which takes so many seconds for each byte
that every job is at it for longer than it may be silent.
"""

from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest

from services.media.jobs import copying, decode, film, inspect, pauses, sound
from services.media.jobs.table import (
    Cut,
    CutPiece,
    Frames,
    Inspect,
    Rewrap,
    Samples,
    ToAudio,
    ToMp4,
)
from services.media.workshop import worker
from services.media.workshop.worker import Teller
from tests.making import tone, write_film
from tests.services.media.direct import PICTURE, SOUND, SPEECH

LENGTH_S = 90.0
END = (LENGTH_S - 2.0, LENGTH_S - 1.0)
FUNCTIONS = {
    Inspect: inspect.inspect,
    Rewrap: copying.rewrap,
    ToAudio: sound.to_audio,
    ToMp4: film.to_mp4,
    Cut: pauses.cut,
    Samples: decode.samples,
    Frames: decode.frames,
}


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """A film without an index, and one whose index is at its end; noise, so that they are large."""
    noise = np.random.default_rng(1).integers(0, 255, (90, 160, 3), np.uint8)
    shots = [(np.roll(noise, at, axis=1), 0.5) for at in range(round(2 * LENGTH_S))]
    film = write_film(
        tmp_path_factory.mktemp("film") / "film",
        shots,
        container="matroska",
        codec="libx264",
        frame_rate=10,
        codec_options={"g": "10", "preset": "ultrafast", "qp": "10"},
        sound=tone(LENGTH_S),
    )
    return {name: _interleaved(film, name) for name in ("mpegts", "mp4")}


def _interleaved(path, container):
    """The film in another container, sound and picture side by side as a camera writes them."""
    out = path.with_name(container)
    with av.open(str(path)) as source, av.open(str(out), "w", format=container) as sink:
        tracks = {track.index: sink.add_stream_from_template(track) for track in source.streams}
        found = [packet for packet in source.demux() if packet.dts is not None]
        for packet in sorted(found, key=lambda one: one.dts * one.time_base):
            packet.stream = tracks[packet.stream.index]
            sink.mux(packet)
    return out


class Clock:
    """What time it is; reading takes ``per_byte`` of it, and nothing else does."""

    def __init__(self, per_byte):
        self.now = 1000.0
        self.begun = self.now
        self._per_byte = per_byte

    def opening(self, opened):
        """Like ``Path.open``, on a slow disk."""

        def slow(path, mode="r", **more):
            file = opened(path, mode, **more)
            return _Slow(file, self) if mode == "rb" else file

        return slow

    def looking(self, opened):
        """Like ``av.open``, in no time: it looks at a few megabytes and no more."""

        def quick(*file, **how):
            before, self._per_byte = self._per_byte, 0.0
            try:
                return opened(*file, **how)
            finally:
                self._per_byte = before

        return quick

    def read(self, size):
        """So many bytes were read."""
        self.now += size * self._per_byte


class _Slow:
    def __init__(self, file, clock):
        self._file = file
        self._clock = clock

    def __getattr__(self, name):
        return getattr(self._file, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()

    def read(self, size=-1):
        data = self._file.read(size)
        self._clock.read(len(data))
        return data


def _jobs(films, folder):
    """Each job, where it reads for long before there is anything to be written, if it can."""
    ts, mp4 = films["mpegts"], films["mp4"]
    (folder / "pieces").mkdir()
    return {
        "inspect": Inspect(ts),
        "inspect mp4": Inspect(mp4),
        "rewrap": Rewrap(mp4, None, folder / "out", "mp4", "video"),
        "rewrap the sound": Rewrap(mp4, None, folder / "out", "ipod", "audio"),
        "mp3 of the end": ToAudio(ts, None, folder / "out", "mp3", SOUND, *END),
        "mp3 of the end, mp4": ToAudio(mp4, None, folder / "out", "mp3", SOUND, *END),
        "mp4 of the end": ToMp4(ts, folder / "out", PICTURE, SOUND, *END),
        "mp4 of the whole": ToMp4(mp4, folder / "out", PICTURE, SOUND),
        "pieces of the end": Cut(ts, None, folder / "pieces", "mp3", SPEECH, 5.0, *END),
        "pieces that are skipped": Cut(
            ts, None, folder / "pieces", "mp3", SPEECH, 5.0, skipped=tuple(range(100))
        ),
        "samples": Samples(ts, None, folder / "out", 16_000, 600.0),
        "pictures of the end": Frames(ts, folder / "out", (END,), 5),
    }


NAMES = {
    *("inspect", "inspect mp4", "rewrap", "rewrap the sound"),
    *("mp3 of the end", "mp3 of the end, mp4", "mp4 of the end", "mp4 of the whole"),
    *("pieces of the end", "pieces that are skipped", "samples", "pictures of the end"),
}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_job_says_that_it_reads_for_as_long_as_it_does(films, tmp_path, monkeypatch, name):
    job = _jobs(films, tmp_path)[name]
    limit_s = job.limits.silence_s
    clock = Clock(5 * limit_s / job.path.stat().st_size)
    monkeypatch.setattr(worker, "time", SimpleNamespace(monotonic=lambda: clock.now))
    monkeypatch.setattr(Path, "open", clock.opening(Path.open))
    monkeypatch.setattr(av, "open", clock.looking(av.open))
    told = [clock.begun]

    news = CutPiece if isinstance(job, Cut) else None
    FUNCTIONS[type(job)](job, Teller(lambda *_: told.append(clock.now), news))

    told.append(clock.now)
    assert clock.now - clock.begun > limit_s
    assert max(np.diff(told)) < limit_s


def test_every_job_is_tried(films, tmp_path):
    jobs = _jobs(films, tmp_path)

    assert set(jobs) == NAMES
    assert {type(job) for job in jobs.values()} == set(FUNCTIONS)


def test_so_many_seconds_and_bytes_are_told_as_were_read(films, monkeypatch):
    """Seconds count from the beginning of the film, whatever its own times are."""
    monkeypatch.setattr(worker, "_TOLD_S", 0)
    told = []

    inspect.inspect(Inspect(films["mpegts"]), Teller(lambda _, value: told.append(value), None))

    seconds, count = zip(*told, strict=True)
    assert list(seconds) == sorted(seconds)
    assert list(count) == sorted(count)
    assert seconds[0] == pytest.approx(0.0, abs=0.2)
    assert seconds[-1] == pytest.approx(LENGTH_S, abs=0.5)
    assert 0.5 * films["mpegts"].stat().st_size < count[-1] <= films["mpegts"].stat().st_size


def test_no_more_than_five_signs_of_life_a_second_are_told(monkeypatch):
    now, told = 0.0, []
    monkeypatch.setattr(worker, "time", SimpleNamespace(monotonic=lambda: now))
    teller = Teller(lambda *line: told.append(line), None)

    for number in range(1000):
        now = number / 100
        teller.read(now, number)

    assert 45 <= len(told) <= 51
    assert told[0] == ("read", [0.0, 0])
