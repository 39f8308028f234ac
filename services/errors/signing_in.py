"""What may keep a visitor from signing in, before the API is asked for a key."""

from services.errors.root import ShowAndTellError


class NotSignedIn(ShowAndTellError):
    """Signing in came to nothing, and nothing was sent."""


class SignInDeclined(NotSignedIn):
    """The person came back without a code: they declined, or turned back."""


class SignInNotAsked(NotSignedIn):
    """A code came with a wrong state, or with none: another tab, or somebody else, asked for it."""


class SignInInsecure(NotSignedIn):
    """Browsers give cryptography only to https pages and to this machine's own."""


class SignInFramed(NotSignedIn):
    """The page stands in a frame, where nobody can be asked to sign in."""


class TooManySignIns(NotSignedIn):
    """So many codes were tried that this is no person's signing in. Facts: ``retry_after_s``."""


class SignInForgotten(NotSignedIn):
    """The browser keeps nothing for the page, which would not know what it asked for."""
