"""Who pays, and what comes of signing in."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import gradio as gr
import pytest
from pydantic import SecretStr

from components.payer import CameBack, Trouble, account_html, payer_html
from components.session import Sessions
from components.texts import LANGUAGES, Texts
from services import errors
from services.assistant import Account, Api
from tests.components.pages import Noting, Page, visitor

pytestmark = pytest.mark.anyio

EN, RU = Texts("en"), Texts("ru")
NBSP = "\u00a0"
KEY = f"sk-or-v1-{'c0ffee' * 10}"
CODE, VERIFIER = "code-1", "v" * 43
CAME = {"code": CODE, "verifier": VERIFIER}
PLAIN = Api("https://api.example/v1", is_offline=False, has_key=True)
ROUTER = replace(PLAIN, sign_in_at="https://openrouter.ai/auth")
DAY = datetime(2027, 12, 1, 9, 30, tzinfo=UTC)


class Router(Noting):
    """An assistant at which visitors sign in; ``fault`` is what comes of asking it."""

    api = ROUTER
    fault = None

    def __init__(self):
        super().__init__()
        self.proofs, self.keys, self.visitors = [], [], []

    async def sign_in(self, visitor, code, verifier):
        self.visitors.append(visitor)
        self.proofs.append((code, verifier))
        if self.fault:
            raise self.fault
        return SecretStr(KEY)

    @property
    def accounts(self):
        return self

    async def told(self, key):
        self.keys.append(key.get_secret_value())
        if self.fault:
            raise self.fault
        return Account(5, 4.2, DAY)


@pytest.fixture(scope="module")
def page():
    return Page(Router())


@pytest.fixture
def router(page):
    """The page's assistant, with nothing noted yet."""
    page.assistant.__init__()
    page.assistant.api, page.assistant.fault = ROUTER, None
    return page.assistant


async def views_of(page, told, key=None, language="en"):
    """All that is shown of it one after the other, by the ids."""
    told = told if isinstance(told, str) else json.dumps(told)
    handler = page.listeners("came_back")[0].fn
    every = [one async for one in handler(told, key, visitor(language))]
    return [{block.elem_id: value for block, value in one.items()} for one in every]


async def came_back(page, told, key=None, language="en"):
    """What is shown of it in the end, by the ids."""
    return (await views_of(page, told, key, language))[-1]


async def key_changed(page, key, language="en"):
    """All that is shown of the payer."""
    handler = page.listeners("key_changed")[0].fn
    every = [one async for one in handler(key, visitor(language))]
    return [value for one in every for value in one.values()]


async def test_who_has_signed_in_has_a_key_in_their_field_and_the_panel_is_open(page, router):
    shown = await came_back(page, CAME)
    assert router.proofs == [(CODE, VERIFIER)]
    assert shown["api-key"] == KEY
    assert shown["connection"]["open"] is True
    assert shown["came-back"] == ""
    assert "payer" not in shown  # which goes by the key that is in the field


@pytest.mark.parametrize("language", LANGUAGES)
async def test_while_the_key_is_fetched_the_open_panel_says_so(page, router, language):
    first, _ = await views_of(page, CAME, language=language)
    assert Texts(language)("payer.exchanging") in first["payer"]
    assert first["connection"]["open"] is True
    assert router.visitors == [Sessions().payer(visitor(language))]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_who_tried_too_many_codes_is_told_when_the_next_may_come(page, router, language):
    router.fault = errors.TooManySignIns(retry_after_s=1800.0)
    shown = await came_back(page, CAME, language=language)
    assert {"en": "in 30 min", "ru": "через 30 мин"}[language] in shown["payer"]


async def test_what_was_taken_out_of_the_field_again_is_nothing_that_came(page, router):
    assert await came_back(page, "") == {"came-back": gr.skip()}
    assert router.proofs == []


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        ("declined", "SignInDeclined"),
        ("foreign", "SignInNotAsked"),
        ("insecure", "SignInInsecure"),
        ("framed", "SignInFramed"),
        ("forgotten", "SignInForgotten"),
    ],
)
async def test_a_trouble_of_the_browsers_is_told_and_nothing_is_sent(page, router, trouble, error):
    shown = await came_back(page, {"trouble": trouble})
    assert router.proofs == []
    assert f'data-error="{error}"' in shown["payer"]
    assert EN(f"error.{error}.what") in shown["payer"]
    assert EN(f"error.{error}.next") in shown["payer"]
    assert EN("payer.host") in shown["payer"]
    assert "api-key" not in shown
    assert shown["connection"]["open"] is True


def test_every_trouble_there_is_has_its_sentence():
    assert {CameBack.read(json.dumps({"trouble": one})).trouble for one in get_args(Trouble)} == {
        *get_args(Trouble)
    }


@pytest.mark.parametrize(
    "told",
    [
        "{",
        "[]",
        "null",
        "{}",
        {"code": CODE},
        {"verifier": VERIFIER},
        {"code": CODE, "verifier": "v" * 42},
        {"code": CODE, "verifier": "v" * 129},
        {"code": CODE, "verifier": f"{VERIFIER}\n"},
        {"code": "c" * 2001, "verifier": VERIFIER},
        {"code": "a b", "verifier": VERIFIER},
        {"code": 7, "verifier": VERIFIER},
        {"trouble": "another"},
        CAME | {"more": 1},
    ],
    ids=str,
)
async def test_what_no_browser_of_ours_says_is_not_sent(page, router, told):
    shown = await came_back(page, told)
    assert router.proofs == []
    assert 'data-error="SignInNotAsked"' in shown["payer"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_code_that_is_refused_is_told_with_what_the_api_said(page, router, language):
    texts = Texts(language)
    router.fault = errors.CodeRefused("<b>no</b>")
    shown = await came_back(page, CAME, language=language)
    assert texts("error.CodeRefused.what") in shown["payer"]
    assert "&lt;b&gt;no&lt;/b&gt;" in shown["payer"]
    assert CODE not in shown["payer"]


async def test_an_api_that_is_not_there_is_told_and_a_key_of_before_stays(page, router):
    router.fault = errors.ConnectionFailed()
    shown = await came_back(page, CAME, key=KEY)
    assert EN("error.ConnectionFailed.what") in shown["payer"]
    assert EN("payer.own") in shown["payer"]
    assert "api-key" not in shown


async def test_a_key_of_openrouters_is_asked_about_once_it_is_whole(page, router):
    asking, told = await key_changed(page, f" {KEY} ")
    assert router.keys == [KEY]
    assert EN("payer.asking") in asking
    assert told == account_html(Account(5, 4.2, DAY), EN)


@pytest.mark.parametrize("key", [KEY[:39], "ak_another", ""])
async def test_another_is_not(page, router, key):
    assert await key_changed(page, key) == [payer_html(ROUTER, key, EN)]
    assert router.keys == []


async def test_a_key_of_openrouters_is_told_to_no_other_api(page, router):
    router.api = PLAIN
    assert await key_changed(page, KEY) == [payer_html(PLAIN, KEY, EN)]
    assert router.keys == []


async def test_a_key_that_is_not_taken_is_told(page, router):
    router.fault = errors.KeyRejected(status=401)
    told = (await key_changed(page, KEY, "ru"))[-1]
    assert RU("error.KeyRejected.what", status=401) in told
    assert RU("payer.own") in told
    assert KEY not in told


@pytest.mark.parametrize(
    ("api", "key", "who"),
    [
        (PLAIN, "", "host"),
        (replace(PLAIN, has_key=False), "", "none"),
        (replace(PLAIN, is_offline=True), "", "nobody"),
        (PLAIN, "k", "own"),
        (replace(PLAIN, is_offline=True), "k", "own"),
    ],
)
def test_the_page_says_whose_key_is_in_use(api, key, who):
    for texts in (EN, RU):
        told = payer_html(api, key, texts)
        assert f'data-payer="{who}"' in told
        assert texts(f"payer.{who}") in told


@pytest.mark.parametrize(
    ("account", "english", "russian"),
    [
        (
            Account(5, 4.2, DAY),
            "$4.20 of $5.00 left, until 1 Dec 2027",
            f"осталось 4,20{NBSP}$ из 5,00{NBSP}$, до 1 дек. 2027",
        ),
        (
            Account("none", None, "never"),
            "the key has no limit, without an end",
            "у ключа нет лимита, бессрочно",
        ),
        (
            Account(),
            "what is left is not reported, until when is not reported",
            "остаток не сообщается, срок не сообщается",
        ),
        (
            Account(5, None, "never"),
            "the limit is $5.00, what is left of it is not reported, without an end",
            f"лимит 5,00{NBSP}$, остаток не сообщается, бессрочно",
        ),
        (
            Account(None, 0.5, "never"),
            "$0.50 left, the limit is not reported, without an end",
            f"осталось 0,50{NBSP}$, лимит не сообщается, бессрочно",
        ),
    ],
    ids=["all", "no limit", "nothing", "no rest", "no limit told"],
)
def test_what_an_account_may_spend_is_told_and_what_is_unknown_is_told_so(
    account, english, russian
):
    assert f"Your OpenRouter account pays: {english}</p>" in account_html(account, EN)
    assert f"Платит ваш аккаунт OpenRouter: {russian}</p>" in account_html(account, RU)
