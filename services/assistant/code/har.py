"""The request as a HAR 1.2, without its base64 and its key, for tools that read such files.

http://www.softwareishard.com/blog/har-12-spec/
"""

import json
from datetime import datetime, timedelta
from typing import Any, Final

from services.assistant.code.sent import KEY_NAME, SentCall
from services.assistant.report import Report, RunTimings
from services.external_api.request import HEADERS

#: What the format has for a number that nobody knows.
_UNKNOWN: Final = -1
_HTTP: Final = "HTTP/1.1"
#: The answer came: it has its words. Else nobody has noted how it was refused.
_OK: Final = 200


def har(call: SentCall, report: Report, began: datetime) -> str:
    """``call``, which ``report`` is of and which began to be prepared at ``began``, as JSON."""
    took = report.timings_ms
    entry = {
        "startedDateTime": (began + timedelta(milliseconds=took.prepare or 0)).isoformat(),
        "time": sum(part for part in _timings(took).values() if part > 0),
        "request": _request(call),
        "response": _response(report),
        "cache": {},
        "timings": _timings(took),
    }
    log = {"version": "1.2", "creator": {"name": "Show & Tell", "version": "1"}, "entries": [entry]}
    return json.dumps({"log": log}, ensure_ascii=False, indent=2) + "\n"


def _request(call: SentCall) -> dict[str, Any]:
    headers = {
        "Authorization": f"Bearer ${KEY_NAME}",
        **HEADERS,
        "Content-Length": str(call.body_bytes),
    }
    return {
        "method": "POST",
        "url": call.url,
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": [{"name": name, "value": value} for name, value in headers.items()],
        "queryString": [],
        "postData": {
            "mimeType": HEADERS["Content-Type"],
            "params": [],
            "text": call.body(f"(base64 of {call.file_name})"),
        },
        "headersSize": _UNKNOWN,
        "bodySize": call.body_bytes,
    }


def _response(report: Report) -> dict[str, Any]:
    is_whole = report.fault is None
    return {
        "status": _OK if is_whole else 0,
        "statusText": "OK" if is_whole else "",
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": [],
        "content": {
            "size": len(report.text.encode(errors="replace")),
            "mimeType": "text/plain; charset=utf-8",
            "text": report.text,
            "comment": "The words of the answer: what else came with them is not kept.",
        },
        "redirectURL": "",
        "headersSize": _UNKNOWN,
        "bodySize": _UNKNOWN,
    }


def _timings(took: RunTimings) -> dict[str, float]:
    """The phases by the format's names. Of these three it takes no "unknown"."""
    return {
        "connect": _UNKNOWN if took.connect is None else took.connect,
        "send": took.upload or 0,
        "wait": took.wait or 0,
        "receive": took.stream or 0,
    }
