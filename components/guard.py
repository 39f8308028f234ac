"""The last line of defence: whatever fails on the page is told as what it is.

Gradio prints the whole traceback of what is raised while it serves a press or a call, and a
message may hold a key, a name or an answer; to the visitor it shows its own English, or nothing.
Here the log gets the class and the places, and the visitor a sentence.
"""

import logging
from typing import Any, Final

import gradio as gr
from gradio.exceptions import InvalidPathError

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
        elif isinstance(reason, FileNotFoundError | InvalidPathError):
            self.error = FileGone()


def _is_address_in(given: Any) -> bool:
    """Whether a file in ``given`` has an address of the web as its path."""
    if isinstance(given, list):
        return any(map(_is_address_in, given))
    if not isinstance(given, dict):
        return False
    path = str(given.get("path", "")).lower()
    return path.startswith(("http:", "https:")) or _is_address_in(list(given.values()))


class GuardedBlocks(gr.Blocks):
    """Blocks of which nothing gets out but sentences for a person."""

    async def preprocess_data(
        self, block_fn: Any, inputs: list[Any], *more: Any, **named: Any
    ) -> Any:
        """What is given to a handler; Gradio checks here what it is.

        It would fetch a file that is given by its address, of any size and from anywhere:
        whatever is asked about has to be uploaded.

        Raises:
            _NotTaken: it is nothing that the fields can hold.
        """
        if _is_address_in(inputs):
            raise _NotTaken(NotUploaded())
        try:
            return await super().preprocess_data(block_fn, inputs, *more, **named)
        except Exception as error:  # noqa: BLE001  # Gradio has no class for all of these
            raise _NotTaken(error) from None

    async def process_api(self, *given: Any, **named: Any) -> Any:
        """A press or a call, from what was given to what is shown.

        Raises:
            gr.Error: with a sentence in the language of whoever asks.
        """
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
        request = named.get("request")
        texts = texts_for(request if isinstance(request, gr.Request) else None)
        raise gr.Error(" ".join(fault_sentences(Fault.of(error), texts)), print_exception=False)
