"""The JSON schemas that answers are to fit, looked at in a workshop of their own."""

from typing import Final

from services import errors
from services.external_api.options import Options
from services.external_api.response_format import MOST_LETTERS, ResponseFormat
from services.media.workshop.job import Job, News, Result
from services.media.workshop.workshop import Workshop
from services.schemas.jobs import CheckSchema, Validate, Validation

#: The longest answer that is held against a schema.
_MOST_ANSWER_LETTERS: Final = 1_000_000


class Schemas:
    """The workshop, which is begun with the first schema: most have none."""

    def __init__(self) -> None:
        self._workshop: Workshop | None = None

    def close(self) -> None:
        """Let go of the workshop."""
        if self._workshop is not None:
            self._workshop.close()

    async def check(self, options: Options, visitor: str = "") -> ResponseFormat | None:
        """What ``options`` want of the answer; None where they do not.

        Raises:
            BadSchema: it is no schema that an answer can be held against.
        """
        if not options.json_schema.strip():
            return None
        wanted = ResponseFormat.read(options.json_schema)
        try:
            flaw = await self._do(CheckSchema(wanted.text), visitor)
        except errors.InputError:  # it took too long, or too much
            raise errors.SchemaUncheckable(most_letters=MOST_LETTERS) from None
        if flaw is None:
            return wanted
        if flaw.why == "unusable":
            raise errors.SchemaUncheckable(most_letters=MOST_LETTERS)
        if flaw.why == "reference":
            raise errors.SchemaElsewhere(what=flaw.what)
        raise errors.SchemaInvalid(at=flaw.at, what=flaw.what)

    async def validated(
        self, options: Options, answer: str, visitor: str = ""
    ) -> Validation | None:
        """Whether ``answer`` fits what ``options`` want; None where they want nothing."""
        wanted = options.response_format
        if wanted is None:
            return None
        if len(answer) > _MOST_ANSWER_LETTERS:
            return Validation("unchecked")
        try:
            return await self._do(Validate(wanted.text, answer), visitor)
        except errors.InputError:  # a pattern may take years
            return Validation("unchecked")

    async def _do(self, job: Job[Result, News], visitor: str) -> Result:
        if self._workshop is None:
            self._workshop = Workshop("services.schemas.jobs")
        return await self._workshop.do(job, visitor=visitor)
