"""A batch with a clip in every state."""

from components.texts import Texts
from services.assistant import Bill, Fault
from services.batch import Batch, Clip, Question
from services.errors import RequestRejected

EN = Texts("en")
ANSWERED = Clip(0, "a.mp3", 10, "answered", bill=Bill(answered=1), cost=0.25, excerpt="Hello")
UNPRICED = Clip(1, "b.mp3", 10, "answered", bill=Bill(answered=1))
FAILED = Clip(
    2,
    "c.mp3",
    10,
    "failed",
    fault=Fault.of(RequestRejected(status=400)),
    bill=Bill(refused=1),
)
UNSURE = Clip(3, "d.mp3", 10, "unsure")
UNSENT = Clip(4, "e.mp3", 10)


def batch_of(*clips, **more):
    return Batch(Question("What?", "m/m"), clips, 1000.0, **more)
