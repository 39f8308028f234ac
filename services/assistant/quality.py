"""Did the model hear it? What can be told before money is spent, and after the answer.

A model that does not understand the format of a sound, or gets none, does not
say so: it invents a transcript. Two things give it away. A recording of silence
has nothing in it to transcribe, and a sound that was heard costs tokens.
"""

from typing import Final, Literal, get_args

from services import errors
from services.external_api.answer import Completion
from services.external_api.usage import Usage
from services.media.values import MediaFacts, Sound

#: What is wrong with a recording: nothing can be heard in it, or it is distorted.
Flaw = Literal["silent", "clipped"]
#: What a person should know of an answer: the model reached its limit of tokens,
#: or a filter stopped it, before it was done; it is another model's than was asked; the
#: sound or the picture cost no tokens, or far too few of them; or what was sent was
#: poor to begin with.
Warned = Literal[
    "length",
    "content_filter",
    "another_model",
    "unheard",
    "unseen",
    "few_tokens",
    "silent",
    "clipped",
]

#: The share of 100 ms windows with clipped samples from which on speech suffers.
_CLIPPED_SHARE: Final = 0.25
#: Fewer tokens for a second of sound than any model that hears it takes: Gemini
#: documents 32 (https://ai.google.dev/gemini-api/docs/tokens), others take about
#: a third of that. Of a recording shorter than this nothing is said.
_FEWEST_PER_S: Final = 2.0
_LONG_ENOUGH_S: Final = 5.0


def flaw_of(sound: Sound) -> Flaw | None:
    """What is wrong with ``sound`` as something to be listened to, if anything."""
    if sound.is_silent:
        return "silent"
    return "clipped" if sound.clipped_share >= _CLIPPED_SHARE else None


def check(sound: Sound) -> None:
    """Refuse what no model can hear well.

    Raises:
        PoorRecording: one of its leaves.
    """
    match flaw_of(sound):
        case "silent":
            raise errors.SilentRecording
        case "clipped":
            raise errors.ClippedRecording(share=sound.clipped_share)


def warnings_of(
    completion: Completion,
    part: Literal["input_audio", "video_url"] | None,
    facts: MediaFacts | None,
    *,
    is_another: bool = False,
) -> tuple[Warned, ...]:
    """Why the answer about ``part`` may not be what was asked for.

    ``part`` is None for a transcription: there is nothing but the sound that it could be of.
    ``facts`` are those of what was sent, None for a link; ``is_another`` tells that
    another model answered.
    """
    warned: list[Warned] = [one for one in get_args(Warned)[:2] if one == completion.finish_reason]
    if is_another:
        warned.append("another_model")
    usage = Usage.of(completion.usage)
    if part == "video_url":
        if usage.video_tokens == 0:
            warned.append("unseen")
    elif facts is not None and facts.sound is not None:
        sound = facts.sound
        tokens = usage.prompt_tokens
        if part is not None and usage.audio_tokens == 0:
            warned.append("unheard")
        elif (
            part is not None
            and tokens is not None
            and sound.duration_s >= _LONG_ENOUGH_S
            and tokens < sound.duration_s * _FEWEST_PER_S
        ):
            warned.append("few_tokens")
        if (flaw := flaw_of(sound)) is not None:
            warned.append(flaw)
    return tuple(warned)
