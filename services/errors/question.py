"""What is asked cannot be, or not so."""

from services.errors.root import InputError


class NoMedia(InputError):
    """There is no recording, file or link to ask about."""


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
