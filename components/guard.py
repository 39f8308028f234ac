"""The last line of defence: whatever fails on the page is told as what it is.

Gradio prints the whole traceback of what is raised while it serves a press or a call, and a
message may hold a key, a name or an answer; to the visitor it shows its own English, or nothing.
Here the log gets the class and the places, and the visitor a sentence.
"""

import logging
from pathlib import Path
from typing import Any, Final

import gradio as gr
from gradio.exceptions import InvalidPathError
from gradio.utils import get_upload_folder

from components.request_id import REQUEST_ID, about
from components.status import fault_sentences
from components.texts import texts_for
from services.assistant import Fault, place_of
from services.errors import AppFailed, BadValue, FileGone, NotUploaded, ShowAndTellError

log: Final = logging.getLogger(__name__)


class _NotTaken(Exception):  # it never leaves this module
    """What was given for a handler never reached it."""

    def __init__(self, reason: Exception) -> None:
        super().__init__()
        self.place = place_of(reason)
        self.error: ShowAndTellError = BadValue()
        if isinstance(reason, NotUploaded):
            self.error = reason
        elif isinstance(reason, FileNotFoundError | NotADirectoryError | InvalidPathError):
            self.error = FileGone()


def _holds_no_upload(given: Any) -> bool:
    """Whether a file in ``given`` has an address of the web as its path, or that of a folder.

    Of folders that are not for uploads nobody is told whether there are such.
    """
    if isinstance(given, list):
        return any(map(_holds_no_upload, given))
    if not isinstance(given, dict):
        return False
    path = str(given.get("path", ""))
    if path.lower().startswith(("http:", "https:")) or _is_folder_of_uploads(path):
        return True
    return _holds_no_upload(list(given.values()))


def _is_folder_of_uploads(path: str) -> bool:
    try:
        place = Path(path).resolve()
        return place.is_relative_to(Path(get_upload_folder()).resolve()) and place.is_dir()
    except (OSError, ValueError):  # no path at all
        return False


def _whole(given: Any) -> Any:
    """``given`` with whole letters: JSON may bring half of one, and no answer can hold that."""
    if isinstance(given, str):
        return given if given.isascii() else given.encode(errors="replace").decode()
    if isinstance(given, list):
        return [_whole(one) for one in given]
    if isinstance(given, dict):
        return {_whole(name): _whole(value) for name, value in given.items()}
    return given


class GuardedBlocks(gr.Blocks):
    """Blocks of which nothing gets out but sentences for a person."""

    async def preprocess_data(
        self, block_fn: Any, inputs: list[Any], *more: Any, **named: Any
    ) -> Any:
        """What is given to a handler; Gradio checks here what it is.

        It would fetch a file that is given by its address, of any size and from anywhere, and
        a folder in the place of one it would fail to remove when it ends: whatever is asked
        about has to be uploaded.

        Raises:
            _NotTaken: it is nothing that the fields can hold.
        """
        if _holds_no_upload(inputs):
            raise _NotTaken(NotUploaded())
        try:
            return await super().preprocess_data(block_fn, _whole(inputs), *more, **named)
        except Exception as error:  # noqa: BLE001  # Gradio has no class for all of these
            raise _NotTaken(error) from None

    async def process_api(self, *given: Any, **named: Any) -> Any:
        """A press or a call, from what was given to what is shown.

        Raises:
            gr.Error: with a sentence in the language of whoever asks.
        """
        request = named.get("request")
        request = request if isinstance(request, gr.Request) else None
        # Gradio answers the request that brought this before it comes here, in a task of its own.
        name = request.headers.get(REQUEST_ID, "") if request is not None else ""
        with about(name):
            try:
                return await super().process_api(*given, **named)
            except gr.Error:
                raise
            except _NotTaken as refused:
                log.warning("something was given that cannot be: %s", refused.place)
                error = refused.error
            except Exception as bug:  # noqa: BLE001  # whatever it is, it is ours
                log.error("a bug: %s", place_of(bug))  # noqa: TRY400  # its message is not logged
                error = AppFailed()
        texts = texts_for(request)
        raise gr.Error(" ".join(fault_sentences(Fault.of(error), texts)), print_exception=False)
