"""What the host's key is for has an end."""

from services.errors.root import InputError


class HostLimit(InputError):
    """The host's key is for so much and no more; one's own is not counted."""


class VisitorLimitReached(HostLimit):
    """The visitor's calls of today are used up. Facts: ``retry_after_s``."""


class DailyLimitReached(HostLimit):
    """All visitors' calls of today are used up. Facts: ``retry_after_s``."""


class DayIsSpent(HostLimit):
    """What may be spent in a day was spent. Facts: ``retry_after_s``."""


class DayIsPromised(HostLimit):
    """What is left of what may be spent today is put aside for the calls under way."""


class TooManyAtOnce(HostLimit):
    """The visitor has as many calls under way as may be. Facts: ``most``."""


class PromptTooLong(HostLimit):
    """The question, with all that goes before it. Facts: ``letters``, ``most_letters``."""


class TooManyTokens(HostLimit):
    """More were asked for than an answer may have. Facts: ``most_tokens``."""


class MediaTooLong(HostLimit):
    """The media last longer than they may. Facts: ``limit_s``."""


class LimitsAway(HostLimit):
    """What counts the calls does not answer."""
