"""Everything that can go wrong and that a person may be told.

::

    ShowAndTellError
    ├── InputError                 nothing was sent; the person can mend it
    │   ├── NoMedia                no recording, file or link was given
    │   ├── FileGone               the upload is not on the server any more
    │   ├── NotUploaded            a file was given by its address
    │   ├── NoPrompt               the question is empty
    │   ├── BadLink                a video link that is not plain https
    │   ├── BadTrim                a time that is none, or nothing between the two
    │   ├── BadOption              a value that no model takes for an option
    │   ├── BadArgument            what a program gave is none of what may be given
    │   ├── BadValue               something else was given that cannot be
    │   ├── ConversationTooLong    more turns or letters than are sent again
    │   ├── FollowUpInPieces       pieces know nothing of a conversation
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
    │   ├── ModelNotAllowed        not on the host's list for the host's key
    │   └── HostLimit              what may be done with the host's key has an end
    │       ├── VisitorLimitReached   by one visitor in a day
    │       ├── DailyLimitReached     by all in a day
    │       ├── DayIsSpent            for so much money in a day
    │       ├── TooManyAtOnce         by one visitor at the same time
    │       ├── PromptTooLong         with so many letters
    │       ├── TooManyTokens         for so many tokens of an answer
    │       ├── MediaTooLong          about so many seconds
    │       └── LimitsAway            nobody can tell how much was done
    ├── NotSignedIn                signing in came to nothing, and no key was given
    │   ├── SignInDeclined         the person came back without a code
    │   ├── SignInNotAsked         a code came that this tab did not ask for
    │   ├── SignInInsecure         the page has no cryptography, for want of https
    │   ├── SignInFramed           the page stands in somebody else's
    │   └── SignInForgotten        the browser keeps nothing for the page
    ├── AppFailed                  a fault of this app or its installation
    ├── Stopped                    the person stopped it
    ├── AppStopping                the app is being restarted
    ├── AppBusy                    too much waits for its turn
    ├── StorageFull                no room for another upload
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
        ├── EmptyAnswer        a success with nothing in it
        ├── IncompleteAnswer   the stream ended before the answer did
        ├── FailedAnswer       an ``error`` instead of, or amid, an answer
        ├── SameAgain              asked again as it is, it would come to the same
        │   ├── ModelRefused       the model refused to answer
        │   ├── LimitReached       its limit of tokens came before its first word
        │   ├── AnswerFiltered     a content filter left nothing of the answer
        │   ├── ToolsWanted        the model wants tools, and there are none
        │   ├── CannotHear         the model takes no sound
        │   ├── CannotSee          the model takes no picture
        │   └── TextOnly           the model takes neither
        └── Refused            an HTTP status
            ├── RequestRejected    400, 415, 422
            ├── KeyRejected        401
            ├── OutOfCredit        402
            ├── Forbidden          403
            ├── NotFound           404
            ├── TookTooLong        408, 504, 524
            ├── RequestTooLarge    413
            ├── Busy               429, 503, 529
            ├── CodeRefused        a code to sign in with was used before or is too old
            ├── ProviderFailed     500, 502, 520, 521, 522, 523, 530
            └── UnexpectedStatus   any other

What a server says may tell more than its status: see ``external_api/refusals.py``. The
words are in ``components/locales``; ``str()`` holds no key, no answer and no file's name.
"""

from services.errors.api import (
    AnswerFiltered,
    ApiError,
    BadAnswer,
    Busy,
    CannotHear,
    CannotSee,
    CodeRefused,
    ConnectionFailed,
    ConnectionLost,
    ConnectTimedOut,
    EmptyAnswer,
    FailedAnswer,
    Forbidden,
    IncompleteAnswer,
    KeyRejected,
    LimitReached,
    ModelRefused,
    NotFound,
    NotSecure,
    OutOfCredit,
    ProviderFailed,
    ProxyFailed,
    Refused,
    RequestRejected,
    RequestTooLarge,
    SameAgain,
    TextOnly,
    TimedOut,
    TookTooLong,
    ToolsWanted,
    UnexpectedStatus,
    UnknownHost,
    Unreachable,
    WentSilent,
)
from services.errors.app import AppBusy, AppFailed, AppStopping, Stopped, StorageFull
from services.errors.files import (
    ClippedRecording,
    EmptyFile,
    FileTooLarge,
    NoPicture,
    NoSound,
    NotMedia,
    PoorRecording,
    ProtectedFile,
    SilentRecording,
    StillPicture,
    TooMuchInside,
    UnreadableFile,
    UnreadForm,
)
from services.errors.host import (
    DailyLimitReached,
    DayIsSpent,
    HostLimit,
    LimitsAway,
    MediaTooLong,
    PromptTooLong,
    TooManyAtOnce,
    TooManyTokens,
    VisitorLimitReached,
)
from services.errors.root import InputError, ShowAndTellError
from services.errors.signing_in import (
    NotSignedIn,
    SignInDeclined,
    SignInForgotten,
    SignInFramed,
    SignInInsecure,
    SignInNotAsked,
)

#: Those that other files hold; the rest are below.
__all__ = [
    "AnswerFiltered",
    "ApiError",
    "AppBusy",
    "AppFailed",
    "AppStopping",
    "BadAnswer",
    "Busy",
    "CannotHear",
    "CannotSee",
    "ClippedRecording",
    "CodeRefused",
    "ConnectTimedOut",
    "ConnectionFailed",
    "ConnectionLost",
    "DailyLimitReached",
    "DayIsSpent",
    "EmptyAnswer",
    "EmptyFile",
    "FailedAnswer",
    "FileTooLarge",
    "Forbidden",
    "HostLimit",
    "IncompleteAnswer",
    "InputError",
    "KeyRejected",
    "LimitReached",
    "LimitsAway",
    "MediaTooLong",
    "ModelRefused",
    "NoPicture",
    "NoSound",
    "NotFound",
    "NotMedia",
    "NotSecure",
    "NotSignedIn",
    "OutOfCredit",
    "PoorRecording",
    "PromptTooLong",
    "ProtectedFile",
    "ProviderFailed",
    "ProxyFailed",
    "Refused",
    "RequestRejected",
    "RequestTooLarge",
    "SameAgain",
    "ShowAndTellError",
    "SignInDeclined",
    "SignInForgotten",
    "SignInFramed",
    "SignInInsecure",
    "SignInNotAsked",
    "SilentRecording",
    "StillPicture",
    "Stopped",
    "StorageFull",
    "TextOnly",
    "TimedOut",
    "TooManyAtOnce",
    "TooManyTokens",
    "TooMuchInside",
    "TookTooLong",
    "ToolsWanted",
    "UnexpectedStatus",
    "UnknownHost",
    "Unreachable",
    "UnreadForm",
    "UnreadableFile",
    "VisitorLimitReached",
    "WentSilent",
]


class NoMedia(InputError):
    """There is no recording, file or link to ask about."""


class FileGone(InputError):
    """The file was there and is not any more: uploads are kept for a while only."""


class NotUploaded(InputError):
    """An address stands in the place of an uploaded file."""


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


class BadValue(InputError):
    """What was given is of no type or choice that the fields can hold."""


class ConversationTooLong(InputError):
    """More than ``most_turns`` earlier ``turns``, or ``most_letters`` among their ``letters``."""


class FollowUpInPieces(InputError):
    """A follow-up question about a sound in pieces: no piece is what the answers were about."""


class MissingKey(InputError):
    """The API needs a key and nobody gave one."""


class BadKey(InputError):
    """The key has spaces, line breaks or letters outside printable ASCII."""


class ModelNotAllowed(InputError):
    """The host's key is only for the models the host listed."""
