"""Keys with limits, for the LiteLLM proxy's ``custom_auth``; it enforces them itself.

But for the budget: with a database the proxy makes sure of it where it looks the key
up, so that here the same function of it is called.
"""

import os

from litellm.proxy._types import UserAPIKeyAuth
from litellm.proxy.auth.auth_checks import virtual_key_max_budget_check
from litellm.proxy.proxy_server import proxy_logging_obj

#: What follows the recording's key → what the proxy is to know of such a key.
LIMITS = {
    "-spent": {"max_budget": 1.0, "spend": 1.25},
    "-hurried": {"rpm_limit": 1},
    "-expired": {"expires": "2026-01-01T00:00:00+00:00"},
    "-narrow": {"models": ["unheard"]},
}


async def known(request, api_key):
    """What is known of a key."""
    limits = LIMITS[api_key.removeprefix(os.environ["RECORDING_KEY"])]
    key = UserAPIKeyAuth(api_key=api_key, **limits)
    await virtual_key_max_budget_check(key, proxy_logging_obj)
    return key
