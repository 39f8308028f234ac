"""Whether the page can be served where it is to be, asked before anything is started."""

import errno
import socket


class CannotListen(Exception):
    """Nothing can be served at an address. Says which, why, and what to do."""


def check_address(host: str, port: int) -> None:
    """See that ``port`` of ``host`` is free, by taking it for a moment.

    Raises:
        CannotListen: it is not, or it is not for this machine or this user.
    """
    bare = host.strip("[]")  # an IPv6 address may stand in brackets
    try:
        family, *_, address = socket.getaddrinfo(
            bare, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        socket.create_server(address[:2], family=family).close()
    except OSError as refused:
        raise CannotListen(_sentence(host, port, refused)) from None


def _sentence(host: str, port: int, refused: OSError) -> str:
    if refused.errno == errno.EADDRINUSE:
        return (
            f"port {port} is taken: end what is served there, "
            "or set GRADIO_SERVER_PORT to another port"
        )
    if refused.errno == errno.EACCES:
        return (
            f"this user may not serve at port {port}: set GRADIO_SERVER_PORT to one of 1024 or more"
        )
    return (
        f"{host} is no address of this machine: set GRADIO_SERVER_NAME to 127.0.0.1, "
        "or to 0.0.0.0 to let other machines in"
    )
