"""An ear that says which process it is, and then listens for ever."""

import os
import signal
from dataclasses import dataclass

from services.offline_api import jobs
from services.offline_api.jobs import Heard


@dataclass(frozen=True, slots=True)
class Transcribe(jobs.Transcribe):
    function = f"{__name__}:listen"


def listen(_, tell):
    tell.news(Heard(str(os.getpid()), 0.0, 1.0, (), "en", is_doubtful=False))
    signal.pause()
