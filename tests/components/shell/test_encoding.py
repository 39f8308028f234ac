"""Text made smaller, as far as the browser can read that."""

import gzip

import brotli
import pytest

from components.shell.encoding import encoded, encoding_for


@pytest.mark.parametrize(
    ("accepts", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, deflate", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br; q=0.5", "br"),
        ("identity", ""),
        ("vibration", ""),
        ("", ""),
    ],
)
def test_the_best_is_taken_that_the_browser_reads(accepts, encoding):
    assert encoding_for(accepts) == encoding


@pytest.mark.parametrize(
    ("encoding", "decode"), [("br", brotli.decompress), ("gzip", gzip.decompress), ("", bytes)]
)
def test_it_is_read_as_it_was(encoding, decode):
    assert decode(encoded(b"words " * 99, encoding)) == b"words " * 99
