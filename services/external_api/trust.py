"""Whose certificates are believed."""

import functools
import ssl
from pathlib import Path

import certifi


def tls_context(ca_file: Path | None = None, ca_folders: str | None = None) -> ssl.SSLContext:
    """A context that believes the authorities in ``ca_file`` and ``ca_folders``, and no others.

    With neither it is :func:`usual`. ``ca_folders`` are as OpenSSL has them.
    """
    if ca_file is None and ca_folders is None:
        return usual()
    return ssl.create_default_context(cafile=ca_file, capath=ca_folders)


@functools.cache  # it takes a tenth of a second
def usual() -> ssl.SSLContext:
    """Believes those that this system does, a company's own among them, and Mozilla's.

    Not every system has a list, and that of Windows grows with its use.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(cafile=certifi.where())
    return context
