"""All benchmarks of this client, or those that are named: ``python -m tests.benchmarks --help``.

Figures, and beside each the goal it is meant to reach; nothing fails when one is missed.
"""

import argparse
import importlib
import os
import signal
import sys

from tests.benchmarks.options import Options

NAMES = (
    *("send", "line", "flight", "read", "runs", "compare", "many", "estimate"),
    *("page", "load", "crowd", "main_job", "soak"),
)


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(NAMES)}")
    usual = Options()
    for name, default, what in (
        ("--rounds", usual.rounds, "of send"),
        ("--peer-runs", usual.peer_runs, "of each peer in flight"),
        ("--peer-limit-s", usual.peer_limit_s, "for all runs of a peer in flight"),
    ):
        parser.add_argument(name, type=type(default), default=default, help=f"{what} ({default})")
    chosen = vars(parser.parse_args())
    names = chosen.pop("names") or NAMES
    for name in names:
        if name not in NAMES:
            parser.error(f"no benchmark is called {name}")
    # Ended from outside, we still end what we started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load:.1f}; other work makes every figure worse")
    for name in names:
        # One at a time: no memory is counted that another one needed.
        importlib.import_module(f"tests.benchmarks.{name}").run(Options(**chosen))


if __name__ == "__main__":
    main()
