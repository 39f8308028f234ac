"""Whose certificates are believed: an own authority's, or the system's and Mozilla's."""

import contextlib
import hashlib
import ssl

import certifi
import pytest
import trustme
from cryptography import x509

from services import errors
from services.external_api.client import Client
from services.external_api.transport import Network
from services.external_api.trust import tls_context, usual
from tests.capture import HELLO, capturing, streamed
from tests.services.external_api.driving import told

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def file(authority, tmp_path):
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


async def _outcome(authority, tls):
    """What comes of asking a server whose certificate is of ``authority``."""
    server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server_tls)
    async with (
        capturing(streamed(*HELLO), tls=server_tls) as server,
        contextlib.aclosing(
            Client(server.base_url, network=Network(tls=tls), pauses_s=())
        ) as client,
    ):
        return await told(client)


async def test_an_authority_in_a_file_is_believed(authority, file):
    outcome = await _outcome(authority, tls_context(file))
    assert (outcome.fault, outcome.words) == (None, "Hello")


async def test_an_authority_in_a_folder_is_believed(authority, tmp_path):
    authority.cert_pem.write_to_path(tmp_path / f"{_hash(authority)}.0")
    outcome = await _outcome(authority, tls_context(None, str(tmp_path)))
    assert (outcome.fault, outcome.words) == (None, "Hello")


async def test_no_other_is_believed_then(file):
    outcome = await _outcome(trustme.CA(), tls_context(file))
    assert type(outcome.fault) is errors.NotSecure
    assert tls_context(file).cert_store_stats()["x509_ca"] == 1


async def test_what_the_system_believes_is_believed_and_what_mozilla_does(
    authority, file, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(file))  # to OpenSSL this is the system's
    context = usual.__wrapped__()
    assert (await _outcome(authority, context)).fault is None
    mozillas = ssl.create_default_context(cafile=certifi.where())
    believed = {one["serialNumber"] for one in context.get_ca_certs()}
    assert {one["serialNumber"] for one in mozillas.get_ca_certs()} < believed


def test_that_is_believed_where_nothing_else_is_named():
    assert tls_context() is usual()


def _hash(authority):
    """The name that openssl rehash gives a certificate: of its subject, as OpenSSL writes it.

    A SHA-1 over the DER of the parts of the name in lower case
    (https://docs.openssl.org/3.0/man3/X509_NAME_hash_ex/).
    """
    subject = x509.load_pem_x509_certificate(authority.cert_pem.bytes()).subject
    whole = b""
    for part in subject:
        oid = {"2.5.4.10": b"\x55\x04\x0a", "2.5.4.11": b"\x55\x04\x0b"}[part.oid.dotted_string]
        text = " ".join(part.value.lower().split()).encode()
        pair = _der(0x06, oid) + _der(0x0C, text)
        whole += _der(0x31, _der(0x30, pair))
    return hashlib.sha1(whole).digest()[3::-1].hex()


def _der(tag, content):
    assert len(content) < 128
    return bytes([tag, len(content)]) + content
