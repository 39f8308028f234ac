"""What the API tells of an answer afterwards, and the press that asks for it."""

from markupsafe import Markup

from components.result.receipt import table_html
from components.result.templates import rendered
from components.texts import Texts
from services.assistant import Generation


def proof_html(id_: str | None, texts: Texts, said: str = "") -> Markup:
    """The press that asks what the API counted of the answer ``id_``; none where it has no name.

    ``said`` is what came of the last one.
    """
    return rendered("proof", id=id_ or "", press=texts("proof.ask"), said=said)


def generation_html(generation: Generation, texts: Texts) -> Markup:
    """What the API told, line by line."""

    def count(value: float | None) -> str | None:
        return None if value is None else texts.number(value)

    def took(value: float | None) -> str | None:
        return None if value is None else texts.milliseconds(value)

    cost = generation.total_cost
    rows = [
        ("proof.sounds", count(generation.num_input_audio_prompt)),
        ("proof.media", count(generation.num_media_prompt)),
        ("proof.prompt_tokens", count(generation.native_tokens_prompt)),
        ("proof.completion_tokens", count(generation.native_tokens_completion)),
        ("proof.reasoning_tokens", count(generation.native_tokens_reasoning)),
        ("proof.cached_tokens", count(generation.native_tokens_cached)),
        ("proof.generation_time", took(generation.generation_time)),
        ("proof.latency", took(generation.latency)),
        ("stats.cost", None if cost is None else texts("line.cost", cost=texts.number(cost, 9))),
        ("stats.provider", generation.provider_name),
    ]
    if generation.tried:
        tried = ", ".join(
            one.provider if one.status is None else f"{one.provider} ({one.status:.0f})"
            for one in generation.tried
        )
        rows.append(("proof.tried", tried))
    return table_html("proof.title", rows, texts)
