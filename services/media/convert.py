"""A file in a form that can be sent: itself when it fits, else a conversion."""

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import asdict
from pathlib import Path

from services import errors
from services.media import formats
from services.media.facts import Kind, MediaFacts, RawPcm, Sendable
from services.media.inspect import inspect
from services.media.sandbox import Sandbox


async def prepare(
    sandbox: Sandbox,
    path: Path,
    facts: MediaFacts,
    kind: Kind,
    workdir: Path,
    raw: RawPcm | None = None,
) -> AsyncGenerator[float | Sendable, None]:
    """Yield the share done, 0 to 1, while converting, then one :class:`Sendable`.

    What the API takes goes out byte for byte. Anything else becomes mp3 or wav
    (``kind`` audio) or H.264 and AAC in MP4 (``kind`` video), in ``workdir``.

    Raises:
        NoSound, NoPicture: there is nothing of that kind in the file.
        UnreadableFile: it could not be decoded within the limits.
    """
    if kind == "audio" and facts.sound is None:
        raise errors.NoSound
    if kind == "video" and facts.picture is None:
        raise errors.NoPicture
    fits = formats.audio_format(facts) if kind == "audio" else formats.video_mime(facts)
    if fits is not None:
        yield Sendable(path, kind, fits, facts, converted_from=None)
        return
    if kind == "audio":
        target = form = formats.audio_target(facts)
    else:
        target, form = "mp4", formats.VIDEO_MIMES["mp4"]
    out = workdir / f"converted.{target}"
    work = (
        sandbox.stream(
            "to_audio",
            path=str(path),
            raw=asdict(raw) if raw else None,
            out=str(out),
            target=target,
        )
        if kind == "audio"
        else sandbox.stream("to_mp4", path=str(path), out=str(out))
    )
    async with contextlib.aclosing(work) as seconds_done:
        async for seconds in seconds_done:
            if facts.duration_s and isinstance(seconds, int | float):
                yield min(seconds / facts.duration_s, 1.0)
    converted = await inspect(sandbox, out)
    yield Sendable(out, kind, form, converted, converted_from=formats.describe(facts))
