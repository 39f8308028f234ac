"""``POST /audio/transcriptions``: what its requests look like, and its answers.

JSON as OpenRouter has it (``STTRequest`` of ``openrouter`` 1.3.84 on PyPI), or
``multipart/form-data`` as OpenAI's SDKs send it. Answers have what both name.
"""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from babel import Locale
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from services.media import forms
from services.media.values import MediaFacts
from services.offline_api import contract
from services.offline_api.answers import Tally
from services.offline_api.contract import AUDIO_FORMATS, Question, Refusal
from services.offline_api.jobs import Heard
from services.offline_api.options import shown

#: Where the ears cannot tell a language, and the request names none.
_USUAL_LANGUAGE: Final = "en"
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
_FORMATS: Final = ("json", "verbose_json")
_GRANULARITIES: Final = ("segment", "word")
_MOST_TEMPERATURE: Final = 1
_MULTIPART: Final = "multipart/form-data"
#: OpenAI's name of a list in a form.
_LISTED: Final = "timestamp_granularities[]"
#: What files are called and said to be → the format that is meant.
_BY_SUFFIX: Final = {name: name for name in AUDIO_FORMATS} | {"aif": "aiff", "oga": "ogg"}
_BY_TYPE: Final = {
    also: form.name for form in forms.WIRE_FORMS if form.kind == "audio" for also in form.also
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A checked request: the sound, and how its words are to be told.

    ``language`` is what the sound is taken for where its own cannot be told.
    """

    sound: Question
    language: str
    is_verbose: bool
    has_words: bool


async def read(body: bytes, content_type: str) -> Wanted:
    """What ``body`` asks for.

    Raises:
        Refusal: 400, or 413 for a file over the limit.
    """
    if content_type.lower().startswith(_MULTIPART):
        fields = await _form(body, content_type)
        try:
            return _of_form(fields)
        finally:
            await fields.close()
    # Base64 of many megabytes would keep others waiting.
    return await asyncio.to_thread(_of_json, body)


def _of_json(body: bytes) -> Wanted:
    request = contract.json_object(body)
    form, data = contract.audio_of(request.get("input_audio"))
    return _wanted(request, form, data)


async def _form(body: bytes, content_type: str) -> FormData:
    async def pieces() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(
        Headers({"content-type": content_type}), pieces(), max_files=1, max_fields=20
    )
    try:
        return await parser.parse()
    except (MultiPartException, KeyError):  # a KeyError where there is no boundary
        raise Refusal(400, "The body is not valid multipart/form-data.") from None


def _of_form(fields: FormData) -> Wanted:
    file = fields.get("file")
    if not isinstance(file, UploadFile):
        raise Refusal(400, "'file' is required and must be a file.")
    request: dict[str, Any] = {name: fields[name] for name in fields if name != "file"}
    listed = fields.getlist(_LISTED) or fields.getlist("timestamp_granularities")
    request["timestamp_granularities"] = listed or None
    if "temperature" in request:
        try:
            request["temperature"] = float(str(request["temperature"]))
        except ValueError:
            request["temperature"] = str(request["temperature"])
    return _wanted(request, _form_of(file), file.file.read())


def _form_of(file: UploadFile) -> str:
    """The audio format that a file's name says, or its type."""
    _, _, suffix = (file.filename or "").lower().rpartition(".")
    form = _BY_SUFFIX.get(suffix) or _BY_TYPE.get((file.content_type or "").lower())
    if form is None:
        raise Refusal(
            400,
            f"The name {shown(file.filename)} ends in no audio format: expected one of "
            f"{', '.join(AUDIO_FORMATS)}.",
        )
    return form


def _wanted(request: Mapping[str, Any], form: str, data: bytes) -> Wanted:
    contract.check_model(request.get("model"))
    if not data:
        raise Refusal(400, "The file is empty.")
    if len(data) > contract.MOST_FILE_BYTES:
        raise contract.too_large()
    wanted = request.get("response_format") or "json"
    if wanted not in _FORMATS:
        raise Refusal(
            400,
            f"'response_format' must be 'json' or 'verbose_json', got {shown(wanted)}: "
            "there is no other here.",
        )
    granularities = request.get("timestamp_granularities") or []
    if not isinstance(granularities, list) or not all(
        one in _GRANULARITIES for one in granularities
    ):
        raise Refusal(400, "'timestamp_granularities' must be a list of 'segment' and 'word'.")
    language = request.get("language") or _USUAL_LANGUAGE
    if not isinstance(language, str) or not _LANGUAGE.fullmatch(language):
        raise Refusal(400, f"'language' must be an ISO 639-1 code, got {shown(language)}.")
    temperature = request.get("temperature")
    is_number = isinstance(temperature, int | float) and not isinstance(temperature, bool)
    if temperature is not None and not (is_number and 0 <= temperature <= _MOST_TEMPERATURE):
        raise Refusal(400, f"'temperature' must be a number from 0 to 1, got {shown(temperature)}.")
    return Wanted(
        Question("", "audio", form, data, stream=False),
        language,
        is_verbose=wanted == "verbose_json",
        has_words="word" in granularities,
    )


def document(wanted: Wanted, heard: Sequence[Heard], facts: MediaFacts, tally: Tally) -> str:
    """The JSON of the answer. Counts its words in ``tally``."""
    text = " ".join(one.text for one in heard)
    tally.answer_words = len(text.split())
    answer: dict[str, Any] = {"text": text}
    if wanted.is_verbose:
        code = tally.languages[0] if tally.languages else wanted.language
        answer |= {
            "task": "transcribe",
            # OpenAI's Whisper has the English name here, and no code.
            "language": Locale("en").languages.get(code, code).lower(),
            "duration": facts.duration_s,
            "segments": [_segment(number, one) for number, one in enumerate(heard)],
        }
        if wanted.has_words:
            answer["words"] = [
                {"word": word.text, "start": _rounded(word.start_s), "end": _rounded(word.end_s)}
                for one in heard
                for word in one.words
            ]
    answer["usage"] = {
        "seconds": facts.duration_s,
        "input_tokens": tally.audio_frames,
        "output_tokens": tally.answer_words,
        "total_tokens": tally.audio_frames + tally.answer_words,
        "cost": 0,
    }
    return json.dumps(answer, ensure_ascii=False)


def _segment(number: int, heard: Heard) -> dict[str, Any]:
    return {
        "id": number,
        "start": _rounded(heard.start_s),
        "end": _rounded(heard.end_s),
        "text": heard.text,
    }


def _rounded(seconds: float) -> float:
    return round(seconds, 3)
