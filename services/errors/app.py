"""What this app itself does not do."""

from services.errors.root import ShowAndTellError


class AppFailed(ShowAndTellError):
    """Neither the person nor the API is at fault: this app is."""


class Stopped(ShowAndTellError):
    """The person pressed Stop, or left."""


class AppStopping(ShowAndTellError):
    """The app is ending, and with it what was under way."""


class AppBusy(ShowAndTellError):
    """More waits for its turn, of this visitor or of all, than is taken on."""


class StorageFull(ShowAndTellError):
    """The uploads that are kept take up all that they may, or the disk has no more."""


class ShareFull(ShowAndTellError):
    """The uploads that are kept of one visitor take up ``limit_bytes``, all that they may."""
