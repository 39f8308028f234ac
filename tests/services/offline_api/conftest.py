"""Clients of the offline API that others have made."""

import httpx
import openai
import pytest


@pytest.fixture
def http():
    """The SDKs' own client, which gives up after five seconds of nothing, but for proxies."""
    with httpx.Client(trust_env=False) as client:
        yield client


@pytest.fixture
def openai_sdk(offline_url, http):
    return openai.OpenAI(base_url=offline_url, api_key="ak_test", http_client=http, max_retries=0)
