"""``python -m services.offline_api --port 3000`` runs the offline API alone."""

import argparse
from pathlib import Path

from services.offline_api.server import PATH, bind, serve
from services.offline_api.weights import find_weights


def main() -> None:
    """Read the address from the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m services.offline_api", description=__doc__)
    parser.add_argument("--host", default="localhost", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=3000, help="port, 0 for any (%(default)s)")
    parser.add_argument("--model", type=Path, help="folder of the ears' model (Whisper base)")
    where = parser.parse_args()
    try:
        sockets = bind(where.host, where.port)
    except (OSError, OverflowError) as error:
        parser.error(f"cannot listen on {where.host}:{where.port}: {error}")
    port = sockets[0].getsockname()[1]
    print(f"Offline API: http://{where.host}:{port}{PATH} (any ak_… key)", flush=True)
    serve(sockets, find_weights(where.model))


if __name__ == "__main__":
    main()
