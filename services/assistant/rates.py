"""How many tokens models make of a second: what was seen, and what their makers say."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Final

from services.assistant.cost import Rate
from services.assistant.report import Report
from services.media.values import Kind

#: How many models, and answers of each, are remembered.
_MODELS: Final = 200
_SEEN: Final = 20

#: What the makers say, by how the id begins, the first that fits: for Gemini
#: https://ai.google.dev/gemini-api/docs/tokens and …/media-resolution (a film: its sound, and
#: a picture a second); for OpenAI https://platform.openai.com/docs/guides/realtime-costs;
#: Voxtral makes one of each four of its encoder's 50 frames (its ``config.json``).
_DOCUMENTED: Final[tuple[tuple[str, Kind, Rate], ...]] = (
    ("google/gemini", "audio", Rate(32, 32)),
    ("google/gemini-3", "video", Rate(70, 302)),
    ("google/gemini", "video", Rate(98, 302)),
    ("openai/gpt", "audio", Rate(10, 10)),
    ("mistralai/voxtral", "audio", Rate(12.5, 12.5)),
)


@dataclass(slots=True)
class _Seen:
    """Tokens a second, of the latest answers."""

    audio: deque[float] = field(default_factory=lambda: deque(maxlen=_SEEN))
    video: deque[float] = field(default_factory=lambda: deque(maxlen=_SEEN))


class Rates:
    """How many tokens models make of sounds and films, as far as anybody knows.

    What this app has been told with answers goes before what the makers say.
    """

    def __init__(self) -> None:
        self._seen: OrderedDict[str, _Seen] = OrderedDict()

    def learn(self, report: Report) -> None:
        """Remember what ``report`` tells of the model that answered."""
        request = report.request
        # One that another model answered tells nothing of it, nor does the sum of pieces.
        is_of_it = report.fault is None and "another_model" not in report.warnings
        if request is None or not is_of_it or not request.duration_s or request.turns > 1:
            return
        if request.endpoint != "chat/completions":  # others are paid in other ways
            return
        counted = report.counted
        kind: Kind = "audio" if request.part == "input_audio" else "video"
        tokens = counted.audio_tokens if kind == "audio" else counted.video_tokens
        if not tokens:
            return
        seen = self._seen.setdefault(report.asked_model, _Seen())
        self._seen.move_to_end(report.asked_model)
        getattr(seen, kind).append(tokens / request.duration_s)
        if len(self._seen) > _MODELS:
            self._seen.popitem(last=False)

    def of(self, model: str, kind: Kind) -> Rate | None:
        """What is known of ``model``; None where nobody has said."""
        if (seen := self._seen.get(model)) is not None and (rates := getattr(seen, kind)):
            return Rate(min(rates), max(rates))
        told = (rate for start, of, rate in _DOCUMENTED if of == kind and model.startswith(start))
        return next(told, None)
