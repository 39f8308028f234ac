"""Nobody fills the queue: who has enough in it waits with the rest."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Final

import gradio as gr

from components.status import fault_sentences
from components.texts import Texts, language_in
from services.assistant import Fault
from services.errors import AppBusy

#: What one visitor may have in the queue and under way: a page has a run and a look at a file.
MOST_OF_ONE: Final = 32


def share_fairly(page: gr.Blocks, payer: Callable[[Any], str]) -> None:
    """Have the queue of ``page`` take on so much of each, and refuse the rest in a sentence.

    ``payer`` knows from a request whose it is. Gradio's own refusal is in English, and the same
    for who has filled the queue and for who comes after.
    """
    queue: Any = page._queue  # noqa: SLF001  # Gradio has no other word for it
    push = queue.push

    def whose(request: Any, session: str | None) -> str:
        return payer(SimpleNamespace(headers=request.headers, session_hash=session))

    async def push_fairly(body: Any, request: Any, username: str | None) -> tuple[bool, Any, str]:
        mine = whose(request, body.session_hash)
        all_ = [whose(one.request, one.session_hash) for one in queue.event_ids_to_events.values()]
        told = (False, None, "queue_full")
        if not mine or all_.count(mine) < MOST_OF_ONE:
            told = await push(body=body, request=request, username=username)
        if told[2] != "queue_full":
            return told
        texts = Texts(language_in(request.headers.get("accept-language", "")))
        return False, " ".join(fault_sentences(Fault.of(AppBusy()), texts)), "queue_full"

    queue.push = push_fairly
