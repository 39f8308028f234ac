"""What a call may cost, said before it, beside what it costs at a stand-in with real prices."""

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from components.prices import costs_words, money
from components.texts import Texts
from services.assistant import Ask, LocalFile
from services.media.values import Kind
from services.media.workshop.workshop import Workshop
from tests import making
from tests.benchmarks import report
from tests.benchmarks.options import Options
from tests.browser.scripted_api import Handler, ScriptedApi, completion
from tests.capture import assistant_at, nobody

SOUND_S: Final = 60.0
FILM_S: Final = 20.0
RATE: Final = 16_000
QUESTION: Final = "Transcribe this audio in the language that is spoken"
#: Tokens of a minute of speech written down, of the question, and what it is asked in.
ANSWER: Final = 210
ASKED: Final = 10


@dataclass(frozen=True, slots=True)
class Priced:
    """A model of the guide: USD per million tokens, and tokens that it makes of a second.

    The prices are those of the PyPI package genai-prices 0.2.3; the tokens are its maker's,
    None where nobody names any. ``audio`` is None where sound costs what text does.
    """

    model: str
    kind: Kind
    prompt: float
    completion: float
    audio: float | None
    tokens_a_s: float


MODELS: Final = (
    Priced("mistralai/voxtral-small-24b-2507", "audio", 0.1, 0.3, None, 12.5),
    Priced("openai/gpt-4o-audio-preview", "audio", 2.5, 10, None, 10),
    Priced("openai/gpt-4o", "audio", 2.5, 10, None, 10),
    Priced("google/gemini-2.5-flash", "audio", 0.3, 2.5, 1.0, 32),
    Priced("google/gemini-2.5-flash", "video", 0.3, 2.5, 1.0, 290),
    Priced("google/gemini-3-flash-preview", "video", 0.5, 3, 1.0, 102),
    Priced("google/gemini-3-pro-preview", "video", 2, 12, None, 102),
)


def run(_: Options) -> None:
    """Print each, and how many are within what was said."""
    report.heading(
        f"estimate: {SOUND_S:.0f} s of sound or {FILM_S:.0f} s of film, {ANSWER} tokens of answer"
    )
    texts, within = Texts("en"), 0
    with tempfile.TemporaryDirectory() as folder:
        for priced in MODELS:
            least, most, words, real = asyncio.run(_compared(priced, Path(folder), texts))
            within += least <= real <= most
            report.row(f"{priced.model}, {priced.kind}", f"{words}; real {money(real, texts)}")
    report.goal("within what was said", within / len(MODELS), "of all", least=1.0)


async def _compared(priced: Priced, folder: Path, texts: Texts) -> tuple[float, float, str, float]:
    """The least and the most that were said, in words as well, and the cost that came."""
    entry = {
        "id": priced.model,
        "architecture": {"input_modalities": ["text", priced.kind]},
        "pricing": {
            name: f"{usd / 1e6:.12f}"
            for name, usd in (
                ("prompt", priced.prompt),
                ("completion", priced.completion),
                ("audio", priced.audio),
            )
            if usd is not None
        },
    }
    with (
        ScriptedApi(catalogue={"data": [entry]}) as api,
        Workshop("services.media.jobs.table") as shop,
    ):
        api.script = lambda handler: _answer(handler, priced)
        async with assistant_at(api.base_url, shop) as assistant:
            media = LocalFile(_film(folder) if priced.kind == "video" else _sound(folder))
            ask = Ask(media, QUESTION, priced.model)
            forecast = await assistant.forecast(ask, tell=nobody)
            told = await assistant.run(ask, nobody)
    assert told.fault is None, told.fault
    assert forecast is not None
    assert forecast.costs is not None, priced.model
    assert told.counted.cost is not None
    costs = forecast.costs
    return costs.least, costs.most, costs_words(costs, texts), told.counted.cost


def _answer(handler: Handler, priced: Priced) -> None:
    seconds = FILM_S if priced.kind == "video" else SOUND_S
    media = round(priced.tokens_a_s * seconds)
    # Of a film's tokens 32 a second are its sound.
    sound = round(32 * seconds) if priced.kind == "video" else media
    audio = priced.prompt if priced.audio is None else priced.audio
    cost = (ASKED + media - sound) * priced.prompt + sound * audio + ANSWER * priced.completion
    usage: dict[str, Any] = {
        "prompt_tokens": ASKED + media,
        "completion_tokens": ANSWER,
        "cost": cost / 1e6,
    }
    handler.answer_json(completion("What was said.", model=priced.model, usage=usage))


def _sound(folder: Path) -> Path:
    path = folder / "minute.wav"
    return making.write_sound(
        path, making.tone(SOUND_S, rate=RATE), container="wav", codec="pcm_s16le", rate=RATE
    )


def _film(folder: Path) -> Path:
    return making.write_film(
        folder / "film.mp4",
        [((200, 30, 30), FILM_S)],
        container="mp4",
        codec="libx264",
        sound=making.tone(FILM_S, rate=RATE),
        sound_rate=RATE,
    )
