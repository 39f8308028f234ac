"""Where a question about a sound is sent: to be answered, or to be written down."""

import hashlib
import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from pydantic import SecretStr

from services import errors
from services.assistant.ask import Ask
from services.assistant.models import Models
from services.external_api.request import ApiEndpoint, MediaRequest, VideoLink, chat_request
from services.external_api.transcription import (
    ENDPOINT,
    has_no_times,
    is_absent,
    transcription_request,
)
from services.media.values import Sendable

#: The largest file of which a router is to tell that it passed it on.
MOST_ECHOED_BYTES: Final = 8 * 1024 * 1024
#: How long what was not there is believed to be missing, in seconds.
_BELIEVED_S: Final = 3600.0
#: Of how many keys and models that is remembered.
_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class Way:
    """What a question goes to; ``instead_of`` is what it should have gone to.

    A transcription that ``is_timed`` asks for the times of what is said.
    """

    endpoint: ApiEndpoint = "chat/completions"
    is_timed: bool = True
    instead_of: ApiEndpoint | None = None

    def request(self, ask: Ask, media: Sendable | VideoLink) -> MediaRequest:
        """The request that asks ``ask`` about ``media``."""
        if self.endpoint == ENDPOINT and isinstance(media, Sendable):
            return transcription_request(ask.model, media, ask.options, is_timed=self.is_timed)
        # The whole of it comes back in one line, of which only so much is read.
        is_small = isinstance(media, VideoLink) or media.facts.file_bytes <= MOST_ECHOED_BYTES
        return chat_request(
            ask.model,
            ask.prompt,
            media,
            ask.options,
            earlier=ask.earlier,
            echoes=ask.echoes and is_small,
        )


class Ways:
    """The ways to an API: what it has not is tried once for a key, and remembered for a while."""

    def __init__(self, models: Models, clock: Callable[[], float]) -> None:
        self._models = models
        self._clock = clock
        self._known: OrderedDict[tuple[str, str], tuple[Way, float]] = OrderedDict()

    def first(self, ask: Ask, media: Sendable | VideoLink, key: SecretStr | None) -> Way:
        """The way that ``ask`` goes, as far as is known by now.

        Unless it was chosen, a chat completion: but for a model that can only write down. That
        is all of a sound that there is to be had so, without a word of the conversation.
        """
        if isinstance(media, VideoLink) or media.kind == "video" or ask.earlier:
            return Way()
        wanted = ask.endpoint
        if wanted is None and self._models.described(ask.model).only_transcribes:
            wanted = ENDPOINT
        if wanted != ENDPOINT:
            return Way()
        for model in ("", ask.model):
            way, until = self._known.get((_name(key), model), (Way(), -math.inf))
            if self._clock() < until:
                return way
        return Way(ENDPOINT)

    def after(
        self, way: Way, fault: errors.ShowAndTellError | None, ask: Ask, key: SecretStr | None
    ) -> Way | None:
        """The way that is open where ``way`` ended in ``fault``; None where that is the end."""
        if way.endpoint != ENDPOINT or not isinstance(fault, errors.ApiError):
            return None
        model = ask.model
        if is_absent(fault):
            other = Way(instead_of=ENDPOINT)
            # Of a model that is none there it says so. Else it has the endpoint for nobody.
            model = model if "model" in fault.said.lower() else ""
        elif way.is_timed and has_no_times(fault):
            other = replace(way, is_timed=False)
        else:
            return None
        self._known[_name(key), model] = other, self._clock() + _BELIEVED_S
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return other


def _name(key: SecretStr | None) -> str:
    """What ``key`` is remembered under, which is not the key."""
    secret = key.get_secret_value() if key is not None else ""
    return hashlib.blake2b(secret.encode(), digest_size=16).hexdigest()
