"""Whether a model heard what was sent: before money is spent, and after the answer."""

from dataclasses import replace

import pytest

from services import errors
from services.assistant.quality import check, flaw_of, warnings_of
from services.external_api.answer import Completion
from services.media.values import MediaFacts, Sound

SPEECH = Sound("mp3", 16_000, 1, 60.0, -20.0, 0.2, peak_dbfs=-3.0, clipped_share=0.0)


def completion(usage=None, finish_reason="stop"):
    return Completion("m", None, finish_reason, usage, None)


def warned(usage=None, *, sound=SPEECH, part="input_audio", finish_reason="stop"):
    facts = MediaFacts("mp3", 1000, sound.duration_s, sound, None)
    return warnings_of(completion(usage, finish_reason), part, facts)


SOUNDS = {
    "speech": (SPEECH, None),
    "digital silence": (replace(SPEECH, level_dbfs=None, silent_share=1.0), "silent"),
    "a room's noise": (replace(SPEECH, level_dbfs=-65.0, silent_share=1.0), "silent"),
    "two words in a minute": (replace(SPEECH, level_dbfs=-48.0, silent_share=0.98), None),
    "clipped": (replace(SPEECH, level_dbfs=-3.0, clipped_share=0.6), "clipped"),
    "a few loud words": (replace(SPEECH, clipped_share=0.05), None),
}


@pytest.mark.parametrize(("sound", "problem"), SOUNDS.values(), ids=SOUNDS)
def test_what_is_poor_to_be_listened_to_is_known(sound, problem):
    assert flaw_of(sound) == problem


def test_silence_is_refused_before_it_costs_anything():
    with pytest.raises(errors.SilentRecording):
        check(SOUNDS["digital silence"][0])


def test_distortion_is_refused_and_measured():
    with pytest.raises(errors.ClippedRecording) as clipped:
        check(SOUNDS["clipped"][0])
    assert clipped.value.facts == {"share": 0.6}


def test_speech_is_let_through():
    check(SPEECH)


USAGES = {
    "nothing reported": (None, ()),
    "enough": ({"prompt_tokens": 700}, ()),
    "enough audio": ({"prompt_tokens_details": {"audio_tokens": 600}}, ()),
    "no audio": (
        {"prompt_tokens": 700, "prompt_tokens_details": {"audio_tokens": 0}},
        ("unheard",),
    ),
    "far too few": ({"prompt_tokens": 40}, ("few_tokens",)),
    "audio unknown": ({"prompt_tokens_details": {"audio_tokens": None}}, ()),
    "nonsense": ({"prompt_tokens": "few", "prompt_tokens_details": [0]}, ()),
    # Zeros of who does not count: nobody says that it was not heard.
    "nothing counted": (
        {"prompt_tokens": 0, "total_tokens": 0, "prompt_tokens_details": {"audio_tokens": 0}},
        (),
    ),
    "the answer's alone counted": ({"prompt_tokens": 0, "total_tokens": 10}, ()),
}


@pytest.mark.parametrize(("usage", "warnings"), USAGES.values(), ids=USAGES)
def test_tokens_tell_whether_a_sound_was_heard(usage, warnings):
    assert warned(usage) == warnings


def test_of_a_short_sound_few_tokens_say_nothing():
    assert warned({"prompt_tokens": 1}, sound=replace(SPEECH, duration_s=4.0)) == ()


def test_no_tokens_of_video_mean_that_it_was_not_seen():
    usage = {"prompt_tokens_details": {"video_tokens": 0, "audio_tokens": 0}}
    assert warned(usage, part="video_url") == ("unseen",)


@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_an_answer_that_was_stopped_is_not_all_there(reason):
    assert warned(finish_reason=reason) == (reason,)


def test_silence_that_was_sent_anyway_is_still_silence():
    assert warned(sound=SOUNDS["digital silence"][0]) == ("silent",)


def test_of_a_link_nothing_is_known():
    assert warnings_of(completion({"prompt_tokens": 1}), "video_url", None) == ()


@pytest.mark.parametrize("part", ["input_audio", "video_url"])
def test_where_nothing_is_known_of_what_was_sent_there_is_nothing_to_warn_of(part):
    assert warnings_of(completion({"prompt_tokens": 1}), part, None) == ()
