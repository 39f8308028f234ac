"""The jobs about JSON schemas: what each is asked, and what comes of it."""

from dataclasses import dataclass, field
from typing import Final, Literal

from services.media.workshop.job import MEGABYTE, Job, Limits

#: The largest schema takes a tenth of a second.
_LIMITS: Final = Limits(256 * MEGABYTE, cpu_s=2, output_bytes=0, wall_s=8, silence_s=8)


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a schema is none: what stands ``at`` a place in it, a JSONPath (RFC 9535), is wrong.

    It means nothing there, or is a "reference" to what is not in the schema. An "unusable" schema
    cannot be followed: it refers to itself without an end, or to what is none.
    """

    why: Literal["invalid", "reference", "unusable"]
    at: str
    what: str


@dataclass(frozen=True, slots=True)
class CheckSchema(Job[Flaw | None, None]):
    """See whether ``schema``, which is JSON, is a schema; None where it is."""

    function = "services.schemas.checking:check_schema"
    limits = _LIMITS

    schema: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Misfit:
    """What stands ``at`` a place in an answer, a JSONPath, breaks a ``rule`` of its schema.

    The rule is a keyword of JSON Schema, ``wanted`` what the schema says by it, and ``found``
    what is there, both short.
    """

    at: str
    rule: str
    wanted: str = field(default="", repr=False)
    found: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Validation:
    """Whether an answer fits its schema, with the first of its ``misfits``.

    It is "not_json" where it cannot be read at all, and "unchecked" where it was too much to be
    looked at in the time that there is.
    """

    state: Literal["fits", "misfit", "not_json", "unchecked"]
    misfits: tuple[Misfit, ...] = ()

    @property
    def is_json(self) -> bool:
        """Whether the answer is known to be JSON."""
        return self.state in ("fits", "misfit")


@dataclass(frozen=True, slots=True)
class Validate(Job[Validation, None]):
    """Hold ``answer`` against ``schema``, which was checked."""

    function = "services.schemas.checking:validate"
    limits = _LIMITS

    schema: str = field(repr=False)
    answer: str = field(repr=False)
