"""What is sent again by itself, and after how long.

Nothing is paid for twice by accident: a request goes out again only when no byte of its body
has left, or when the API said that it was too busy to take it.
"""

from typing import Final

from services import errors

#: Seconds before each repeated try, where the API does not say how long.
PAUSES_S: Final = (1.0, 2.0)
#: The longest wait the API may ask for; a longer one is shown, not waited for.
MOST_PAUSE_S: Final = 20.0


def pause_before(error: errors.ApiError, pause_s: float | None) -> float | None:
    """How long to wait before sending again after ``error``, in seconds; None: do not."""
    if pause_s is None or not error.facts.get("retryable", True):
        return None
    asked_s = error.facts.get("retry_after_s")
    if isinstance(error, errors.OutOfCredit):
        pause_s = None  # only if the API says when
    elif isinstance(error, errors.NotSecure) or not isinstance(
        error, errors.Busy | errors.Unreachable
    ):
        return None
    wait_s = asked_s if isinstance(asked_s, int | float) else pause_s
    return None if wait_s is None or wait_s > MOST_PAUSE_S else wait_s
