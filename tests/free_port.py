"""A port nobody uses right now."""

import socket


def free_port() -> int:
    """A free loopback port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
