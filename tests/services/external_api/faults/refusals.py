"""Refusals: each status of the contract, whatever body comes with it, and ``Retry-After``."""

import datetime as dt
import email.utils
from typing import Final

from tests.capture import http
from tests.services.external_api.faults.cutting import without_end
from tests.services.external_api.faults.fault import TRIES, fails
from tests.services.external_api.faults.sentences import OF_STATUS, saying, with_lines

#: The only ones that are sent again: no model has seen the request.
BUSY: Final = (429, 503, 529)
MESSAGE = '{"error": {"code": 1, "message": "too bad", "metadata": {}}}'
MARKUP = "<img src=x onerror=alert(1)>"

#: Kind of body → its bytes, its type, and what of it is worth a person's time.
BODIES = {
    "JSON": (MESSAGE, "application/json", "too bad"),
    "HTML": ("<html><h1>Bad gateway</h1></html>", "text/html", ""),
    "text": ("too bad", "text/plain; charset=utf-8", "too bad"),
    "no body": ("", "", ""),
}

#: Further bodies, which mean the same with every status.
ODD_BODIES = {
    "metadata.raw": (
        '{"error": {"message": "Provider returned error", "metadata": {"raw": "no GPU"}}}',
        "application/json",
        "Provider returned error: no GPU",
    ),
    "an error that is a string": ('{"error": "too bad"}', "application/json", "too bad"),
    "FastAPI's": ('{"detail": "too bad"}', "application/json", "too bad"),
    "JSON that is called text": (MESSAGE, "text/plain", "too bad"),
    "JSON that is called HTML": (MESSAGE, "text/html", "too bad"),
    "a list": ("[1, 2]", "application/json", ""),
    "deep JSON": ("[" * 50_000, "application/json", ""),
    "JSON without end": ("x" * 1_000_000, "application/json", ""),
    "no UTF-8": (b'{"error": {"message": "\xff"}}', "application/json", ""),
    "markup": (f'{{"error": "{MARKUP}"}}', "application/json", MARKUP),
}
FAR_AWAY = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


def _said(seen, message):
    return saying(seen, message) if message else seen


def _later(status: int, value: str):
    return http(MESSAGE, "application/json", status, f"Retry-After: {value}")


def _later_seen(wait: str, status: int = 429):
    return with_lines(OF_STATUS[status], "The API said: too bad", f"It asks to wait {wait}.")


FAULTS = (
    *(
        fails(
            f"{status} with {kind}",
            http(body, content_type, status),
            _said(seen, message),
            requests=TRIES if status in BUSY else 1,
        )
        for status, seen in OF_STATUS.items()
        for kind, (body, content_type, message) in BODIES.items()
    ),
    *(
        fails(f"422 with {kind}", http(body, content_type, 422), _said(OF_STATUS[422], message))
        for kind, (body, content_type, message) in ODD_BODIES.items()
    ),
    fails(
        "500 with text without end",
        without_end(b"HTTP/1.1 500 No\r\nContent-Type: text/plain\r\n\r\n", b"no " * 10_000),
        saying(OF_STATUS[500], "no no no"),
    ),
    fails("Retry-After: long", _later(429, "3600"), _later_seen("1 hr")),
    fails("Retry-After: endless", _later(503, "9" * 400), _later_seen("168 hr", 503)),
    fails(
        "Retry-After: a date far away",
        _later(429, email.utils.format_datetime(FAR_AWAY, usegmt=True)),
        _later_seen("168 hr"),
    ),
    fails("Retry-After: now", _later(429, "0"), _later_seen("0 sec"), requests=TRIES),
    fails(
        "Retry-After: a date gone by",
        _later(429, email.utils.formatdate(0, usegmt=True)),
        _later_seen("0 sec"),
        requests=TRIES,
    ),
    fails(
        "Retry-After: nonsense",
        _later(429, "soon"),
        saying(OF_STATUS[429], "too bad"),
        requests=TRIES,
    ),
    fails(
        "Retry-After: with no credit",
        _later(402, "0"),
        _later_seen("0 sec", 402),
        requests=TRIES,
    ),
    fails("Retry-After: with another refusal", _later(500, "0"), _later_seen("0 sec", 500)),
)
