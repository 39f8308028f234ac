"""A fault as a value: what the server does, what a person then sees, what is kept."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from services.assistant import (
    Ask,
    Assistant,
    Bill,
    Delta,
    LocalFile,
    Progress,
    RawPcm,
    Report,
    VideoLink,
)
from services.external_api.client import Client
from services.external_api.transport import Network
from services.media.workshop.workshop import Workshop
from services.settings import Settings
from tests.capture import Answer, Capture, capturing, http

KEY = "ak_canary-0123456789"
#: One pause between tries: what may be sent again is sent twice.
PAUSES_S = (0.01,)
TRIES = 1 + len(PAUSES_S)

#: What became of requests that got no answer that one can read, each in the same way.
Fate = Literal["nothing_sent", "refused", "open", "answered"]

#: Opens whatever stands at the API's address.
Place = Callable[[], AbstractAsyncContextManager[Capture]]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the page says of an error.

    ``error`` is the name of its class, ``what`` the first sentence, ``fate`` what
    became of the requests, ``lines`` what else stands there.
    """

    error: str
    what: str
    fate: Fate
    lines: tuple[str, ...] = ()
    retry: bool = True


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a server or of the way to it.

    ``seen`` is None where the answer comes through in spite of it. ``words`` are
    those that came and are kept. ``upload_bytes`` of a file are sent, or a link
    where that is None; ``part_sent`` tells that the upload was cut.
    """

    id: str
    place: Place
    seen: Seen | None
    words: str
    requests: int = 1
    upload_bytes: int | None = None
    part_sent: bool = False
    limit_s: float = 30.0
    silence_s: float = 30.0
    connect_s: float | None = None

    @property
    def bill(self) -> Bill:
        """What may be billed."""
        if self.seen is None:
            return Bill(answered=self.requests)
        bills = {
            "nothing_sent": Bill(),
            "refused": Bill(refused=self.requests),
            "open": Bill(open=self.requests),
            "answered": Bill(answered=self.requests),
        }
        return bills[self.seen.fate]


def fails(name: str, answer: Answer, seen: Seen, words: str = "", **more: Any) -> Fault:
    """A fault of a server that reads a request and gives ``answer``."""
    return Fault(name, lambda: capturing(answer), seen, words, **more)


def works(name: str, answer: Answer, words: str = "Hello", **more: Any) -> Fault:
    """An oddity of a server that a person need not know of."""
    return Fault(name, lambda: capturing(answer), None, words, **more)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run: the words that were told, the report, and what the server saw."""

    fault: Fault
    words: str
    report: Report
    requests: int


async def outcome_of(fault: Fault, workshop: Workshop, network: Network, folder: Path) -> Outcome:
    """Run a question into ``fault``, through the page's own door.

    ``network`` serves one fault after the other, as an app's does.
    """
    words = []
    if fault.connect_s is not None:
        network = Network(connect_s=fault.connect_s)
    async with fault.place() as server:
        server.catalogue = http("", "", 404)
        settings = Settings(
            EXTERNAL_API_BASE_URL=server.base_url,
            EXTERNAL_API_KEY=KEY,
            AUDIO_TIMEOUT_S=fault.limit_s,
            VIDEO_TIMEOUT_S=fault.limit_s,
        )
        client = Client(
            server.base_url, network=network, silence_s=fault.silence_s, pauses_s=PAUSES_S
        )

        def tell(event: Progress | Delta) -> None:
            if isinstance(event, Delta):
                words.append(event.text)
                server.heard.set()

        ask = Ask(_media(fault, folder), "What is said?", "offline/model", anyway=True)
        report = await Assistant(settings, workshop, client).run(ask, tell)
    return Outcome(fault, "".join(words), report, len(server.requests))


def _media(fault: Fault, folder: Path) -> LocalFile | VideoLink:
    if fault.upload_bytes is None:
        return VideoLink("https://videos.example/1")
    path = folder / "samples"
    with path.open("wb") as file:
        file.truncate(fault.upload_bytes)
    return LocalFile(path, "audio", RawPcm("pcm16"))
