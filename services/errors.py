"""Everything that can go wrong and that a person may be told.

::

    ShowAndTellError
    ├── InputError                 nothing was sent; the person can mend it
    │   ├── NoMedia                no recording, file or link was given
    │   ├── FileGone               the upload is not on the server any more
    │   ├── NoPrompt               the question is empty
    │   ├── BadLink                a video link that is not plain https
    │   ├── BadTrim                a time that is none, or nothing between the two
    │   ├── BadOption              a value that no model takes for an option
    │   ├── BadArgument            what a program gave is none of what may be given
    │   ├── EmptyFile              a file of no bytes
    │   ├── NotMedia               a playlist, a text or another kind of file
    │   ├── StillPicture           a picture that does not move
    │   ├── UnreadForm             a form of media that is known, and not read here
    │   ├── ProtectedFile          encrypted, so that its buyer alone can play it
    │   ├── UnreadableFile         broken, or decoding it crashed or hung
    │   ├── TooMuchInside          decoding it would go past the limits
    │   ├── NoSound                a file without a sound track, asked as audio
    │   ├── NoPicture              a file without a picture, asked as video
    │   ├── PoorRecording         can be sent all the same, if one wants to
    │   │   ├── SilentRecording    nothing can be heard in it
    │   │   └── ClippedRecording   so loud that it is distorted
    │   ├── FileTooLarge           over MAX_FILE_MB, as it would be sent
    │   ├── MissingKey             neither the visitor nor the host has a key
    │   ├── BadKey                 a key no HTTP header can carry
    │   └── ModelNotAllowed        not on the host's list for the host's key
    ├── AppFailed                  a fault of this app or its installation
    ├── Stopped                    the person stopped it
    ├── AppStopping                the app is being restarted
    └── ApiError                   the External API, or the way to it, failed
        ├── Unreachable            no connection was made; nothing was sent
        │   ├── ConnectionFailed   refused, or no way there
        │   ├── ConnectTimedOut    nobody answered in time
        │   ├── UnknownHost        the host's name has no address
        │   ├── ProxyFailed        the proxy is not there, or lets nothing through
        │   └── NotSecure          TLS could not be agreed on
        ├── ConnectionLost         cut after sending began
        ├── TimedOut               over AUDIO_TIMEOUT_S or VIDEO_TIMEOUT_S
        ├── WentSilent             the stream stayed open and carried nothing
        ├── BadAnswer              not the contract's JSON or event stream
        ├── EmptyAnswer            a success without a word in it
        ├── IncompleteAnswer       the stream ended before the answer did
        ├── FailedAnswer           an ``error`` instead of, or amid, an answer
        └── Refused                an HTTP status; see ``REFUSALS``
            ├── RequestRejected    400, 422
            ├── KeyRejected        401
            ├── OutOfCredit        402
            ├── Forbidden          403
            ├── NotFound           404
            ├── TookTooLong        408, 524
            ├── RequestTooLarge    413
            ├── Busy               429, 503, 529
            ├── ProviderFailed     500, 502
            └── UnexpectedStatus   any other

The words are in ``components/locales``: one sentence and one way out for each
leaf, under its class name. What may be billed is no matter of the error but of the
run: see :class:`services.external_api.bill.Bill`. ``str()`` of an error holds its class and numbers
only, so that a traceback or a log never carries a key, an answer or a file
name; what the API said is in :attr:`ApiError.said`, for the page alone.
"""

from types import MappingProxyType
from typing import Final


class ShowAndTellError(Exception):
    """The root. ``facts`` are the numbers and short words the sentence needs."""

    def __init__(self, **facts: str | float) -> None:
        self.facts: Final = MappingProxyType(facts)
        numbers = {name: fact for name, fact in facts.items() if not isinstance(fact, str)}
        super().__init__(f"{type(self).__name__} {numbers}" if numbers else type(self).__name__)


class InputError(ShowAndTellError):
    """What was given cannot be sent; nothing left this machine."""


class NoMedia(InputError):
    """There is no recording, file or link to ask about."""


class FileGone(InputError):
    """The file was there and is not any more: uploads are kept for a while only."""


class NoPrompt(InputError):
    """There is media but no question."""


class BadLink(InputError):
    """A video link must be https, with a host and without user info."""


class BadTrim(InputError):
    """The times to trim at make no sense, or nothing is left between them."""


class BadOption(InputError):
    """The option called ``option`` has a value outside its range."""


class BadArgument(InputError):
    """A program gave something for ``argument`` that this cannot be."""


class EmptyFile(InputError):
    """The file has no bytes."""


class NotMedia(InputError):
    """The first bytes are those of no sound or video container we open."""


class StillPicture(InputError):
    """A picture that does not move."""


class UnreadForm(InputError):
    """A form of sound or video by the name of ``form``, which is not read here."""


class ProtectedFile(InputError):
    """It is encrypted, and whoever has the key is not this app."""


class UnreadableFile(InputError):
    """A known container that could not be decoded."""


class TooMuchInside(InputError):
    """Far more sound, picture or tracks than a file of this size should hold."""


class NoSound(InputError):
    """There is no sound track to send as audio."""


class NoPicture(InputError):
    """There is no moving picture to send as video."""


class PoorRecording(InputError):
    """Money would be spent on something that no model can hear well."""


class SilentRecording(PoorRecording):
    """Nothing can be heard in it."""


class ClippedRecording(PoorRecording):
    """It is so loud that it is distorted: ``share`` of it, 0 to 1."""


class FileTooLarge(InputError):
    """``file_bytes`` would be sent where ``limit_bytes`` is the most allowed."""


class MissingKey(InputError):
    """The API needs a key and nobody gave one."""


class BadKey(InputError):
    """The key has spaces, line breaks or letters outside printable ASCII."""


class ModelNotAllowed(InputError):
    """The host's key is only for the models the host listed."""


class AppFailed(ShowAndTellError):
    """Neither the person nor the API is at fault: this app is."""


class Stopped(ShowAndTellError):
    """The person pressed Stop, or left."""


class AppStopping(ShowAndTellError):
    """The app is ending, and with it what was under way."""


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
    """The API reported success and gave no text."""


class IncompleteAnswer(ApiError):
    """The stream ended without a finish reason."""


class FailedAnswer(ApiError):
    """The API reported an error in the place of an answer, or in its middle."""


class Refused(ApiError):
    """An HTTP ``status`` that is not a success."""


class RequestRejected(Refused):
    """400, 422: wrong for this model, or the model is unknown."""


class KeyRejected(Refused):
    """401: the key is missing or wrong."""


class OutOfCredit(Refused):
    """402: the account has no credit left."""


class Forbidden(Refused):
    """403: moderation, a guardrail or a spent budget."""


class NotFound(Refused):
    """404: no such model or endpoint."""


class TookTooLong(Refused):
    """408, 524: the server gave up waiting."""


class RequestTooLarge(Refused):
    """413: over the server's own limit."""


class Busy(Refused):
    """429, 503, 529: try again later; ``retry_after_s`` when the server said when."""


class ProviderFailed(Refused):
    """500, 502: the model's provider failed."""


class UnexpectedStatus(Refused):
    """A status the contract does not know."""


#: HTTP status → the class a person is told about.
REFUSALS: Final = MappingProxyType(
    dict.fromkeys((400, 422), RequestRejected)
    | {401: KeyRejected, 402: OutOfCredit, 403: Forbidden, 404: NotFound}
    | dict.fromkeys((408, 524), TookTooLong)
    | {413: RequestTooLarge}
    | dict.fromkeys((429, 503, 529), Busy)
    | dict.fromkeys((500, 502), ProviderFailed)
)
