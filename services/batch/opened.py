"""A batch in memory: while it is asked about, and while somebody watches."""

import asyncio
from dataclasses import dataclass, field, replace

from services.assistant import Fault
from services.batch.engine import Runs
from services.batch.folder import About, Folder
from services.batch.running import Running
from services.batch.values import AT_ONCE, Batch, Clip


@dataclass(slots=True, eq=False)
class Opened:
    """A batch that somebody looks at, or that is being asked about."""

    about: About
    clips: list[Clip]
    run: int
    running: Running | None = None
    halted: Fault | None = None
    watchers: int = 0
    leaving: asyncio.TimerHandle | None = None
    ending: "asyncio.Task[None] | None" = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self) -> None:
        """Something is different for who watches."""
        self.changed.set()
        self.changed = asyncio.Event()

    def put(self, clip: Clip) -> None:
        """Note what a clip is now."""
        self.clips[clip.number] = clip
        self.tell()

    def wait(self) -> None:
        """All clips of the run wait for their turn."""
        assert self.running is not None  # it begins
        for number in self.running.before:
            self.clips[number] = replace(self.clips[number], state="waiting")
        self.tell()

    def back(self, number: int) -> None:
        """A clip was not asked about: it is what it was before."""
        assert self.running is not None  # there was a run that did not
        self.put(replace(self.clips[number], state=self.running.before[number]))

    def end(self) -> None:
        """The run is over."""
        assert self.running is not None  # it was not before
        for number in self.running.before:
            if self.clips[number].state == "waiting":
                self.back(number)
        self.halted, self.running = self.running.halted, None
        self.tell()

    @property
    def batch(self) -> Batch:
        """As it is now."""
        running = self.running
        return Batch(
            question=self.about.question,
            clips=tuple(self.clips),
            made_at=self.about.made_at,
            has_own_key=self.about.has_own_key,
            is_running=running is not None,
            is_stopping=running is not None and not running.goes_on,
            at_once=AT_ONCE if running is None else running.pace.at_once,
            is_slowed=running is not None and running.pace.is_slowed,
            halted=self.halted if running is None else running.halted,
        )


def read(folder: Folder, name: str, about: About, runs: Runs) -> tuple[list[Clip], int]:
    """The clips of a batch as they lie in ``folder``, and its latest run."""
    clips, latest = [], runs.latest
    for number, given in enumerate(about.given):
        clip = Clip(number, given.name, given.file_bytes)
        answer = folder.answer(name, number)
        unsure = runs.unsure.get(number, 0)
        if answer is not None:
            latest = max(latest, answer.run)
            clip = clip.reported(answer.report)
        if unsure > (0 if answer is None else answer.run):
            clip = replace(clip, state="unsure")
        clips.append(clip)
    return clips, latest
