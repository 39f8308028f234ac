"""Requests as they went out, for what is made of them."""

from pathlib import Path

from services.assistant import Bill, Options, Report, SentRequest
from services.assistant.report import RunTimings
from services.external_api.request import MediaRequest, VideoLink, chat_request
from services.media.values import MediaFacts, Sendable

URL = "https://api.example/api/v1/chat/completions"
LINK = VideoLink("https://videos.example/1?a=b&c=%20d")
#: What other languages read as theirs, and what is no letter at all.
NASTY = (
    'It\'s "quoted" \\ and \\n, `ls` $HOME ${HOME} $(ls) %s %d !! #{x} {{y}} «head» «url»\n'
    "JSON\nEOF\n\tПривет\r\n日本 \U0001f399\ufe0f \U0001f469\u200d\U0001f467 \ud83c half "
    "\u2028\u2029\x85\x00\x07\x7f\u202e</pre><b>&amp;'''\"\"\" */ //"
)


def sound(path: Path = Path("x"), file_bytes: int = 3, name: str = "mp3") -> Sendable:
    """A sound that goes out as it is."""
    return Sendable(path, "audio", name, MediaFacts(name, file_bytes, 1.0, None, None), None)


def report_of(
    request: MediaRequest, media: Sendable | VideoLink, options: Options | None = None, **sent
) -> Report:
    """The report of ``request``, which asked maker/model and had its answer."""
    if isinstance(media, VideoLink):
        told = SentRequest("video_url", link=media.url)
    else:
        is_sound = media.kind == "audio"
        told = SentRequest(
            "input_audio" if is_sound else "video_url",
            format=media.format if is_sound else None,
            mime=None if is_sound else media.format,
            facts=media.facts,
        )
    given = {"base64_bytes": request.base64_bytes, "body_bytes": request.content_length, "url": URL}
    fields = {name: getattr(told, name) for name in SentRequest.__slots__}
    return Report(
        text="Hello",
        asked_model="maker/model",
        options=options or Options(),
        model="maker/model",
        provider=None,
        finish_reason="stop",
        usage=None,
        timings_ms=RunTimings(50.0, 100.0, 200.0, 300.0, 400.0, 1050.0, None),
        request=SentRequest(**fields | given | sent),
        bill=Bill(answered=1),
    )


def asked(media, prompt="What?", options=None, **more) -> MediaRequest:
    """The request that asks maker/model about ``media``."""
    return chat_request("maker/model", prompt, media, options, **more)
