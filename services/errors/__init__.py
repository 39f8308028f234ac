"""Everything that can go wrong and that a person may be told.

::

    ShowAndTellError
    ├── InputError                 nothing was sent; the person can mend it
    │   ├── NoMedia                no recording, file or link was given
    │   ├── FileGone               the upload is not on the server any more
    │   ├── NotUploaded            a file was given by its address, or is none
    │   ├── NoPrompt               the question is empty
    │   ├── BadLink                a video link that is not plain https
    │   ├── BadTrim                a time that is none, or nothing between the two
    │   ├── BadOption              a value that no model takes for an option
    │   ├── BadArgument            what a program gave is none of what may be given
    │   ├── BadValue               something else was given that cannot be
    │   ├── ConversationTooLong    more turns or letters than are sent again
    │   ├── FollowUpInPieces       pieces know nothing of a conversation
    │   ├── BadSchema              what an answer is to fit is no JSON schema
    │   │   ├── SchemaNotJson      not even JSON
    │   │   ├── SchemaInvalid      JSON, with something in it that means nothing there
    │   │   ├── SchemaElsewhere    it refers to what is not in it
    │   │   ├── SchemaUncheckable  too long, too deep, or without an end
    │   │   └── SchemaInPieces     pieces have an answer each
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
    │   ├── BatchError             of many files together
    │   │   ├── TooManyFiles       more than a batch may have
    │   │   ├── BrokenArchive      a zip that cannot be unpacked
    │   │   ├── BadLimit           what it may cost is no number
    │   │   ├── BatchGone          there is no such batch, or not any more
    │   │   ├── BatchElsewhere     another process of this app is at it
    │   │   ├── BatchesAway        where it is kept how far they are does not answer
    │   │   ├── BatchSpent         another call could cost more than it may
    │   │   └── CostNotReported    nobody can tell whether it does
    │   └── HostLimit              what may be done with the host's key has an end
    │       ├── VisitorLimitReached   by one visitor in a day
    │       ├── DailyLimitReached     by all in a day
    │       ├── DayIsSpent            for so much money in a day
    │       ├── DayIsPromised         of which the calls under way may need the rest
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
    │   ├── TooManySignIns         so many codes were tried that nobody's is asked about now
    │   └── SignInForgotten        the browser keeps nothing for the page
    ├── AppFailed                  a fault of this app or its installation
    ├── Stopped                    the person stopped it
    ├── AppStopping                the app is being restarted
    ├── AppBusy                    too much waits for its turn
    ├── StorageFull                no room for another upload
    ├── ShareFull                  no room for another one of this visitor's
    └── ApiError                   the External API, or the way to it, failed: see its own file

The words are in ``components/locales``; ``str()`` holds no key, no answer and no file's name.
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
from services.errors.app import AppBusy, AppFailed, AppStopping, ShareFull, Stopped, StorageFull
from services.errors.batch import (
    BadLimit,
    BatchElsewhere,
    BatchError,
    BatchesAway,
    BatchGone,
    BatchSpent,
    BrokenArchive,
    CostNotReported,
    TooManyFiles,
)
from services.errors.files import (
    ClippedRecording,
    EmptyFile,
    FileGone,
    FileTooLarge,
    NoPicture,
    NoSound,
    NotMedia,
    NotUploaded,
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
    DayIsPromised,
    DayIsSpent,
    HostLimit,
    LimitsAway,
    MediaTooLong,
    PromptTooLong,
    TooManyAtOnce,
    TooManyTokens,
    VisitorLimitReached,
)
from services.errors.question import (
    BadArgument,
    BadKey,
    BadLink,
    BadOption,
    BadTrim,
    BadValue,
    ConversationTooLong,
    FollowUpInPieces,
    MissingKey,
    ModelNotAllowed,
    NoMedia,
    NoPrompt,
)
from services.errors.root import InputError, ShowAndTellError
from services.errors.schema import (
    BadSchema,
    SchemaElsewhere,
    SchemaInPieces,
    SchemaInvalid,
    SchemaNotJson,
    SchemaUncheckable,
)
from services.errors.signing_in import (
    NotSignedIn,
    SignInDeclined,
    SignInForgotten,
    SignInFramed,
    SignInInsecure,
    SignInNotAsked,
    TooManySignIns,
)

__all__ = [
    "AnswerFiltered",
    "ApiError",
    "AppBusy",
    "AppFailed",
    "AppStopping",
    "BadAnswer",
    "BadArgument",
    "BadKey",
    "BadLimit",
    "BadLink",
    "BadOption",
    "BadSchema",
    "BadTrim",
    "BadValue",
    "BatchElsewhere",
    "BatchError",
    "BatchGone",
    "BatchSpent",
    "BatchesAway",
    "BrokenArchive",
    "Busy",
    "CannotHear",
    "CannotSee",
    "ClippedRecording",
    "CodeRefused",
    "ConnectTimedOut",
    "ConnectionFailed",
    "ConnectionLost",
    "ConversationTooLong",
    "CostNotReported",
    "DailyLimitReached",
    "DayIsPromised",
    "DayIsSpent",
    "EmptyAnswer",
    "EmptyFile",
    "FailedAnswer",
    "FileGone",
    "FileTooLarge",
    "FollowUpInPieces",
    "Forbidden",
    "HostLimit",
    "IncompleteAnswer",
    "InputError",
    "KeyRejected",
    "LimitReached",
    "LimitsAway",
    "MediaTooLong",
    "MissingKey",
    "ModelNotAllowed",
    "ModelRefused",
    "NoMedia",
    "NoPicture",
    "NoPrompt",
    "NoSound",
    "NotFound",
    "NotMedia",
    "NotSecure",
    "NotSignedIn",
    "NotUploaded",
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
    "SchemaElsewhere",
    "SchemaInPieces",
    "SchemaInvalid",
    "SchemaNotJson",
    "SchemaUncheckable",
    "ShareFull",
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
    "TooManyFiles",
    "TooManySignIns",
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
