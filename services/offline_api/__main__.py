"""``python -m services.offline_api --port 3000`` runs the offline API alone."""

import argparse

from services.offline_api.server import PATH, serve


def main() -> None:
    """Read the address from the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m services.offline_api", description=__doc__)
    parser.add_argument("--host", default="localhost", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=3000, help="port (%(default)s)")
    where = parser.parse_args()
    print(f"Offline API: http://{where.host}:{where.port}{PATH} (any ak_… key)", flush=True)
    serve(where.host, where.port)


if __name__ == "__main__":
    main()
