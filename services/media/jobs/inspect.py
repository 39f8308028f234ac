"""What a file is: its container, its tracks, and what its samples measure."""

import os
import sys
import wave
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import av
from av.container import InputContainer
from av.packet import Packet

from services import errors
from services.media.jobs import unfolding
from services.media.jobs.files import (
    attempted,
    covers,
    default_track,
    opened,
    packets,
    picture_stream,
    seconds,
    skipped_s,
    sound_stream,
    sound_tracks,
    sounds,
)
from services.media.jobs.meter import Meter
from services.media.jobs.screen import HDR
from services.media.jobs.table import Inspect
from services.media.jobs.timing import Timing
from services.media.values import MediaFacts, Picture, Sound, Track
from services.media.workshop.worker import Teller

_RATE: Final = 16_000
#: FFmpeg's name of a demuxer → ours. The two families are told apart by bytes.
_NAMES: Final = {"mov,mp4,m4a,3gp,3g2,mj2": "mp4", "matroska,webm": "matroska"}
_BRANDS: Final = {"qt": "mov", "M4A": "m4a", "M4B": "m4a", "M4P": "m4a"}
_WEBM_CODECS: Final = frozenset({"vp8", "vp9", "av1", "opus", "vorbis"})
#: How many sound tracks are listened to besides the one that players play.
_MOST_OTHERS: Final = 7
_LONGEST_WORDS: Final = 40


class _Ear:
    """Listens to one sound track."""

    def __init__(self, stream: av.AudioStream, number: int, count: unfolding.Unfolding) -> None:
        self._stream = stream
        self.number = number
        self._count = count
        self._meter = Meter()
        self._packets = self._damaged = 0
        self._packets_s = self._skipped_s = 0.0

    def take(self, packet: "Packet[Any]") -> None:
        """Decode ``packet`` and measure it."""
        frames = attempted(packet)
        self._packets += packet.size > 0
        self._damaged += frames is None
        self._packets_s += seconds(packet.duration, packet.time_base) or 0.0
        self._skipped_s += skipped_s(packet, self._stream.codec_context.sample_rate)
        for frame in sounds(frames or ()):
            self._count.heard(frame)
            self._meter.take(frame)

    def sound(self) -> Sound | None:
        """The track as it was measured, None where nothing came out of it."""
        self._meter.take(None)
        if not self._meter.duration_s:
            return None
        lost_share = self._damaged / self._packets if self._packets else 0.0
        # A packet may say so itself that it is shorter than what is in it.
        whole_s = max(self._packets_s, self._meter.duration_s + self._skipped_s)
        return self._meter.sound(self._stream, self.number, lost_share, whole_s)


def inspect(job: Inspect, tell: Teller) -> MediaFacts:
    """The facts of the file.

    Every sample is decoded: headers lie in both directions. The picture is
    only demuxed, and timed by its packets.
    """
    file_bytes = job.path.stat().st_size
    count = unfolding.Unfolding(file_bytes)
    with opened(job.path, job.raw) as container:
        tracks, video = sound_tracks(container), picture_stream(container)
        if not tracks and video is None:
            # A picture was announced, and nobody can tell its size.
            raise errors.UnreadableFile if container.streams.video else errors.NotMedia
        number = default_track(tracks) if job.track is None else job.track
        timing = Timing(video) if video is not None else None
        sound = _heard(container, [number], count, tell, timing).get(number)
        picture_s = timing.picture_s if timing is not None else None
        count.shown(picture_s)
        if sound is None and picture_s is None:
            raise errors.UnreadableFile
        facts = MediaFacts(
            container=job.raw.format if job.raw else _container_name(job.path, container),
            file_bytes=file_bytes,
            unread_share=count.unread_share,
            duration_s=max(picture_s or 0.0, sound.duration_s if sound else 0.0) or None,
            sound=sound,
            picture=_picture(timing) if timing is not None else None,
            tracks=tuple(_track(stream, tracks, sound) for stream in tracks),
        )
    if job.track is None and len(tracks) > 1 and (sound is None or sound.is_silent):
        return _with_another(facts, job, tell)
    return facts


def _heard(
    container: InputContainer,
    numbers: Iterable[int],
    count: unfolding.Unfolding,
    tell: Teller,
    timing: Timing | None = None,
) -> Mapping[int, Sound]:
    """What the sound tracks of these numbers measure, without those that have nothing.

    With a ``timing`` the pictures are timed in the same pass, and none is decoded.
    """
    ears = {}
    for number in numbers:
        if (stream := sound_stream(container, number)) is not None:
            ears[stream.index] = _Ear(stream, number, count)
    takers: dict[int, _Ear | Timing] = {**ears}
    if timing is not None:
        takers[timing.video.index] = timing
    streams = [container.streams[index] for index in takers]
    # The cover of a song is taken for what it is, so that it does not seem to hide anything.
    for packet in packets(container, [*streams, *covers(container)], tell):
        count.read(packet)
        if (taker := takers.get(packet.stream.index)) is not None:
            taker.take(packet)
    found = {ear.number: ear.sound() for ear in ears.values()}
    return {number: sound for number, sound in found.items() if sound is not None}


def _with_another(facts: MediaFacts, job: Inspect, tell: Teller) -> MediaFacts:
    """``facts`` of a file whose first sound is silent, with the next that is not."""
    first = facts.sound.track if facts.sound is not None else None
    others = [number for number in range(len(facts.tracks)) if number != first][:_MOST_OTHERS]
    with opened(job.path, job.raw) as container:
        found = _heard(container, others, unfolding.Unfolding(facts.file_bytes), tell)
    audible = [sound for sound in found.values() if not sound.is_silent]
    sound = audible[0] if audible else facts.sound
    sound_s = sound.duration_s if sound is not None else 0.0
    picture_s = facts.picture.duration_s if facts.picture is not None else None
    return replace(
        facts,
        sound=sound,
        duration_s=max(picture_s or 0.0, sound_s) or None,
        tracks=tuple(
            replace(track, is_silent=found[number].is_silent) if number in found else track
            for number, track in enumerate(facts.tracks)
        ),
    )


def _picture(timing: Timing) -> Picture:
    rate, context = timing.video.average_rate, timing.video.codec_context
    return Picture(
        codec=context.codec.canonical_name,
        width=context.width,
        height=context.height,
        frame_rate=float(rate) if rate else None,
        pixel_format=context.pix_fmt,
        duration_s=timing.picture_s,
        is_hdr=context.color_trc in HDR,
        is_steady=timing.is_steady,
    )


def _track(stream: av.AudioStream, tracks: list[av.AudioStream], sound: Sound | None) -> Track:
    number = tracks.index(stream)
    context = stream.codec_context
    is_heard = sound is not None and sound.track == number
    return Track(
        codec=context.codec.canonical_name,
        channels=context.channels,
        language=_words(stream.metadata.get("language", "")),
        title=_words(stream.metadata.get("title", "")),
        is_default=number == default_track(tracks),
        is_silent=sound.is_silent if sound is not None and is_heard else None,
    )


def _words(text: str) -> str:
    """A stranger's words for a label: one short line of what can be printed."""
    return "".join(one for one in text if one.isprintable())[:_LONGEST_WORDS].strip()


def _container_name(path: Path, container: InputContainer) -> str:
    name = _NAMES.get(container.format.name, container.format.name)
    if name == "mp4":
        # The major brand stands after "ftyp", at offset 4 (ISO/IEC 14496-12);
        # a QuickTime film older than that has none.
        with path.open("rb") as file:
            head = file.read(12)
        if head[4:8] != b"ftyp":
            return "mov"
        brand = head[8:12].decode("latin-1").strip()
        return "3gp" if brand.startswith(("3gp", "3g2")) else _BRANDS.get(brand, "mp4")
    if name == "matroska":
        # The EBML header names the document type within its first bytes; WebM
        # is Matroska with these codecs only (https://www.webmproject.org/docs/container/).
        with path.open("rb") as file:
            is_webm = b"webm" in file.read(64)
        codecs = {
            stream.codec_context.codec.canonical_name
            for stream in (*container.streams.audio, *container.streams.video)
            if stream.codec_context
        }
        return "webm" if is_webm and codecs <= _WEBM_CODECS else "matroska"
    return name


def warm_up() -> None:
    """Look at a moment of silence, made here: it costs the next file a quarter less."""
    if sys.platform != "linux":
        return  # where nothing forks, nothing is gained
    with os.fdopen(os.memfd_create("silence"), "wb") as file, wave.open(file) as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(_RATE)
        sound.writeframes(bytes(_RATE))
        file.flush()
        inspect(Inspect(Path(f"/proc/self/fd/{file.fileno()}")), _Nobody())


class _Nobody(Teller):
    """For whom there is nobody to tell."""

    def __init__(self) -> None:
        super().__init__(lambda *_: None, type(None))
