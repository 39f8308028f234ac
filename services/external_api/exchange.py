"""One attempt: send the request once, read the answer, tell what happens and when."""

import asyncio
import email.utils
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from services import errors
from services.events import Delta, Progress, Tell
from services.external_api import reading
from services.external_api.answer import AnswerReader, Completion, said
from services.external_api.bill import Tally
from services.external_api.delivery import Delivery
from services.external_api.request import ChatRequest
from services.external_api.transport import Network, Reply

Phase = Literal["connect", "upload", "wait", "stream"]

_EVENT_STREAM: Final = "text/event-stream"
_MOST_WAIT_S: Final = 7 * 24 * 3600.0
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

    def words(self, text: str) -> None:
        """Note that ``text`` came."""
        self._texts.append(text)
        self._tell(Delta(text))

    def refused(self, status: int) -> None:
        """Note that the answer is a refusal."""
        self._tally.refused(status)

    def sending(self, request: ChatRequest) -> Delivery:
        """Note that ``request`` is about to go out."""
        self._delivery = Delivery(request.content_length, self._uploading)
        return self._delivery

    async def watched(self, request: ChatRequest, delivery: Delivery) -> AsyncIterator[bytes]:
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
            IncompleteAnswer, EmptyAnswer: there is none.
        """
        completion = self.reader.finished()
        self._tally.answered()
        return self._exchange(completion, None)

    def failed(self, fault: errors.ShowAndTellError) -> Exchange:
        """What is known of an attempt that ended with ``fault``, as of now."""
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


class Silence:
    """Says when data has come: silence is counted from there, and ends the attempt.

    Comments that keep a connection alive are not data.
    """

    def __init__(self, limit: asyncio.Timeout) -> None:
        self._limit = limit
        self._limit_s = 0.0
        self._counted_from = 0.0

    def at_most(self, limit_s: float) -> None:
        """From now on there may be no more than ``limit_s`` seconds of silence.

        Within a hundredth of that it is not counted anew: setting a clock for each
        of thousands of deltas a second took a fifth of the time of reading them.
        """
        now = asyncio.get_running_loop().time()
        if limit_s == self._limit_s and now - self._counted_from < limit_s / 100:
            return
        self._limit_s, self._counted_from = limit_s, now
        self._limit.reschedule(now + limit_s)


async def send(
    network: Network, url: str, headers: dict[str, str], request: ChatRequest, attempt: Attempt
) -> Reply:
    """Send ``request`` and return the reply once its headers are here.

    Raises:
        TransportError: no connection, or it broke on the way.
    """
    about_body = {
        "Accept": f"{_EVENT_STREAM}, application/json",
        "Content-Type": "application/json",
        "Content-Length": str(request.content_length),
    }
    delivery = attempt.sending(request)
    body = attempt.watched(request, delivery)
    reply = await network.post(url, headers | about_body, body, attempt.trace, delivery)
    attempt.replied()
    return reply


async def read(
    reply: Reply, attempt: Attempt, silence: Silence, silence_s: float
) -> AsyncGenerator[str, None] | None:
    """Read the whole answer; return what is left of the stream behind its end, if it is one.

    Raises:
        ApiError: one of its leaves.
        TransportError: the connection broke.
    """
    reader = attempt.reader
    if not reply.is_success:
        attempt.refused(reply.status)
        raise await _refusal(reply)
    if not reply.header("content-type").startswith(_EVENT_STREAM):
        if text := reader.take(await reading.body(reply)):
            attempt.words(text)
        reader.end()
        return None
    silence.at_most(silence_s)
    payloads = reading.payloads(reply)
    async for data in payloads:
        if data == "[DONE]":
            reader.end()
            return payloads
        if text := reader.take(reading.decoded(data)):
            attempt.begin("stream")
            attempt.words(text)
        silence.at_most(min(FINISH_S, silence_s) if reader.has_finish_reason else silence_s)
    return None


async def _refusal(reply: Reply) -> errors.Refused:
    whole = await reading.refusal(reply)
    try:
        message = said(json.loads(whole))
    except (ValueError, RecursionError):
        is_text = reply.header("content-type").startswith("text/plain")
        message = whole.decode("utf-8", "replace") if is_text else ""
    refusal = errors.REFUSALS.get(reply.status, errors.UnexpectedStatus)
    wait_s = _retry_after_s(reply)
    later = {} if wait_s is None else {"retry_after_s": wait_s}
    return refusal(message, status=reply.status, **later)


def _retry_after_s(reply: Reply) -> float | None:
    """Seconds that ``Retry-After`` asks for, given as such or as a date (RFC 9110, 10.2.3)."""
    value = reply.header("retry-after")
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return min(float(value), _MOST_WAIT_S)
    try:
        date = email.utils.parsedate_to_datetime(value)
        wait_s = date.timestamp() - time.time()
    except (ValueError, OverflowError):
        return None
    return min(max(wait_s, 0.0), _MOST_WAIT_S)
