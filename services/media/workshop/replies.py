"""What a worker says: waited for no longer than it deserves, and not believed."""

import asyncio
import json
import logging
import re
from collections.abc import Callable
from types import MappingProxyType
from typing import Any, Final, Generic

from pydantic import ValidationError

from services import errors
from services.media.workshop.job import Job, News, Read, Result, adapter, types_of

log: Final = logging.getLogger(__name__)

#: How many bytes a worker may say in all. A job says five signs of life a second;
#: one that was taken over could otherwise fill this process's memory.
_MOST_SAID: Final = 4 * 1024 * 1024
#: How long Python and the decoders may take to load, on a busy machine.
WARM_UP_S: Final = 60
#: What a job may blame on the file. A worker that was taken over may name anything.
_FAULTS: Final = MappingProxyType(
    {
        fault.__name__: fault
        for fault in (
            errors.EmptyFile,
            errors.NotMedia,
            errors.StillPicture,
            errors.UnreadForm,
            errors.ProtectedFile,
            errors.UnreadableFile,
            errors.TooMuchInside,
            errors.NoSound,
            errors.NoPicture,
            errors.BadTrim,
            errors.BrokenArchive,
            errors.TooManyFiles,
        )
    }
)
#: What the name of a form looks like.
_FORM: Final = re.compile(r"[A-Z][A-Za-z0-9 ]{1,19}", re.ASCII)
#: What may stand in the log of what a worker says about a bug: an exception's class, maybe
#: with the name of an errno, and places in code, as :func:`services.places.place_of` writes them.
_PLACE: Final = re.compile(
    r"_?[A-Z][A-Za-z]{2,60}(?: E[A-Z0-9]{2,15})?"
    r"(?: < (?:[\w./-]{1,120}|<[\w. ]{1,60}>):\d{1,6} [\w.<>]{1,120}){1,12}",
    re.ASCII,
)


class Conversation(Generic[Result, News]):
    """One job's lines, as they come, and what they come to: the future :attr:`over`.

    :attr:`over` has the result; or the error that the job named, if a file can be at
    fault in that way; or UnreadableFile for whatever no worker of ours would say.
    """

    def __init__(
        self,
        job: Job[Result, News],
        read: Callable[[Read], None],
        news: Callable[[News], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.over: asyncio.Future[Result] = self._loop.create_future()
        self.is_ready = False
        self._patience = self._loop.call_later(WARM_UP_S, self.ended)
        self._limits = job.limits
        self._name = type(job).__name__
        self._last_due = 0.0
        self._result_type, self._news_type = types_of(type(job))
        self._read, self._news = read, news
        self._rest = b""
        self._said = 0

    async def outcome(self) -> Result:
        """The result, within the job's limits of time.

        Raises:
            InputError: the file is at fault.
            AppFailed: no worker came up, or it found a bug of ours.
        """
        try:
            await asyncio.wait([self.over])  # which does not cancel what it waits for
            return self.over.result()
        finally:
            self._patience.cancel()
            self.over.cancel()  # nobody will ask for what may still come

    def data(self, data: bytes) -> None:
        """Take bytes from the worker in."""
        self._said += len(data)
        if self._said > _MOST_SAID:
            self._end(errors.UnreadableFile())
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if self.over.done():
                return
            try:
                self._line(line)
            except Exception as error:  # noqa: BLE001  # whoever waits gets it, not the event loop
                self._end(error)

    def ended(self, *, is_ours: bool = False) -> None:
        """Nothing more will come: the worker ended, or ran out of time.

        ``is_ours`` tells that it was not the file's doing.
        """
        if self.over.done():
            return
        if self.is_ready and not is_ours:
            self._end(errors.UnreadableFile())
        else:
            log.error("the worker for %s did not come up, or was ended with others", self._name)
            self._end(errors.AppFailed())

    def _end(self, error: Exception) -> None:
        if not self.over.done():
            self.over.set_exception(error)

    def _line(self, line: bytes) -> None:
        name, value = _understood(line)
        now = self._loop.time()
        if not self.is_ready:
            if name != "ready":
                raise errors.UnreadableFile
            self.is_ready, self._last_due = True, now + self._limits.wall_s
        self._patience.cancel()
        due = min(now + self._limits.silence_s, self._last_due)
        self._patience = self._loop.call_at(due, self.ended)
        if name == "result":
            self.over.set_result(_checked(self._result_type, value))
        elif name == "news":
            self._news(_checked(self._news_type, value))
        elif name == "read":
            self._read(Read(*_checked(tuple[float, int], value)))
        elif name == "fault":
            raise _fault(str(value))
        elif name == "bug":
            # A worker that was taken over may say anything.
            place = value if isinstance(value, str) and _PLACE.fullmatch(value) else "?"
            log.error("a bug in the job %s: %s", self._name, place)
            raise errors.AppFailed


def _understood(line: bytes) -> tuple[str, Any]:
    """A worker's line as (name, value). A worker that was taken over may say anything.

    Raises:
        UnreadableFile: this is no line of a worker of ours.
    """
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        raise errors.UnreadableFile from None
    if not isinstance(said, dict) or len(said) != 1:
        raise errors.UnreadableFile
    return next(iter(said.items()))


def _fault(said: str) -> errors.InputError:
    """The error that a worker named, with the form that it may name behind it."""
    name, _, form = said.partition(" ")
    fault = _FAULTS.get(name, errors.UnreadableFile)
    if fault is not errors.UnreadForm:
        return fault()
    return fault(form=form) if _FORM.fullmatch(form) else errors.NotMedia()


def _checked(kind: Any, value: Any) -> Any:
    try:
        return adapter(kind).validate_python(value)
    except ValidationError:
        raise errors.UnreadableFile from None
