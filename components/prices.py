"""What something costs, or may cost, in a person's words."""

import math

from components.texts import Texts
from services.assistant import Costs


def costs_words(costs: Costs, texts: Texts) -> str:
    """A range of money, to two digits that count."""
    if not costs.most:
        return texts("cost.free")
    return texts("cost.range", least=money(costs.least, texts), most=money(costs.most, texts))


def dollars(usd: float, texts: Texts) -> str:
    """``usd``, as short as it can be said."""
    return texts.currency(usd, _digits(usd))


def money(usd: float, texts: Texts) -> str:
    """``usd`` to two digits that count, and at least to the cent."""
    return texts.number(round(usd, _digits(usd)), _digits(usd))


def _digits(usd: float) -> int:
    return 2 if usd <= 0 else max(2, 1 - math.floor(math.log10(usd)))
