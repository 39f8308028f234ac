"""What is wrong with many files at once, or keeps them from being asked about."""

from services.errors.root import InputError


class BatchError(InputError):
    """Of many files together; each file has errors of its own."""


class TooManyFiles(BatchError):
    """More files than a batch may have. Facts: ``most``."""


class BrokenArchive(BatchError):
    """A zip that cannot be unpacked."""


class BatchGone(BatchError):
    """There is no such batch, or not any more."""


class BatchElsewhere(BatchError):
    """Another process of this app is at the batch."""


class BatchesAway(BatchError):
    """Where it is kept what was asked about does not answer."""


class BatchSpent(BatchError):
    """Another call could cost more than is left of what the batch may cost."""


class CostNotReported(BatchError):
    """The API does not say what a call costs, so that a limit of the cost cannot be kept."""


class BadLimit(BatchError):
    """What a batch may cost is no amount of money."""
