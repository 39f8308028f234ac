"""Signing in at a stand-in that checks the proof, and what is told of a key."""

import asyncio
import contextlib
import json
import logging
import math
import traceback
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from services import errors
from services.external_api.account import Account, account_in, key_in
from services.external_api.client import ACCOUNT_S, Client
from tests.browser.openrouter import ACCOUNT, OpenRouter, challenge_of
from tests.clock import run_at_once
from tests.free_port import free_port
from tests.services.external_api.driving import CANARY, KEY, answer_of, client_over

pytestmark = pytest.mark.anyio

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CODE = "code-canary-0123456789"


@pytest.fixture
def router():
    with OpenRouter() as one:
        yield one


@pytest.fixture
async def client(router):
    async with contextlib.aclosing(Client(router.base_url)) as one:
        yield one


def test_the_stand_in_goes_by_the_example_of_rfc_7636():
    assert challenge_of(VERIFIER) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


async def test_a_code_and_its_verifier_are_worth_a_key(router, client):
    code = router.granted(challenge_of(VERIFIER))
    key = await client.sign_in(code, VERIFIER)
    assert [key.get_secret_value()] == router.keys
    assert router.proofs == [
        {"code": code, "code_verifier": VERIFIER, "code_challenge_method": "S256"}
    ]


async def test_another_verifier_is_worth_nothing_and_uses_the_code_up(router, client):
    code = router.granted(challenge_of(VERIFIER))
    for verifier in (VERIFIER[::-1], VERIFIER):
        with pytest.raises(errors.CodeRefused) as refused:
            await client.sign_in(code, verifier)
        assert refused.value.said == "Invalid code or code_verifier"
    assert router.keys == []


async def test_a_code_is_good_once_and_asked_about_once(router, client):
    code = router.granted(challenge_of(VERIFIER))
    await client.sign_in(code, VERIFIER)
    with pytest.raises(errors.CodeRefused):
        await client.sign_in(code, VERIFIER)
    assert len(router.proofs) == 2
    assert len(router.keys) == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(answer_of("{}", status=400), errors.CodeRefused, id="400"),
        pytest.param(answer_of("{}", status=404), errors.CodeRefused, id="404"),
        pytest.param(answer_of("{}", status=429), errors.Busy, id="429"),
        pytest.param(answer_of("{}", status=500), errors.ProviderFailed, id="500"),
        pytest.param(answer_of("", status=302), errors.UnexpectedStatus, id="a redirect"),
        pytest.param(answer_of("<html></html>", "text/html"), errors.BadAnswer, id="HTML"),
        pytest.param(answer_of('{"user_id": "u"}'), errors.BadAnswer, id="no key"),
    ],
)
async def test_what_is_no_key_is_told_as_what_it_is_and_not_asked_for_again(answer, error):
    async with client_over(answer) as (client, requests):
        with pytest.raises(error):
            await client.sign_in(CODE, VERIFIER)
    assert len(requests) == 1
    assert "authorization" not in requests[0].headers


async def test_an_api_that_cannot_be_reached_is_told():
    async with contextlib.aclosing(Client(f"http://127.0.0.1:{free_port()}/v1")) as client:
        with pytest.raises(errors.ConnectionFailed):
            await client.sign_in(CODE, VERIFIER)
        with pytest.raises(errors.ConnectionFailed):
            await client.account(KEY)


def test_an_api_that_says_nothing_is_given_up():
    async def test():
        async with client_over(asyncio.Event().wait) as (client, _):
            with pytest.raises(errors.ConnectTimedOut) as late:
                await client.sign_in(CODE, VERIFIER)
            assert late.value.facts["limit_s"] == ACCOUNT_S

    run_at_once(test())


async def test_neither_code_verifier_nor_key_is_told_or_logged(caplog):
    caplog.set_level(logging.DEBUG)
    echo = json.dumps({"error": {"message": f"{CODE} {VERIFIER} {CANARY}"}})
    shown = []
    for asked in (lambda one: one.sign_in(CODE, VERIFIER), lambda one: one.account(KEY)):
        async with client_over(answer_of(echo, status=403)) as (client, _):
            with pytest.raises(errors.ApiError) as refused:
                await asked(client)
        shown += [repr(refused.value), *traceback.format_exception(refused.value), caplog.text]
        shown.append(refused.value.said if len(shown) < 3 else "")
    assert [one for one in (CODE, VERIFIER, CANARY) if one in "".join(shown)] == []


@pytest.mark.parametrize(
    "payload",
    [None, [], {}, {"key": None}, {"key": ""}, {"key": "a b"}, {"key": "k" * 501}, {"key": 1}],
    ids=str,
)
def test_a_key_is_what_a_header_can_carry(payload):
    with pytest.raises(errors.BadAnswer):
        key_in(payload)


async def test_what_a_key_may_spend_is_asked_with_it(router, client):
    router.keys.append(CANARY)
    assert await client.account(KEY) == Account(5, 4.2, datetime(2027, 12, 1, 9, 30, tzinfo=UTC))
    assert router.authorizations == [("key", f"Bearer {CANARY}")]


async def test_a_key_that_nobody_knows_is_told_without_it(client):
    with pytest.raises(errors.KeyRejected) as rejected:
        await client.account(KEY)
    assert CANARY not in rejected.value.said


async def test_a_key_that_no_header_can_carry_is_not_asked_about():
    async with client_over(answer_of("{}")) as (client, requests):
        with pytest.raises(errors.BadKey):
            await client.account(SecretStr("a b"))
    assert requests == []


@pytest.mark.parametrize(
    ("data", "account"),
    [
        ({}, Account()),
        (
            {"limit": None, "limit_remaining": None, "expires_at": None},
            Account("none", None, "never"),
        ),
        ({"limit": 0, "limit_remaining": -0.5}, Account(0, -0.5)),
        ({"limit": "5.5", "limit_remaining": "x"}, Account(5.5)),
        ({"limit": math.nan, "limit_remaining": True, "expires_at": 7}, Account()),
        (
            {"expires_at": "2027-12-01T01:00:00+03:00"},
            Account(expires_at=datetime(2027, 11, 30, 22, tzinfo=UTC)),
        ),
        (
            {"expires_at": "2027-12-01T09:30:00Z"},
            Account(expires_at=datetime(2027, 12, 1, 9, 30, tzinfo=UTC)),
        ),
        ({"expires_at": "2027-12-01"}, Account(expires_at=datetime(2027, 12, 1, tzinfo=UTC))),
        ({"expires_at": "0001-01-01T00:00:00+14:00"}, Account()),
        ({"expires_at": "soon"}, Account()),
    ],
    ids=str,
)
def test_what_is_not_reported_is_unknown_and_none_is_none(data, account):
    assert account_in({"data": data}) == account


def test_what_else_is_told_does_not_matter():
    assert account_in({"data": ACCOUNT | {"rate_limit": {}}}) == account_in({"data": ACCOUNT})


@pytest.mark.parametrize("payload", [None, [], {}, {"data": None}, {"data": []}], ids=str)
def test_another_shape_is_no_account(payload):
    with pytest.raises(errors.BadAnswer):
        account_in(payload)
