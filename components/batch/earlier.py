"""The batches of a visitor besides the one that is shown."""

from typing import Final

import gradio as gr
from pydantic import TypeAdapter, ValidationError

from components.batch.fold import Fold
from components.parts import Updates
from components.texts import Texts, texts_for
from services.batch import Batch, Batches
from services.errors import BatchError

#: What a browser says that it knows of, and how many of them are looked for.
_TOKENS: Final = TypeAdapter(list[str])
_MOST: Final = 12
_LONGEST_NAME: Final = 40
_NONE: Final = ("", "")


class Earlier:
    """The page's handler of them."""

    def __init__(self, batches: Batches, fold: Fold) -> None:
        self._batches = batches
        self._fold = fold

    def wire(self) -> None:
        """They are told whenever another one is shown, or none."""
        fold = self._fold
        gr.on(
            [fold.known.change, fold.token.change, fold.earlier.input],
            self.earlier_told,
            [fold.known, fold.token],
            [fold.earlier],
            trigger_mode="always_last",
            show_progress="hidden",
            api_visibility="private",
            queue=False,
        )

    async def earlier_told(self, known: str, token: str, request: gr.Request) -> Updates:
        """Those that are still there, to be shown again by a press."""
        texts, choices = texts_for(request), []
        for one in _tokens(known):
            if one != token:
                try:
                    batch = await self._batches.get(one)
                except BatchError:
                    continue  # it is gone, or cannot be had just now
                choices.append((_words(batch, texts), one))
        return {
            self._fold.earlier: gr.update(
                choices=choices or [_NONE], value=None if choices else "", visible=bool(choices)
            )
        }


def _tokens(known: str) -> list[str]:
    try:
        return list(dict.fromkeys(_TOKENS.validate_json(known or "[]")))[:_MOST]
    except ValidationError:
        return []


def _words(batch: Batch, texts: Texts) -> str:
    name = batch.clips[0].name
    shown = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME].rstrip()}…"
    count, answered = len(batch.clips), batch.count("answered")
    facts = {"count": texts.number(count), "answered": texts.number(answered)}
    return texts("batch.earlier_one", name=shown, **facts)
