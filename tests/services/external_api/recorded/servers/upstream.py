"""Providers that fail, for a proxy to put in its own words: ``python upstream.py PORT``.

Each is at ``http://127.0.0.1:PORT/NAME/v1/chat/completions``. What they say is made
up, after what OpenAI, OpenRouter and vLLM say; it is never recorded itself, only what
the proxy in front makes of it.
"""

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def refused(status, body, *headers, content_type="application/json"):
    """An HTTP answer that is not a success."""
    body = (body if isinstance(body, str) else json.dumps(body)).encode()
    return (
        status,
        [("Content-Type", content_type), ("Content-Length", str(len(body))), *headers],
        [body],
    )


def streamed(*events, done=True):
    """An event stream, which without ``done`` just ends."""
    datas = [*map(json.dumps, events), *["[DONE]"] * done]
    pieces = [f"data: {data}\n\n".encode() for data in datas]
    return 200, [("Content-Type", "text/event-stream")], pieces


def chunk(finish_reason=None, usage=None, **delta):
    """One chunk of a stream."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    common = {"id": "gen-1", "object": "chat.completion.chunk", "created": 1, "model": "maker/m"}
    return common | {"choices": [choice]} | ({} if usage is None else {"usage": usage})


COUNTS = {
    "prompt_tokens": 120,
    "completion_tokens": 4,
    "total_tokens": 124,
    "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 100},
    "completion_tokens_details": {"reasoning_tokens": 2},
}
COST = {"cost": 0.000321, "cost_details": {"upstream_inference_cost": None}}


def both_ways(usage):
    """The same answer, by whether it is to be streamed."""
    message = {"role": "assistant", "content": "A short talk.", "refusal": None}
    choice = {"index": 0, "finish_reason": "stop", "native_finish_reason": "STOP"}
    whole = {
        "id": "gen-1",
        "object": "chat.completion",
        "created": 1,
        "model": "maker/m-0325",
        "provider": "Maker",
        "processing_time_ms": 1234,
        "choices": [choice | {"message": message}],
        "usage": usage,
    }
    return {
        False: (200, [("Content-Type", "application/json")], [json.dumps(whole).encode()]),
        True: streamed(
            chunk(role="assistant", content="A short "),
            chunk(content="talk."),
            chunk("stop"),
            chunk(usage=usage, content=""),
        ),
    }


ANSWERS = {
    "priced": both_ways(COUNTS | COST),
    "counted": both_ways(COUNTS),
    "thoughtful": streamed(
        chunk(role="assistant", content=None, reasoning_content="Somebody is "),
        chunk(reasoning_content="counting."),
        chunk(content="They count to five."),
        chunk("length"),
    ),
    "mute": streamed(chunk(role="assistant", content=""), chunk("stop")),
    "moderated": streamed(chunk(role="assistant", content="It "), chunk("content_filter")),
    "fails-midway": streamed(
        chunk(role="assistant", content="They count "),
        {"error": {"code": 502, "message": "Provider disconnected unexpectedly"}},
        done=False,
    ),
    "breaks-midway": streamed(chunk(role="assistant", content="They count "), done=False),
    "busy": refused(
        429,
        {
            "error": {
                "message": "Rate limit reached for maker/m in organization org-1 on requests per "
                "min (RPM): Limit 3, Used 3, Requested 1. Please try again in 20s.",
                "type": "requests",
                "param": None,
                "code": "rate_limit_exceeded",
            }
        },
        ("Retry-After", "20"),
        ("X-RateLimit-Limit-Requests", "3"),
        ("X-RateLimit-Remaining-Requests", "0"),
        ("X-RateLimit-Reset-Requests", "20s"),
    ),
    "broken": refused(
        500,
        "<html><body><h1>500 Internal Server Error</h1></body></html>",
        content_type="text/html",
    ),
    "too-long": refused(
        400,
        {
            "error": {
                "message": "This model's maximum context length is 32768 tokens. However, your "
                "messages resulted in 40960 tokens. Please reduce the length of the messages.",
                "type": "invalid_request_error",
                "param": "messages",
                "code": "context_length_exceeded",
            }
        },
    ),
    "unpaid": refused(
        402,
        {"error": {"code": 402, "message": "This request requires more credits."}},
    ),
    "strict": refused(
        422,
        {
            "detail": [
                {
                    "type": "literal_error",
                    "loc": ["body", "messages", 0, "content", 1, "input_audio", "format"],
                    "msg": "Input should be 'wav' or 'mp3'",
                }
            ]
        },
    ),
}


class Provider(BaseHTTPRequestHandler):
    """Answers by the first part of the path."""

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = self.path.split("/")[1]
        if name == "slow":
            time.sleep(5)
        answer = ANSWERS.get(name, ANSWERS["mute"])
        if isinstance(answer, dict):
            answer = answer[bool(request.get("stream"))]
        status, headers, pieces = answer
        self.send_response(status)
        for header in headers:
            self.send_header(*header)
        self.end_headers()
        for piece in pieces:
            self.wfile.write(piece)
            self.wfile.flush()
            time.sleep(0.05)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Provider).serve_forever()
