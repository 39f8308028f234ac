"""What programs may give to ``/ask_many``, in English alone as at the other endpoints."""

from collections.abc import Mapping
from typing import Final, Literal

from gradio.data_classes import FileData

from components.parameters import FIRST, LANGUAGE, OPTIONS, TASK, UPLOADS, Parameter
from services.batch import Again

Action = Literal["go", "retry", "resend", "look", "delete"]

NAME: Final = "ask_many"
AGAIN: Final[Mapping[str, Again]] = {"go": "unsent", "retry": "failed", "resend": "unsure"}
PARAMETERS: Final = (
    Parameter(
        "files",
        UPLOADS,
        "The files: sounds and videos of any kind, and zips of them; 500 at most. Left out where "
        "it is about an earlier batch.",
        [FileData(path="speech.mp3").model_dump(include={"path", "meta"})],
    ),
    *FIRST,
    Parameter(
        "most_usd",
        str,
        "What all of it may cost, in USD, by what the API reports; nothing more is sent where it "
        "reports nothing. Left out, there is no limit.",
        "0.50",
        default="",
    ),
    Parameter(
        "batch",
        str,
        "The name of an earlier batch, as it was told: whoever has it can do all of this with it.",
        "Vd0…",
        default="",
    ),
    Parameter(
        "action",
        Action,
        "What to do: go (ask about those that were not sent), retry (those that failed), resend "
        "(those that may have been sent when the app was killed), look (ask nothing), delete.",
        "go",
    ),
    TASK,
    LANGUAGE,
    *OPTIONS,
)
ABOUT: Final = (
    "Ask a model the same about many files. Tells the batch as it goes, and at the end a zip with "
    "a text, subtitles and JSON of each answer and a CSV of all. Files and answers are kept for a "
    "day; a key is not."
)
