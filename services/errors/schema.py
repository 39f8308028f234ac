"""What may be wrong with the JSON schema that an answer is to fit."""

from services.errors.root import InputError


class BadSchema(InputError):
    """What was given is no schema that an answer can be held against."""


class SchemaNotJson(BadSchema):
    """It ends to be JSON in a ``line``, at a ``column``, both counted from 1."""


class SchemaInvalid(BadSchema):
    """What stands ``at`` a JSONPath in it, ``what``, means nothing there."""


class SchemaElsewhere(BadSchema):
    """It refers to ``what`` is not in it, and nothing is fetched."""


class SchemaUncheckable(BadSchema):
    """It has more than ``most_letters``, goes too deep, or cannot be followed to an end."""


class SchemaInPieces(BadSchema):
    """A sound in pieces has an answer to each, and they are joined as words are."""
