"""What a file really is, found out in the sandbox."""

from dataclasses import asdict
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from services import errors
from services.media.facts import MediaFacts, RawPcm
from services.media.sandbox import Sandbox

_FACTS: Final = TypeAdapter(MediaFacts)


async def inspect(sandbox: Sandbox, path: Path, raw: RawPcm | None = None) -> MediaFacts:
    """The facts of the file at ``path``; ``raw`` says how to read bare samples.

    Raises:
        EmptyFile, NotMedia, TooMuchInside, UnreadableFile: the file is at fault.
    """
    said = await sandbox.run("inspect", path=str(path), raw=asdict(raw) if raw else None)
    try:
        return _FACTS.validate_python(said)
    except ValidationError:
        # A worker that a hostile file took over may say anything.
        raise errors.UnreadableFile from None
