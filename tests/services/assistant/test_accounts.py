"""A visitor's own account, through the door."""

import contextlib

import pytest

from services import errors
from services.assistant import Account, Assistant
from services.external_api.client import Client
from services.settings import Settings
from tests.browser.openrouter import OpenRouter, challenge_of

pytestmark = pytest.mark.anyio

VERIFIER = "v" * 43


@pytest.fixture
def router():
    with OpenRouter() as one:
        yield one


@contextlib.asynccontextmanager
async def assistant_over(router, **environ):
    settings = Settings.from_environ({"EXTERNAL_API_BASE_URL": router.base_url} | environ)
    async with contextlib.aclosing(Client(router.base_url)) as client:
        yield Assistant(settings, None, client)


async def test_a_visitor_brings_their_account(router):
    async with assistant_over(router, OPENROUTER_ORIGIN=router.origin) as assistant:
        assert assistant.api.sign_in_at == f"{router.origin}/auth"
        key = await assistant.accounts.sign_in(
            "me", router.granted(challenge_of(VERIFIER)), VERIFIER
        )
        account = await assistant.accounts.told(key)
    assert isinstance(account, Account)
    assert account.remaining == 4.2


async def test_where_nobody_signs_in_no_code_is_sent(router):
    async with assistant_over(router) as assistant:
        assert assistant.api.sign_in_at is None
        with pytest.raises(errors.SignInNotAsked):
            await assistant.accounts.sign_in("me", "code", VERIFIER)
    assert router.proofs == []


async def refused(assistant, visitor):
    """What comes of a code that somebody made up."""
    with pytest.raises(errors.ShowAndTellError) as raised:
        await assistant.accounts.sign_in(visitor, "code", VERIFIER)
    return raised.value


async def test_who_tries_one_code_after_the_other_is_asked_about_no_more(router):
    async with assistant_over(router, OPENROUTER_ORIGIN=router.origin) as assistant:
        for _ in range(10):
            assert isinstance(await refused(assistant, "one"), errors.CodeRefused)
        error = await refused(assistant, "one")
        assert isinstance(error, errors.TooManySignIns)
        assert 0 < error.facts["retry_after_s"] <= 3600
        assert len(router.proofs) == 10
        assert isinstance(await refused(assistant, "another"), errors.CodeRefused)


async def test_many_who_try_codes_are_together_no_more_than_some(router):
    async with assistant_over(router, OPENROUTER_ORIGIN=router.origin) as assistant:
        seen = [await refused(assistant, f"visitor {number // 10}") for number in range(610)]
    assert len(router.proofs) == 600
    assert {type(one) for one in seen[600:]} == {errors.TooManySignIns}
