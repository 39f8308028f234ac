"""What can be chosen about a run of the benchmarks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """``rounds`` of `send`; how many runs the peers of `flight` get, and how long."""

    rounds: int = 9
    peer_runs: int = 300
    peer_limit_s: float = 60.0
