"""What the page opens with after its language was changed."""

from components.question import Task, is_a_tasks, prompt_for
from components.texts import LANGUAGES, Texts
from services.assistant import Kind


def opening_prompt(texts: Texts, kind: Kind, task: Task, left: str) -> str:
    """The words the page opens with: those that were ``left``, unless they are a task's own.

    A task's words are in the page's language, which may be another one now.
    """
    is_ones_own = not any(is_a_tasks(left, Texts(language)) for language in LANGUAGES)
    return left if is_ones_own else prompt_for(texts, kind, task)
