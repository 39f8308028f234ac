"""What the External API, and the way to it, may do wrong.

::

    ApiError                 the External API, or the way to it, failed
    ├── Unreachable          no connection was made; nothing was sent
    │   ├── ConnectionFailed refused, or no way there
    │   ├── ConnectTimedOut  nobody answered in time
    │   ├── UnknownHost      the host's name has no address
    │   ├── ProxyFailed      the proxy is not there, or lets nothing through
    │   └── NotSecure        TLS could not be agreed on
    ├── ConnectionLost       cut after sending began
    ├── TimedOut             over AUDIO_TIMEOUT_S or VIDEO_TIMEOUT_S
    ├── WentSilent           the stream stayed open and carried nothing
    ├── BadAnswer            not the contract's JSON or event stream
    ├── EmptyAnswer          a success with nothing in it
    ├── IncompleteAnswer     the stream ended before the answer did
    ├── FailedAnswer         an ``error`` instead of, or amid, an answer
    ├── SameAgain            asked again as it is, it would come to the same
    │   ├── ModelRefused     the model refused to answer
    │   ├── LimitReached     its limit of tokens came before its first word
    │   ├── AnswerFiltered   a content filter left nothing of the answer
    │   ├── ToolsWanted      the model wants tools, and there are none
    │   ├── CannotHear       the model takes no sound
    │   ├── CannotSee        the model takes no picture
    │   └── TextOnly         the model takes neither
    └── Refused              an HTTP status
        ├── RequestRejected  400, 415, 422
        ├── KeyRejected      401
        ├── OutOfCredit      402
        ├── Forbidden        403
        ├── NotFound         404
        ├── TookTooLong      408, 504, 524
        ├── RequestTooLarge  413
        ├── Busy             429, 503, 529
        ├── CodeRefused      a code to sign in with was used before or is too old
        ├── ProviderFailed   500, 502, 520, 521, 522, 523, 530
        └── UnexpectedStatus any other

What a server says may tell more than its status: see ``external_api/refusals.py``.
"""

from typing import Final

from services.errors.root import ShowAndTellError


class ApiError(ShowAndTellError):
    """The External API failed. ``said`` is its own message, redacted, maybe empty."""

    def __init__(self, said: str = "", **facts: str | float) -> None:
        super().__init__(**facts)
        self.said: Final = said


class Unreachable(ApiError):
    """No connection was made, so nothing was sent."""


class ConnectionFailed(Unreachable):
    """The other side refused the connection, or there is no way to it."""


class ConnectTimedOut(Unreachable):
    """Nobody answered within ``limit_s`` seconds."""


class UnknownHost(Unreachable):
    """The host's name has no address."""


class ProxyFailed(Unreachable):
    """The proxy that the host named is not there, or does not lead to the API."""


class NotSecure(Unreachable):
    """The certificate is not to be trusted, or TLS is not spoken there."""


class ConnectionLost(ApiError):
    """The connection broke after sending began."""


class TimedOut(ApiError):
    """The run passed its deadline of ``limit_s`` seconds."""


class WentSilent(ApiError):
    """The stream carried no data for ``limit_s`` seconds."""


class BadAnswer(ApiError):
    """The answer is neither the contract's JSON nor its event stream."""


class EmptyAnswer(ApiError):
    """The API reported success and gave nothing."""


class IncompleteAnswer(ApiError):
    """The stream ended without a finish reason."""


class FailedAnswer(ApiError):
    """The API reported an error in the place of an answer, or in its middle."""


class SameAgain(ApiError):
    """What was sent would come to the same if it were sent again as it is."""


class ModelRefused(SameAgain):
    """The model refused to answer: ``said`` is what it said instead."""


class LimitReached(SameAgain):
    """The model reached its limit of tokens before the first word, mostly by thinking."""


class AnswerFiltered(SameAgain):
    """A content filter stopped the answer before its first word."""


class ToolsWanted(SameAgain):
    """The model wants to use ``tools``, and got none from us."""


class CannotHear(SameAgain):
    """The model takes no sound, whatever the status that tells it."""


class CannotSee(SameAgain):
    """The model takes no picture, moving or still."""


class TextOnly(SameAgain):
    """The model takes text alone."""


class Refused(ApiError):
    """An HTTP ``status`` that is not a success."""


class RequestRejected(Refused):
    """400, 415, 422: wrong for this model, or the model is unknown."""


class KeyRejected(Refused):
    """401, or what says so: the key is missing or wrong."""


class OutOfCredit(Refused):
    """402, or what says so: the account has no credit left."""


class Forbidden(Refused):
    """403: moderation, a guardrail or a spent budget."""


class NotFound(Refused):
    """404: no such model or endpoint."""


class TookTooLong(Refused):
    """408, 504, 524: the server gave up waiting."""


class RequestTooLarge(Refused):
    """413: over the server's own limit."""


class Busy(Refused):
    """429, 503, 529: try again later; ``retry_after_s`` when the server said when."""


class CodeRefused(Refused):
    """400, 401, 403, 404 where a key was asked for: the code is none, used up or too old."""


class ProviderFailed(Refused):
    """500, 502, 520 to 523, 530: the model's provider failed."""


class UnexpectedStatus(Refused):
    """A status the contract does not know."""
