"""Proof of hearing: what the API counted of an answer, asked for with a press on its receipt."""

import json
from dataclasses import dataclass
from typing import Annotated, Final

import gradio as gr
from gradio.blocks import Block
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from components.form import Form
from components.parts import Updates, Values
from components.result.proof import generation_html, proof_html
from components.session import Sessions, visitor_of
from components.status import fault_sentences
from components.texts import Texts, texts_for
from services.assistant import Assistant, Fault
from services.errors import MissingKey, NotFound, ShowAndTellError

#: Hands what was told to proof.js, which knows the card.
SHOW_JS: Final = """(told) => {
    window.dispatchEvent(new CustomEvent("proof", { detail: JSON.parse(told) }));
}"""


class Wanted(BaseModel):
    """What proof.js asks for: the id of a card, and the API's id of its answer."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    card: Annotated[str, StringConstraints(max_length=100)]
    generation: Annotated[str, StringConstraints(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True)
class Proof:
    """The components, which nobody sees: what is wanted, and what was told."""

    wanted: gr.Textbox
    told: gr.Textbox


def create_proof() -> Proof:
    """Both, empty; proof.js writes the first."""
    return Proof(
        gr.Textbox(visible="hidden", elem_id="proof"),
        gr.Textbox(visible=False, elem_id="proof-told"),
    )


class Proofs:
    """The page's handler of that press, over one assistant."""

    def __init__(self, assistant: Assistant, sessions: Sessions, proof: Proof) -> None:
        self._assistant = assistant
        self._sessions = sessions
        self._proof = proof

    def wire(self, form: set[Block]) -> None:
        """Have what is wanted be asked for, and shown by the browser."""
        proof = self._proof
        proof.wanted.change(
            self.prove,
            form | {proof.wanted},
            [proof.told],
            trigger_mode="multiple",
            show_progress="hidden",
            api_visibility="private",
        ).then(None, [proof.told], None, js=SHOW_JS)

    async def prove(self, values: Values, request: gr.Request) -> Updates:
        """What the API tells of an answer of this visit, as HTML for its card."""
        told, texts = self._proof.told, texts_for(request)
        try:
            wanted = Wanted.model_validate_json(str(values[self._proof.wanted]))
        except ValidationError:
            return {told: gr.skip()}
        html = await self._html(wanted.generation, Form.read(values), visitor_of(request), texts)
        return {told: json.dumps({"card": wanted.card, "html": html})}

    async def _html(self, id_: str, form: Form, visitor: str, texts: Texts) -> str:
        is_own = self._sessions.answers(visitor).get(id_)
        if is_own is None:
            # Whose it is nobody knows here: with the host's key anybody could read anything.
            return proof_html(None, texts, texts("proof.strange"))
        try:
            if is_own and form.key is None:
                raise MissingKey
            generation = await self._assistant.generations.told(id_, form.key if is_own else None)
        except NotFound:
            return proof_html(id_, texts, texts("proof.unknown"))
        except ShowAndTellError as error:
            return proof_html(id_, texts, " ".join(fault_sentences(Fault.of(error), texts)))
        if generation is None:
            return proof_html(None, texts, texts("proof.none"))
        return generation_html(generation, texts)
