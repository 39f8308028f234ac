"""Bare samples as a browser can play them, for a person to hear whether the numbers are right."""

from dataclasses import asdict
from pathlib import Path
from typing import Final

from services.media.facts import RawPcm
from services.media.sandbox import Sandbox

PREVIEW_S: Final = 10.0


async def preview(sandbox: Sandbox, path: Path, raw: RawPcm, out: Path) -> None:
    """Write the first ten seconds of ``path``, read as ``raw`` says, to ``out`` as wav.

    16 bit, at most two channels and 48 kHz, so that every browser plays it. A part
    of a sample at the end is left out.

    Raises:
        EmptyFile: the file has no bytes.
        UnreadableFile: it has not even one sample.
    """
    await sandbox.run(
        "to_audio",
        path=str(path),
        raw=asdict(raw),
        out=str(out),
        target="wav",
        bits_per_channel=None,
        rate=None,
        start_s=None,
        end_s=PREVIEW_S,
    )
