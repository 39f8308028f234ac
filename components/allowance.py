"""What a visitor has left of what the host pays for, and what the answers have cost."""

import gradio as gr

from components.prices import dollars
from components.status import fault_sentences
from components.texts import Texts
from services.assistant import Assistant, Fault
from services.errors import LimitsAway


def create_allowance() -> gr.HTML:
    """A place for it, which is empty where nothing is counted."""
    return gr.HTML(js_on_load=None, elem_id="allowance")


async def allowance_words(
    assistant: Assistant, payer: str, texts: Texts, *, has_own_key: bool
) -> str:
    """Who pays, and for how much more today, as plain text."""
    if has_own_key:
        return texts("allowance.own")
    try:
        left = await assistant.left(payer)
    except LimitsAway as away:
        return fault_sentences(Fault.of(away), texts)[0]
    if left is None:
        return ""
    calls, most = texts.number(left.calls), texts.number(left.most)
    return texts("allowance.left", calls=calls, most=most)


def cost_words(cost: float, texts: Texts) -> str:
    """What all answers of a tab have cost, in USD; nothing of what cost nothing."""
    return texts("allowance.cost", cost=dollars(cost, texts)) if cost else ""
