"""What the page opens with after its language was changed."""

from components.question import Task, prompt_for
from components.texts import LANGUAGES, Texts
from services.assistant import Kind


def opening_prompt(texts: Texts, kind: Kind, task: Task, left: str) -> str:
    """The words the page opens with: those that were ``left``, unless they are a task's own.

    A task's words are in the page's language, which may be another one now.
    """
    of_task = {prompt_for(Texts(language), kind, task) for language in LANGUAGES}
    return prompt_for(texts, kind, task) if left in {"", *of_task} else left
