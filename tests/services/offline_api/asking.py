"""Asking the offline API over HTTP, the way the guide's examples do."""

import base64
import json
from typing import Any

import httpx

HEADERS = {"Authorization": "Bearer ak_test"}
#: A tenth of a second of silence, as pcm16.
A_MOMENT = bytes(4800)


def base64_of(data: bytes) -> str:
    """``data`` in base64."""
    return base64.b64encode(data).decode("ascii")


def text(words: str) -> dict[str, Any]:
    """A text part."""
    return {"type": "text", "text": words}


def audio(data: bytes | str, form: str) -> dict[str, Any]:
    """An ``input_audio`` part; a string goes out as it is."""
    encoded = data if isinstance(data, str) else base64_of(data)
    return {"type": "input_audio", "input_audio": {"data": encoded, "format": form}}


def video(data: bytes | str, mime: str = "video/mp4") -> dict[str, Any]:
    """A ``video_url`` part; a string is the whole URL."""
    url = data if isinstance(data, str) else f"data:{mime};base64,{base64_of(data)}"
    return {"type": "video_url", "video_url": {"url": url}}


def request(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A request with ``parts`` as what the user said; ``more`` are its other fields."""
    return {
        "model": "openai/gpt-4o",
        "messages": [{"role": "user", "content": list(parts)}],
    } | more


def post(url: str, body: dict[str, Any] | bytes, **headers: str) -> httpx.Response:
    """The answer to ``body``, JSON or bytes."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.post(
        f"{url}/chat/completions",
        content=content,
        headers=HEADERS | {"Content-Type": "application/json"} | headers,
        timeout=60,
        trust_env=False,
    )


def said(url: str, part: dict[str, Any], prompt: str = "What is in it?") -> str:
    """What the offline API says of ``part``."""
    response = post(url, request(text(prompt), part))
    assert response.status_code == 200, response.text
    return response.json()["choices"][0]["message"]["content"]


def words(answer: str) -> str:
    """The words heard, of what :func:`said` gave of a sound."""
    return answer.partition("\n")[0]


def events(stream: str) -> list[Any]:
    """The JSON of an event stream, in order, comments and ``[DONE]`` as strings."""
    found: list[Any] = []
    for block in stream.removesuffix("\n\n").split("\n\n"):
        name, _, value = block.partition(": ")
        is_json = name == "data" and value != "[DONE]"
        found.append(json.loads(value) if is_json else block)
    return found


def streamed(found: list[Any]) -> list[str]:
    """The pieces of text in :func:`events`."""
    return [
        choice["delta"]["content"]
        for event in found
        if isinstance(event, dict)
        for choice in event["choices"]
        if choice["delta"].get("content")
    ]
