"""How fast files are read and made to fit: ``python -m tests.benchmarks.media``.

Prints how many times faster than it plays an hour of mp3 becomes speech at 16 kHz,
beside ``ffmpeg -i in.mp3 -ac 1 -ar 16000 out.mp3`` where there is one, with the
peak of memory and the processor time of either; how long it takes to find out what
a file is; and 200 MB of 1080p made to fit in 50. Medians, and what was estimated
beforehand. On a busy machine only the processor time means something.
"""

import argparse
import asyncio
import contextlib
import os
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import av
import numpy as np

from services.external_api.intake import takes
from services.media.estimate import estimate, offers
from services.media.jobs.table import Inspect
from services.media.making import make
from services.media.values import Fit, Kind, MediaFacts
from services.media.workshop.workshop import Desk, Workshop
from tests.benchmarks.processor import processor_s
from tests.making import tone, write_film, write_sound

MB = 1024 * 1024
LIMIT = 50 * MB
MODEL = takes("openai/gpt-4o", ())
#: The command line, and what it is asked for here.
FFMPEG = ("ffmpeg", "-loglevel", "quiet", "-y", "-i")


class Peak:
    """Watches the memory of every process under this one that does ``what``."""

    def __init__(self, what: str) -> None:
        self._what = what.encode()
        self._done = threading.Event()
        self.kilobytes = 0

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.02):
            for process in Path("/proc").glob("[0-9]*"):
                with contextlib.suppress(OSError):  # it has just ended
                    if self._what in (process / "cmdline").read_bytes():
                        status = _status(process)
                        # A worker is a child of the one that forks them, which is ours.
                        parents = {status["PPid"], _status(Path("/proc", status["PPid"]))["PPid"]}
                        if str(os.getpid()) in parents and "VmHWM" in status:
                            peak = int(status["VmHWM"].split()[0])
                            self.kilobytes = max(self.kilobytes, peak)


def _status(process: Path) -> dict[str, str]:
    lines = (process / "status").read_text().splitlines()
    return {name: value.strip() for name, value in (line.split(":", 1) for line in lines)}


def hour_of_mp3(directory: Path) -> Path:
    """A minute of something like speech, sixty times."""
    rng = np.random.default_rng(1)
    times = np.arange(60 * 44_100) / 44_100
    loudness = np.abs(np.sin(2 * np.pi * 1.5 * times)) * (np.sin(2 * np.pi * times / 7) > -0.6)
    voice = sum(np.sin(2 * np.pi * 140 * n * times) / n for n in range(1, 12))
    samples = (loudness * (voice * 4000 + rng.normal(0, 500, times.size))).astype(np.int16)
    minute = write_sound(
        directory / "minute",
        samples,
        rate=44_100,
        container="mp3",
        codec="libmp3lame",
        layout="stereo",
    )
    path = directory / "hour.mp3"
    path.write_bytes(minute.read_bytes() * 60)
    return path


def film_of_200_mb(directory: Path) -> Path:
    """210 s of 1080p at 30 pictures a second: seven seconds of noise and motion, thirty times."""
    path, rng = directory / "film.mp4", np.random.default_rng(1)
    noise = [rng.integers(0, 24, (1080, 1920), np.uint8) for _ in range(4)]
    rows, columns = np.mgrid[:1080, :1920]
    piece = directory / "piece.mp4"
    with av.open(str(piece), "w") as sink:
        video = sink.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 1920, 1080, "yuv420p"
        video.bit_rate = 8_000_000
        for number in range(210):
            picture = (np.sin((rows + columns + 9 * number) / 60) * 80 + 120).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(picture + noise[number % 4], format="gray")
            sink.mux(video.encode(frame.reformat(format="yuv420p")))
        sink.mux(video.encode(None))
    with av.open(str(path), "w") as sink, av.open(str(piece)) as first:
        video = sink.add_stream_from_template(first.streams.video[0])
        audio = sink.add_stream("aac", rate=44_100)
        audio.layout = "mono"
        for number in range(30):
            with av.open(str(piece)) as source:
                for packet in source.demux(video=0):
                    if packet.size:
                        ticks = round(7 * number / packet.time_base)
                        packet.pts, packet.dts = packet.pts + ticks, packet.dts + ticks
                        packet.stream = video
                        sink.mux(packet)
        frame = av.AudioFrame.from_ndarray(
            tone(210, 44_100).reshape(1, -1), format="s16", layout="mono"
        )
        frame.sample_rate = 44_100
        sink.mux([*audio.encode(frame), *audio.encode(None)])
    return path


async def inspect(workshop: Workshop, path: Path) -> MediaFacts:
    """What the file is."""
    return await workshop.do(Inspect(path))


async def made(
    workshop: Workshop, path: Path, facts: MediaFacts, kind: Kind, fit: Fit
) -> tuple[float, MediaFacts]:
    """Seconds of making it, and what came of it."""
    with tempfile.TemporaryDirectory() as workdir:
        began = time.perf_counter()
        sendable = await make(
            Desk(workshop),
            path,
            facts,
            kind,
            MODEL,
            Path(workdir) / "made",
            raw=None,
            fit=fit,
            told=lambda _: None,
        )
        return time.perf_counter() - began, sendable.facts


def by_command_line(path: Path, out: Path) -> float:
    """Seconds that FFmpeg's command line takes."""
    began = time.perf_counter()
    subprocess.run([*FFMPEG, path, "-ac", "1", "-ar", "16000", out], check=True)
    return time.perf_counter() - began


async def speech(workshop: Workshop, path: Path, times: int) -> None:
    """An hour of mp3 to speech, in turns with the command line."""
    facts = await inspect(workshop, path)
    ours: list[tuple[float, float]] = []
    theirs: list[tuple[float, float]] = []
    has_ffmpeg = shutil.which("ffmpeg") is not None
    with Peak("services.media.workshop.worker") as worker, Peak("16000\0") as ffmpeg:
        for _ in range(times):
            before = processor_s()
            seconds, _ = await made(workshop, path, facts, "audio", Fit(speech=True))
            await asyncio.sleep(0.5)  # a worker that has ended was reaped
            ours.append((seconds, processor_s() - before))
            if has_ffmpeg:
                before = processor_s()
                seconds = by_command_line(path, path.with_name("out.mp3"))
                theirs.append((seconds, processor_s() - before))
    length_s = facts.duration_s or 0.0
    _print_speed("1 h mp3 → speech, and inspected again", ours, length_s, worker.kilobytes)
    if theirs:
        _print_speed("  ffmpeg -ac 1 -ar 16000", theirs, length_s, ffmpeg.kilobytes)
        ratio = _median(theirs, 0) / _median(ours, 0)
        print(f"  as fast as the command line × {ratio:.2f}")


def _median(measured: list[tuple[float, float]], which: int) -> float:
    return statistics.median(one[which] for one in measured)


def _print_speed(
    what: str, measured: list[tuple[float, float]], length_s: float, kilobytes: int
) -> None:
    median = _median(measured, 0)
    print(
        f"{what}: {median:.1f} s, {length_s / median:.0f} × real time, "
        f"{_median(measured, 1):.1f} s of processor, {kilobytes // 1024} MB"
    )


async def inspection(workshop: Workshop, directory: Path, hour: Path, times: int) -> None:
    """What a file is: small ones, and an hour."""
    shots = [((200, 30, 30), 2.0), ((30, 30, 200), 2.0)]
    small: dict[str, Callable[[Path], Path]] = {
        "mp3": lambda path: write_sound(path, tone(4), container="mp3", codec="libmp3lame"),
        "mp4": lambda path: write_film(
            path, shots, container="mp4", codec="libx264", sound=tone(4)
        ),
        "webm": lambda path: write_film(
            path, shots, container="webm", codec="libvpx", sound=tone(4), sound_codec="libopus"
        ),
    }
    for name, written in small.items():
        path = written(directory / f"small.{name}")
        seconds = []
        for _ in range(times * 5):
            await asyncio.sleep(0.4)  # a worker is ready when a person comes
            began = time.perf_counter()
            await inspect(workshop, path)
            seconds.append(time.perf_counter() - began)
        print(f"inspect a small {name}: {statistics.median(seconds) * 1000:.0f} ms")
    began = time.perf_counter()
    facts = await inspect(workshop, hour)
    seconds_taken = time.perf_counter() - began
    length_s = facts.duration_s or 0.0
    print(
        f"inspect an hour of mp3: {seconds_taken:.1f} s, {length_s / seconds_taken:.0f} × real time"
    )


async def shrinking(workshop: Workshop, path: Path) -> None:
    """Every offer for a film of 200 MB."""
    facts = await inspect(workshop, path)
    print(f"a film of {facts.file_bytes / MB:.0f} MB, {facts.duration_s:.0f} s, 1080p, to 50 MB:")
    for offer in offers(facts, "video", MODEL, Fit(), LIMIT):
        said = estimate(facts, offer.kind, MODEL, offer.fit)
        seconds, now = await made(workshop, path, facts, offer.kind, offer.fit)
        print(
            f"  {offer.kind} {_words(offer.fit)}: {seconds:.1f} s (said {said.work_s:.1f}), "
            f"{now.file_bytes / MB:.1f} MB (said {said.file_bytes / MB:.1f})"
        )


def _words(fit: Fit) -> str:
    parts = [f"{name}={getattr(fit, name)}" for name in fit.__slots__ if getattr(fit, name)]
    return ", ".join(parts) or "as it is"


async def measure(times: int) -> None:
    """All of it, in one workshop."""
    with (
        tempfile.TemporaryDirectory() as name,
        Workshop("services.media.jobs.table") as workshop,
    ):
        directory = Path(name)
        hour = hour_of_mp3(directory)
        await speech(workshop, hour, times)
        await inspection(workshop, directory, hour, times)
        await shrinking(workshop, film_of_200_mb(directory))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=3, help="how often each is measured")
    asyncio.run(measure(parser.parse_args().times))


if __name__ == "__main__":
    main()
