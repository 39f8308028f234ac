"""Who pays for what is asked: whose key is in use, and what may still be spent with it."""

import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

import gradio as gr
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, SecretStr, StringConstraints, ValidationError

from components.connection import Connection
from components.parts import Updates
from components.result.templates import rendered
from components.status import fault_sentences
from components.texts import Texts, texts_for
from services.assistant import Account, Api, Assistant, Fault
from services.errors import (
    NotSignedIn,
    ShowAndTellError,
    SignInDeclined,
    SignInForgotten,
    SignInFramed,
    SignInInsecure,
    SignInNotAsked,
)

#: What OpenRouter's keys begin with, and how long they are at least: a key is asked about once
#: it is whole, and not with each letter of it that is typed.
_KEYS_BEGIN: Final = "sk-or-"
_FEWEST_LETTERS: Final = 40

Trouble = Literal["declined", "foreign", "insecure", "framed", "forgotten"]
#: What signin.js names → what the person is told.
_TROUBLES: Final[Mapping[Trouble, type[NotSignedIn]]] = MappingProxyType(
    {
        "declined": SignInDeclined,
        "foreign": SignInNotAsked,
        "insecure": SignInInsecure,
        "framed": SignInFramed,
        "forgotten": SignInForgotten,
    }
)


class CameBack(BaseModel):
    """What signin.js tells of signing in: a code with its verifier (RFC 7636), or a trouble."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    code: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,2000}$")] = ""
    verifier: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._~-]{43,128}$")] = ""
    trouble: Trouble | None = None

    @classmethod
    def read(cls, told: str) -> "CameBack":
        """What ``told`` says, as JSON of a browser: anything else was not asked for."""
        with contextlib.suppress(ValidationError):
            return cls.model_validate_json(told)
        return cls(trouble="foreign")


class Payers:
    """The handlers over one assistant. Of a key they keep nothing."""

    def __init__(
        self, assistant: Assistant, connection: Connection, payer: Callable[[gr.Request], str]
    ) -> None:
        self._assistant = assistant
        self._payer = payer
        self._parts = connection

    def wire(self, ends: Sequence[Any]) -> None:
        """Tell it with another key; and what is left of it after each of ``ends`` as well."""
        key, payer, came_back = self._parts.key, self._parts.payer, self._parts.came_back
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        told = {"fn": self.key_changed, "inputs": [key], "outputs": [payer], **quiet}
        shown = [came_back, self._parts.fold, key, payer]
        came_back.change(self.came_back, [came_back, key], shown, **quiet)
        key.change(**told, trigger_mode="always_last")
        for end in ends:
            end.then(**told)

    async def came_back(
        self, told: str, key: str | None, request: gr.Request
    ) -> AsyncGenerator[Updates, None]:
        """A key for who has signed in, into their own field; or what came between.

        ``told`` is a :class:`CameBack`, and ``key`` what stands in the field until then: None
        where nothing ever did.
        """
        parts, texts = self._parts, texts_for(request)
        if not told:
            yield {parts.came_back: gr.skip()}
            return
        came = CameBack.read(told)
        if came.code:
            asking = rendered("payer", who="account", words=texts("payer.exchanging"))
            yield {parts.fold: gr.update(open=True), parts.payer: asking}
        # The code is used up, and the next trouble may be the same.
        shown: Updates = {parts.came_back: "", parts.fold: gr.update(open=True)}
        try:
            given = await self._key_for(came, self._payer(request))
        except ShowAndTellError as error:
            yield shown | {parts.payer: self._failed(error, key or "", texts)}
            return
        yield shown | {parts.key: given.get_secret_value()}

    async def _key_for(self, came: CameBack, visitor: str) -> SecretStr:
        if came.trouble is not None:
            raise _TROUBLES[came.trouble]
        if not came.code or not came.verifier:
            raise SignInNotAsked
        return await self._assistant.accounts.sign_in(visitor, came.code, came.verifier)

    async def key_changed(
        self, key: str | None, request: gr.Request
    ) -> AsyncGenerator[Updates, None]:
        """Whose key that is at once, and then what its account may spend, where that is told."""
        payer, texts, api = self._parts.payer, texts_for(request), self._assistant.api
        key = (key or "").strip()
        if api.sign_in_at is None or not _is_whole(key):
            yield {payer: payer_html(api, key, texts)}
            return
        yield {payer: rendered("payer", who="account", words=texts("payer.asking"))}
        try:
            account = await self._assistant.accounts.told(SecretStr(key))
        except ShowAndTellError as error:
            yield {payer: self._failed(error, key, texts)}
            return
        yield {payer: account_html(account, texts)}

    def _failed(self, error: ShowAndTellError, key: str, texts: Texts) -> Markup:
        """Why there is no key, or nothing known of it; and whose is in use all the same."""
        fault = Fault.of(error)
        what, following = fault_sentences(fault, texts)
        said = texts("error.said.api", said=fault.said) if fault.said else ""
        told = rendered("not_signed_in", name=fault.name, what=what, next=following, said=said)
        return told + payer_html(self._assistant.api, key.strip(), texts)


def payer_html(api: Api, key: str, texts: Texts) -> Markup:
    """Whose key is in use, where ``key`` is what stands in the field."""
    if key:
        return rendered("payer", who="own", words=texts("payer.own"))
    if api.is_offline:
        return rendered("payer", who="nobody", words=texts("payer.nobody"))
    if api.has_key:
        return rendered("payer", who="host", words=texts("payer.host"))
    return rendered("payer", who="none", words=texts("payer.none"))


def account_html(account: Account, texts: Texts) -> Markup:
    """What the visitor's account may still spend, and until when."""
    told = f"{_left(account, texts)}, {_until(account, texts)}"
    return rendered("payer", who="account", words=texts("payer.account", account=told))


def _left(account: Account, texts: Texts) -> str:
    limit, left = account.limit, account.remaining
    if limit == "none":
        return texts("payer.unlimited")
    if limit is not None and left is not None:
        return texts("payer.left_of", left=texts.money(left), limit=texts.money(limit))
    if limit is not None:
        return texts("payer.limit", limit=texts.money(limit))
    if left is not None:
        return texts("payer.left", left=texts.money(left))
    return texts("payer.unknown")


def _until(account: Account, texts: Texts) -> str:
    if account.expires_at is None:
        return texts("payer.until_unknown")
    if account.expires_at == "never":
        return texts("payer.endless")
    return texts("payer.until", day=texts.day(account.expires_at))


def _is_whole(key: str) -> bool:
    return key.startswith(_KEYS_BEGIN) and len(key) >= _FEWEST_LETTERS
