"""What may be said of a bug: its class and where it passed, and never its message.

A message may hold a key, a name or an answer.
"""

import errno
import traceback
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).resolve().parents[1]
#: The innermost places tell most.
_MOST: Final = 12


def place_of(error: BaseException) -> str:
    """``error``'s class, and the files, lines and functions it passed, innermost first."""
    number = error.errno if isinstance(error, OSError) else None
    kind = f"{type(error).__name__} {errno.errorcode.get(number or 0, '')}".strip()
    found = [kind]
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        shown = path.relative_to(_ROOT) if path.is_relative_to(_ROOT) else Path(path.name)
        found.append(f"{shown.as_posix()}:{frame.lineno} {frame.name}")
    return " < ".join(found[: _MOST + 1])
