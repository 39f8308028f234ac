"""The last line of defence: a bug of ours is told as one, wherever on the page it is.

Gradio prints the whole traceback of what a handler raises, and a message may hold a
key, a name or an answer. The log gets the class and the places.
"""

import functools
import inspect
import logging
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import Any, Final, TypeVar

import gradio as gr

from components.status import fault_sentences
from components.texts import texts_for
from services.assistant import Fault, place_of
from services.errors import AppFailed

log: Final = logging.getLogger(__name__)

Handler = TypeVar("Handler", bound=Callable[..., Any])


def guarded(handler: Handler) -> Handler:
    """``handler``, a coroutine or an asynchronous generator, with no bug getting out of it."""

    @functools.wraps(handler)
    async def one(*given: Any, **named: Any) -> Any:
        with _told(handler.__name__, [*given, *named.values()]):
            return await handler(*given, **named)

    @functools.wraps(handler)
    async def several(*given: Any, **named: Any) -> Any:
        with _told(handler.__name__, [*given, *named.values()]):
            async with aclosing(handler(*given, **named)) as every:
                async for updates in every:
                    yield updates

    wrapped: Any = several if inspect.isasyncgenfunction(handler) else one
    return wrapped  # type: ignore[no-any-return]  # it is called as the handler is


@contextmanager
def _told(name: str, given: list[Any]) -> Iterator[None]:
    try:
        yield
    except gr.Error:
        raise
    except Exception as bug:  # noqa: BLE001  # whatever it is, it is ours
        log.error("a bug in %s: %s", name, place_of(bug))  # noqa: TRY400  # its message is not logged
        request = next((one for one in given if isinstance(one, gr.Request)), None)
        sentences = fault_sentences(Fault.of(AppFailed()), texts_for(request))
        raise gr.Error(" ".join(sentences), print_exception=False) from None
