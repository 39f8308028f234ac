"""What a call may cost, before it is made: an estimate."""

from dataclasses import dataclass
from typing import Final

from services.external_api.catalogue import Prices
from services.media.values import Kind

#: Letters of a text for a token: English has about four, Russian fewer.
_LETTERS: Final = (4.5, 2.0)
#: Tokens of an answer: a sentence at least; at most speech, written down, and then some.
_ANSWER: Final = 10
_MOST_ANSWER: Final = 400
_SPOKEN_A_S: Final = 7.0
#: What a model that thinks first may add.
_THOUGHT: Final = 2000


@dataclass(frozen=True, slots=True)
class Rate:
    """How many tokens a model makes of a second: at least, and at most."""

    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Costs:
    """What something may cost, in USD: at least, and at most."""

    least: float
    most: float

    def __add__(self, other: "Costs") -> "Costs":
        return Costs(self.least + other.least, self.most + other.most)


def costs(
    prices: Prices,
    rate: Rate | None,
    kind: Kind,
    seconds: float | None,
    letters: int,
    most_tokens: int | None,
    *,
    thinks: bool = False,
) -> Costs | None:
    """What a question of ``letters`` about ``seconds`` may cost; None where nobody can tell.

    The answer has at most ``most_tokens``, where there is such a limit; ``thinks`` tells that the
    model may think before it.
    """
    if prices.prompt == prices.completion == 0 and not prices.audio:
        return Costs(0.0, 0.0)
    if rate is None or seconds is None:
        return None
    sound = prices.prompt if prices.audio is None else prices.audio
    # Of a film a part is sound, which may have a price of its own.
    media = (sound, sound) if kind == "audio" else sorted((prices.prompt, sound))
    answer = _MOST_ANSWER + _SPOKEN_A_S * seconds + (_THOUGHT if thinks else 0)
    most_answer = answer if most_tokens is None else min(answer, most_tokens)
    return Costs(
        letters / _LETTERS[0] * prices.prompt
        + rate.least * seconds * media[0]
        + min(_ANSWER, most_answer) * prices.completion,
        letters / _LETTERS[1] * prices.prompt
        + rate.most * seconds * media[1]
        + most_answer * prices.completion,
    )
