"""What a server's refusal means to a person: its status, and what it says where that tells more.

The same words come with many a status: llama.cpp tells a model's lack of ears with
500, OpenRouter with 404, LiteLLM an empty account with 422.
"""

import email.utils
import re
import time
from types import MappingProxyType
from typing import Final

from services import errors
from services.external_api.clean import number
from services.external_api.reasons import Reason, reason_in
from services.external_api.transport import Reply

_MOST_WAIT_S: Final = 7 * 24 * 3600.0
#: A number so large is a time since 1970 in milliseconds, or in seconds.
_EPOCH_MS, _EPOCH_S = 1e11, 1e9
#: 6m0s, 1h2m3.5s, 20ms: how OpenAI writes a time to wait.
_DURATION: Final = re.compile(
    r"(?:(?P<h>\d{1,4})h)?(?:(?P<m>\d{1,4})m(?!s))?(?:(?P<s>\d{1,6}(?:\.\d+)?)s)?(?:(?P<ms>\d{1,9}(?:\.\d+)?)ms)?"
)

#: HTTP status → the class a person is told about. 520 to 530 are Cloudflare's: of
#: those 524 waited, and the others did not get through.
REFUSALS: Final = MappingProxyType(
    {
        400: errors.RequestRejected,
        401: errors.KeyRejected,
        402: errors.OutOfCredit,
        403: errors.Forbidden,
        404: errors.NotFound,
        408: errors.TookTooLong,
        413: errors.RequestTooLarge,
        415: errors.RequestRejected,
        422: errors.RequestRejected,
        429: errors.Busy,
        500: errors.ProviderFailed,
        502: errors.ProviderFailed,
        503: errors.Busy,
        504: errors.TookTooLong,
        520: errors.ProviderFailed,
        521: errors.ProviderFailed,
        522: errors.ProviderFailed,
        523: errors.ProviderFailed,
        524: errors.TookTooLong,
        529: errors.Busy,
        530: errors.ProviderFailed,
    }
)

#: Statuses whose reason may be another than they say.
_VAGUE: Final = frozenset({400, 404, 415, 422, 429, 500, 501})

#: A server's names for an error, or its words → what it is, whatever the status.
_BY_NAME: Final = (
    # LiteLLM (400, 422 or 429); OpenAI (429).
    (errors.OutOfCredit, frozenset({"budget_exceeded", "insufficient_quota"})),
    # LiteLLM without a database has no other words for a key that it does not know (400).
    (errors.KeyRejected, frozenset({"no_db_connection", "invalid_api_key"})),
)
_BY_WORDS: Final = (
    # LiteLLM; Anthropic (400).
    (errors.OutOfCredit, r"budget has been exceeded|credit balance is too low"),
    # Gemini (400).
    (errors.KeyRejected, r"api key not valid"),
)

#: In which words servers say that a model cannot take what was sent; ``{0}`` is what it
#: is called. Collected from OpenAI, Gemini, OpenRouter, llama.cpp, vLLM, LiteLLM,
#: DeepSeek and Anthropic; what speaks of a format, a length or of output is none of them.
_ITS_PARTS: Final = r"[`'\"]?(?: inputs?| content| modality| parts?)*[`'\"]?"
_IS_NOT: Final = r"(?:is|are)(?: currently)? (?:not|un)[ -]?(?:supported|enabled|available|allowed)"
_DOES_NOT: Final = r"(?:not|n't|cannot|can't) (?:support|accept|handle|process|understand|take)"
_OTHERWISE: Final = r"(?![ _-]*(?:format|codec|output|file|sampl|of\b|long|larg|gener))"
_TYPE: Final = r"(?:variant|value|(?:content )?(?:part )?type)"
_LACKS: Final = (
    r"no endpoints found that support (?:the )?(?:input )?{0}",
    rf"\b{{0}}\b{_ITS_PARTS} {_IS_NOT}\b",
    rf"{_DOES_NOT}(?: any)?(?: the)?[ `'\"]*(?:input )?{{0}}\b{_OTHERWISE}",
    rf"(?:unknown|invalid|unsupported) {_TYPE}[:\s`'\"]*{{0}}",
    r"input tag [`'\"]{0}[`'\"] found",
    r"at most 0 {0}",
)
_SOUND: Final = r"(?:input_)?audios?(?:_url)?"
_PICTURE: Final = r"(?:(?:input_)?(?:video|image)s?(?:_url)?|vision)"
_CANNOT: Final = tuple(
    (error, re.compile("|".join(words), re.IGNORECASE))
    for error, words in (
        (
            errors.CannotHear,
            (
                *(lack.format(_SOUND) for lack in _LACKS),
                r"content blocks are expected to be either text or image_url",
            ),
        ),
        (errors.CannotSee, [lack.format(_PICTURE) for lack in _LACKS]),
        (
            errors.TextOnly,
            (
                r"is not a multi-?modal model",
                r"multi-?modal(?: inputs?)? (?:is|are) not supported",
                r"only [`'\"]?text[`'\"]? content type is supported",
                r"unsupported content\[\]\.type",
                r"content[`'\"]? ?: value must be a string",
            ),
        ),
    )
)


def refusal_of(reply: Reply, body: bytes) -> errors.ApiError:
    """What ``reply``, which is no success, and its ``body`` mean."""
    is_text = reply.header("content-type").startswith("text/plain")
    reason = reason_in(body, is_text=is_text)
    kind = _by_reason(reply.status, reason)
    kind = kind or REFUSALS.get(reply.status, errors.UnexpectedStatus)
    return kind(reason.said, status=reply.status, **_facts(reason, _wait_s(reply, reason)))


def failed_answer(reason: Reason) -> errors.ApiError:
    """What an error in the place of an answer, or in its middle, means."""
    failure = _cannot(reason) or errors.FailedAnswer
    return failure(reason.said, **_facts(reason, reason.retry_after_s))


def _facts(reason: Reason, wait_s: float | None) -> dict[str, str | float]:
    """What is known of asking again: when, whether it is of use, and whom else."""
    facts: dict[str, str | float] = {}
    if wait_s is not None:
        facts["retry_after_s"] = min(max(wait_s, 0.0), _MOST_WAIT_S)
    if reason.retryable is not None:
        facts["retryable"] = reason.retryable
    if reason.fallbacks:
        facts["fallback_models"] = " ".join(reason.fallbacks)
    return facts


def _by_reason(status: int, reason: Reason) -> type[errors.ApiError] | None:
    if status not in _VAGUE:
        return None
    for kind, names in _BY_NAME:
        if names & reason.kinds:
            return kind
    for kind, words in _BY_WORDS:
        if re.search(words, reason.said, re.IGNORECASE):
            return kind
    return _cannot(reason)


def _cannot(reason: Reason) -> type[errors.ApiError] | None:
    return next((kind for kind, words in _CANNOT if words.search(reason.said)), None)


def _wait_s(reply: Reply, reason: Reason) -> float | None:
    """Seconds that the server asks to wait, in the first of the ways in which it may."""
    asked = number(reply.header("retry-after-ms"))
    wait_s = None if asked is None else asked / 1000
    # LiteLLM passes on what the provider asked for under a name of its own.
    for name in ("retry-after", "llm_provider-retry-after"):
        if wait_s is None:
            wait_s = _seconds_or_date(reply.header(name))
    if wait_s is None:
        wait_s = reason.retry_after_s
    if wait_s is None and reply.status == 429:
        wait_s = _until_reset_s(reply)
    return wait_s


def _seconds_or_date(value: str) -> float | None:
    """``Retry-After`` in seconds, given as such or as a date (RFC 9110, 10.2.3)."""
    if value.isascii() and value.replace(".", "", 1).isdigit():
        return min(float(value), _MOST_WAIT_S)
    try:
        return email.utils.parsedate_to_datetime(value).timestamp() - time.time()
    except (ValueError, OverflowError):
        return None


def _until_reset_s(reply: Reply) -> float | None:
    """Seconds until the limits that are used up are as new; None where none is said to be."""
    waits = [
        _duration_s(reply.header(f"x-ratelimit-reset{what}"))
        for what in ("-requests", "-tokens", "")
        if number(reply.header(f"x-ratelimit-remaining{what}")) == 0
    ]
    return max((wait for wait in waits if wait is not None), default=None)


def _duration_s(value: str) -> float | None:
    """Seconds, a time since 1970 (OpenRouter's is in milliseconds), or OpenAI's way."""
    count = float(value) if re.fullmatch(r"\d{1,15}(?:\.\d{1,9})?", value) else None
    if count is None:
        parts = _DURATION.fullmatch(value)
        if parts is None or not value:
            return None
        amounts = {name: float(amount or 0) for name, amount in parts.groupdict().items()}
        return amounts["h"] * 3600 + amounts["m"] * 60 + amounts["s"] + amounts["ms"] / 1000
    if count >= _EPOCH_MS:
        return count / 1000 - time.time()
    return count - time.time() if count >= _EPOCH_S else count
