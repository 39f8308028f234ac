"""A small External API that needs no network: same contract, ears that write down, simple eyes."""

from typing import Final

#: What the recogniser listens at, in samples a second: the rate of its model.
HEARD_RATE: Final = 16_000
