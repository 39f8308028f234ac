"""One answer on the wire: a stream of chunks, or a whole ``chat.completion``.

OpenRouter's SDKs want a ``system_fingerprint`` in a completion, null if need be; the
one on npm refuses null in a chunk, and so chunks have none.
"""

import contextlib
import json
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pybase64

from services import errors
from services.offline_api import contract
from services.offline_api.answers import Answers, Tally
from services.offline_api.generations import told_of

_SIGN_OF_LIFE: Final = ": OFFLINE API PROCESSING\n\n"
#: What an answer may end in; anything else is a bug.
FAILURES: Final = (contract.Refusal, errors.ShowAndTellError)


class Completion:
    """The answer to ``question``, whose media is at ``path``.

    ``note`` is given what :mod:`services.offline_api.generations` tells of it, once it is whole.
    """

    def __init__(
        self,
        answers: Answers,
        question: contract.Question,
        path: Path,
        started: float,
        note: Callable[[Mapping[str, Any]], None],
    ) -> None:
        self._answers = answers
        self._question = question
        self._path = path
        self._started = started
        self._note = note
        self._tally = Tally()
        self._common: dict[str, Any] = {
            "id": f"chatcmpl-{secrets.token_hex(12)}",
            "created": int(time.time()),
            "model": contract.MODEL,
            "provider": "offline",
        }

    async def texts(self) -> AsyncGenerator[str, None]:
        """An empty text as soon as the media was looked at, and then the answer's.

        Raises:
            Refusal: the media is not what the request says it is.
            ShowAndTellError: it could not be worked on.
        """
        facts = await self._answers.facts(self._question, self._path)
        yield ""
        texts = self._answers.texts(self._question, facts, self._path, self._tally)
        async with contextlib.aclosing(texts):
            async for text in texts:
                yield text

    async def whole(self) -> AsyncGenerator[str, None]:
        """The JSON of one ``chat.completion``, in one piece; raises as :meth:`texts`."""
        async with contextlib.aclosing(self.texts()) as texts:
            text = "".join([text async for text in texts])
        message = {"role": "assistant", "content": text.strip(), "refusal": None}
        choice = _choice("message", message, "stop")
        yield _json(
            self._common
            | {"object": "chat.completion", "system_fingerprint": None, "choices": [choice]}
            | self._end()
        )

    async def events(self, texts: AsyncIterator[str | None]) -> AsyncGenerator[str, None]:
        """What came of :meth:`texts`, with None where there was nothing yet, as an event stream."""
        yield _SIGN_OF_LIFE
        if self._question.echoes:
            yield self._event(choices=[], debug={"echo_upstream_body": _understood(self._question)})
        yield self._chunk({"role": "assistant", "content": None})
        try:
            async for text in texts:
                if text is None:
                    yield _SIGN_OF_LIFE
                elif text:
                    yield self._chunk({"content": text})
        except FAILURES as failure:
            yield self._chunk({"content": ""}, "error", **error(failure))
            return
        yield self._chunk({}, "stop")
        yield self._event(choices=[], **self._end())
        yield "data: [DONE]\n\n"

    def _chunk(self, delta: dict[str, Any], finish_reason: str | None = None, **more: Any) -> str:
        return self._event(choices=[_choice("delta", delta, finish_reason)], **more)

    def _event(self, **fields: Any) -> str:
        chunk = self._common | {"object": "chat.completion.chunk"} | fields
        return f"data: {_json(chunk)}\n\n"

    def _end(self) -> dict[str, Any]:
        languages = self._tally.languages
        took_ms = round((time.perf_counter() - self._started) * 1000)
        question = self._question
        self._note(
            told_of(
                self._common["id"],
                question.kind,
                self._tally,
                took_ms,
                api_type="completions",
                is_streamed=question.stream,
            )
        )
        return {
            "usage": self._tally.as_usage(),
            "processing_time_ms": took_ms,
            # No field of OpenRouter's: what most words were heard in, by ISO 639-1.
            "language": languages[0] if languages else None,
        }


def _understood(question: contract.Question) -> dict[str, Any]:
    """What the ears and eyes get of a request, in the shape in which it came."""
    data = pybase64.b64encode(question.data).decode()
    if question.kind == "audio":
        part = {"type": "input_audio", "input_audio": {"data": data, "format": question.form}}
    else:
        url = f"data:{question.form};base64,{data}"
        part = {"type": "video_url", "video_url": {"url": url}}
    content = [{"type": "text", "text": question.prompt}, part]
    return {"model": contract.MODEL, "messages": [{"role": "user", "content": content}]}


async def padded(documents: AsyncIterator[str | None]) -> AsyncGenerator[str, None]:
    """A JSON document, and before it a blank for each None: white space keeps a client waiting.

    The status was sent with the first blank, so that a failure is a document, too.
    """
    yield " "
    try:
        async for document in documents:
            yield " " if document is None else document
    except FAILURES as failure:
        yield _json(error(failure))


def error(failure: Exception) -> dict[str, Any]:
    """OpenRouter's shape for one of the :data:`FAILURES`."""
    if isinstance(failure, contract.Refusal):
        return error_of(failure.status, failure.message)
    # What could be read at first and not to its end is still the file's fault.
    status = 400 if isinstance(failure, errors.InputError) else 500
    return error_of(status, f"The media could not be worked on: {type(failure).__name__}.")


def error_of(status: int, message: str) -> dict[str, Any]:
    """OpenRouter's shape for an error."""
    return {"error": {"code": status, "message": message}}


def _choice(kind: str, content: dict[str, Any], finish_reason: str | None) -> dict[str, Any]:
    return {
        "index": 0,
        kind: content,
        "logprobs": None,
        "finish_reason": finish_reason,
        "native_finish_reason": finish_reason,
    }


def _json(payload: dict[str, Any]) -> str:
    return json.dumps(payload, ensure_ascii=False)
