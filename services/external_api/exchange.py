"""One attempt: send the request once, read the answer, tell what happens and when."""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from services import errors
from services.events import Delta, Progress, Sound, Tell, Thought
from services.external_api import reading
from services.external_api.answer import AnswerReader, Completion
from services.external_api.bill import REFUSED, Tally
from services.external_api.delivery import Delivery
from services.external_api.refusals import refusal_of
from services.external_api.request import HEADERS, MediaRequest
from services.external_api.silence import Silence
from services.external_api.thinking import Added
from services.external_api.transport import Network, Reply

Phase = Literal["connect", "upload", "wait", "stream"]

#: How long to wait, in seconds, for what may follow a finish reason (usage, the
#: end), and for what may follow the end, so that the connection can be used again.
FINISH_S: Final = 10.0
LINGER_S: Final = 1.0
#: How often an upload tells how far it is, in seconds.
_TELL_S: Final = 0.1

#: httpcore's trace events → the phase that begins with them.
_BEGINNINGS: Final[dict[str, Phase]] = {
    "connection.connect_tcp.started": "connect",
    "http11.send_request_headers.started": "upload",
    "http11.send_request_body.complete": "wait",
}


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds of each phase; None where it was not observed.

    ``connect`` is 0 on a connection that was open already. ``upload`` lasts until the
    other side's system has all of it, where ours tells that, and ``wait`` from there to
    the first text; ``stream`` from there to the end, None
    when the answer came in one piece. What was cut ends there, and the phases
    after it were not observed.
    """

    connect: float | None
    upload: float | None
    wait: float | None
    stream: float | None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and what came of it: the whole answer, or the words before its ``fault``.

    ``sent_share`` of the body, 0 to 1, has arrived, None where nobody can tell.
    ``is_confirmed`` tells that the other side's system said so of the whole, and that
    the upload lasted until then, and not only until ours had taken it over.
    """

    text: str = field(repr=False)
    completion: Completion
    timings: Timings
    sent_share: float | None
    is_confirmed: bool
    fault: errors.ShowAndTellError | None


class Attempt:
    """One attempt: when its phases began, by the transport's own trace, and what came.

    ``tell`` hears each phase, how far the upload is, and the words; ``tally`` what
    may be billed. ``limit_s`` is the deadline of the whole run, for who shows it.
    """

    def __init__(
        self,
        reader: AnswerReader,
        clock: Callable[[], float],
        tell: Tell,
        tally: Tally,
        limit_s: float,
    ) -> None:
        self.reader: Final = reader
        self._clock = clock
        self._tell = tell
        self._tally = tally
        self._limit_s = limit_s
        self._began: dict[Phase, float] = {}
        self._texts: list[str] = []
        self._thinks = False
        #: Whether a byte of the body may have left.
        self.body_began = False
        self._delivery: Delivery | None = None
        self._told_at = self._told_share = 0.0
        self._has_answer = False

    async def trace(self, event: str, _: object) -> None:
        """For httpcore's ``trace`` extension."""
        if (phase := _BEGINNINGS.get(event)) is not None:
            self.begin(phase)

    def begin(self, phase: Phase) -> None:
        """Note that ``phase`` begins now, if it has not."""
        if phase not in self._began:
            self._began[phase] = self._clock()
            self._tell(Progress(phase, limit_s=self._limit_s))

    def take(self, added: Added) -> None:
        """Note what came: words, or thoughts before them."""
        if added.thought:
            if not self._thinks:
                self._thinks = True
                self._tell(Progress("think", limit_s=self._limit_s))
            self._tell(Thought(added.thought))
        if added.sound:
            self._tell(Sound(added.sound, self.reader.sound.kind))
        if added.text:
            if self.reader.is_chunk:
                self.begin("stream")
            self._texts.append(added.text)
            self._tell(Delta(added.text))

    def refused(self) -> None:
        """Note that no model has seen the request."""
        self._tally.refused()

    def sending(self, request: MediaRequest) -> Delivery:
        """Note that ``request`` is about to go out."""
        self._delivery = Delivery(request.content_length, self._uploading)
        return self._delivery

    async def watched(self, request: MediaRequest, delivery: Delivery) -> AsyncIterator[bytes]:
        """The body of ``request``, noting that it began; it is over once it has arrived."""
        self.body_began = True
        self._told_at = time.monotonic()
        self._tally.sending()
        delivery.begin_body()
        async for chunk in request:
            yield chunk
            delivery.handed_over(len(chunk))
        await delivery.arrive()

    def _uploading(self) -> None:
        if self._delivery is None or not self.body_began:
            return
        now, share = time.monotonic(), self._delivery.progress
        if now - self._told_at >= _TELL_S and share > self._told_share:
            self._told_at, self._told_share = now, share
            self._tell(Progress("upload", share=share, limit_s=self._limit_s))

    def replied(self) -> None:
        """Note that the other side has answered."""
        self._has_answer = True

    def answered(self) -> Exchange:
        """The answer, as of now.

        Raises:
            IncompleteAnswer, EmptyAnswer, SameAgain: there is none.
        """
        self.take(self.reader.rest())
        try:
            completion = self.reader.finished()
        except errors.SameAgain:
            self._tally.answered()
            raise
        self._tally.answered()
        return self._exchange(completion, None)

    def failed(self, fault: errors.ShowAndTellError) -> Exchange:
        """What is known of an attempt that ended with ``fault``, as of now."""
        self.take(self.reader.rest())
        return self._exchange(self.reader.so_far(), fault)

    def _exchange(self, completion: Completion, fault: errors.ShowAndTellError | None) -> Exchange:
        delivery = self._delivery
        share: float | None = 0.0
        if delivery is not None and self.body_began:
            # One who waits in vain has been heard, as far as anyone knows; who is cut off may not.
            is_cut = isinstance(fault, errors.ConnectionLost) and not self._has_answer
            share = delivery.share(has_answer=not is_cut)
        return Exchange(
            text="".join(self._texts),
            completion=completion,
            timings=self._timings(),
            sent_share=share,
            is_confirmed=delivery is not None and delivery.is_confirmed,
            fault=fault,
        )

    def _timings(self) -> Timings:
        """All phases, the last one ending now."""
        now = self._clock()
        order = get_args(Phase)

        def lasted(phase: Phase) -> float | None:
            if phase not in self._began:
                return None
            later = order[order.index(phase) + 1 :]
            ended = next((self._began[one] for one in later if one in self._began), now)
            return (ended - self._began[phase]) * 1000

        reused = "upload" in self._began and "connect" not in self._began
        return Timings(
            connect=0.0 if reused else lasted("connect"),
            upload=lasted("upload"),
            wait=lasted("wait"),
            stream=lasted("stream"),
        )


async def send(
    network: Network, url: str, headers: dict[str, str], request: MediaRequest, attempt: Attempt
) -> Reply:
    """Send ``request`` and return the reply once its headers are here.

    Raises:
        TransportError: no connection, or it broke on the way.
    """
    about_body = {**HEADERS, "Content-Length": str(request.content_length)}
    delivery = attempt.sending(request)
    body = attempt.watched(request, delivery)
    reply = await network.post(url, headers | about_body, body, attempt.trace, delivery)
    attempt.replied()
    return reply


async def read(
    reply: Reply, attempt: Attempt, silence: Silence, silence_s: float
) -> AsyncGenerator[Any, None] | None:
    """Read the whole answer; return what is left of the stream behind its end, if it is one.

    Raises:
        ApiError: one of its leaves.
        TransportError: the connection broke.
    """
    reader = attempt.reader
    if not reply.is_success:
        raise await _refusal(reply, attempt)
    reader.priced(reply.header("x-litellm-response-cost"))
    reader.called(reply.exact("x-generation-id"))
    if reply.header("content-type").startswith(reading.EVENT_STREAM):
        silence.at_most(silence_s)
    body = await reading.opened(reply, silence.heard)
    if body.form != "whole":
        silence.at_most(silence_s)
    payloads, count = reading.payloads(body), 0
    async for payload in payloads:
        if payload == reading.DONE:
            reader.end()
            return payloads
        attempt.take(reader.take(payload))
        count += 1
        if reader.has_finish_reason and body.form != "whole":
            silence.last(min(FINISH_S, silence_s))
    if body.form == "whole" or (body.form == "lines" and count == 1 and not reader.is_chunk):
        reader.end()  # one document is the whole answer
    return None


async def _refusal(reply: Reply, attempt: Attempt) -> errors.ApiError:
    """What the refusal means. Its status tells at once whether a model saw the request."""
    is_refused = reply.status in REFUSED
    if is_refused:
        attempt.refused()
    refusal = refusal_of(reply, await reading.refusal(reply))
    if isinstance(refusal, errors.SameAgain) and not is_refused:
        attempt.refused()  # a model that cannot hear has heard nothing
    return refusal
