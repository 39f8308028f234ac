"""What the page says of each error, word for word."""

import dataclasses
from typing import Final

from tests.services.external_api.faults.fault import Fate, Seen

#: What became of a request → what the page says of the bill.
BILLED: Final[dict[Fate, str]] = {
    "answered": "Requests that were answered, and so are billed: 1.",
    "nothing_sent": "Nothing was sent, so nothing is billed.",
    "refused": "It was refused, so it should not be billed.",
    "open": "It may have been billed, and a retry may be billed again.",
}

#: Limits that are short in a test; the page rounds them.
SHORT_S, SHORT = 0.3, "0.3 sec"
SECOND_S, SECOND = 1.2, "1.2 sec"

CONNECTION_FAILED = Seen("ConnectionFailed", "The API could not be reached.", "nothing_sent")
CONNECT_TIMED_OUT = Seen(
    "ConnectTimedOut", f"The API did not answer the call within {SHORT}.", "nothing_sent"
)
UNKNOWN_HOST = Seen(
    "UnknownHost",
    "There is no server of that name: the API's address could not be found.",
    "nothing_sent",
)
NOT_SECURE = Seen(
    "NotSecure",
    "No secure connection to the API could be made: its certificate is not to be "
    "trusted, or it does not speak TLS.",
    "nothing_sent",
)
CONNECTION_LOST = Seen("ConnectionLost", "The connection broke after sending began.", "open")
TIMED_OUT = Seen("TimedOut", f"There was no complete answer within {SHORT}.", "open")
TIMED_OUT_LATER = Seen("TimedOut", f"There was no complete answer within {SECOND}.", "open")
#: The status had said it before.
TIMED_OUT_REFUSED = dataclasses.replace(TIMED_OUT, fate="refused")
WENT_SILENT = Seen(
    "WentSilent",
    f"The connection stayed open, but nothing came through it for {SHORT}.",
    "open",
)
BAD_ANSWER = Seen("BadAnswer", "The API's answer could not be understood.", "open")
EMPTY_ANSWER = Seen("EmptyAnswer", "The API reported success but sent no text.", "open")
#: These are answered, or never will be: nobody is told to try again.
MODEL_REFUSED = Seen("ModelRefused", "The model refused to answer.", "answered", retry=False)
LIMIT_REACHED = Seen(
    "LimitReached",
    "The model reached its limit of tokens before the first word of the answer.",
    "answered",
    retry=False,
)
ANSWER_FILTERED = Seen(
    "AnswerFiltered",
    "A content filter stopped the answer before its first word.",
    "answered",
    retry=False,
)
TOOLS_WANTED = Seen(
    "ToolsWanted",
    "Instead of answering, the model wants to use tools that this app does not have: "
    "get_weather, get_time.",
    "answered",
    retry=False,
)
CANNOT_HEAR = Seen(
    "CannotHear", "This model cannot hear: it takes no sound.", "refused", retry=False
)
CANNOT_SEE = Seen("CannotSee", "This model cannot see: it takes no video.", "refused", retry=False)
TEXT_ONLY = Seen(
    "TextOnly",
    "This model takes text alone: it can neither hear nor see.",
    "refused",
    retry=False,
)
INCOMPLETE_ANSWER = Seen("IncompleteAnswer", "The answer stopped before it was complete.", "open")
FAILED_ANSWER = Seen("FailedAnswer", "The model failed while answering.", "open")

_STATUSES = {
    (400, 415, 422): (
        "RequestRejected",
        "The API refused this request (HTTP {}): it does not suit this model.",
        "refused",
    ),
    (401,): ("KeyRejected", "The API did not accept the key (HTTP {}).", "refused"),
    (402,): ("OutOfCredit", "The account behind the key is out of credit (HTTP {}).", "refused"),
    (403,): (
        "Forbidden",
        "The API forbids this (HTTP {}): moderation, a rule of the account or a spent budget.",
        "refused",
    ),
    (404,): ("NotFound", "There is no such model or address at this API (HTTP {}).", "refused"),
    (408, 504, 524): (
        "TookTooLong",
        "The server gave up waiting for the model (HTTP {}).",
        "open",
    ),
    (413,): ("RequestTooLarge", "The file is too large for this API (HTTP {}).", "refused"),
    (429, 503, 529): ("Busy", "The API is busy right now (HTTP {}).", "refused"),
    (500, 502, 520, 521, 522, 523, 530): (
        "ProviderFailed",
        "The model's provider failed (HTTP {}).",
        "open",
    ),
    # Not of the contract: a redirect, a teapot.
    (307, 418): (
        "UnexpectedStatus",
        "The API answered in an unexpected way (HTTP {}).",
        "open",
    ),
}

#: HTTP status → what the page says of it.
OF_STATUS = {
    status: Seen(name, what.format(status), fate)
    for statuses, (name, what, fate) in _STATUSES.items()
    for status in statuses
}


def with_lines(seen: Seen, *lines: str) -> Seen:
    """``seen`` with further ``lines`` on the page."""
    return dataclasses.replace(seen, lines=lines)


def saying(seen: Seen, message: str) -> Seen:
    """``seen`` with what the API said."""
    return with_lines(seen, f"The API said: {message}")


def refusing(words: str) -> Seen:
    """What the page says of a model that refused with ``words``."""
    return with_lines(MODEL_REFUSED, f"The model said: {words}")
