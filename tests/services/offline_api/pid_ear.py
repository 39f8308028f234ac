"""An ear that says which process it is, and then listens for ever."""

import os
import threading


def warm_up():
    pass


def listen(path, tell):
    tell({"text": str(os.getpid()), "frames": 1})
    threading.Event().wait()


JOBS = {"listen": listen}
