"""The one table of forms."""

import pytest

from services.media.forms import BY_NAME, WIRE_FORMS, file_name, named, named_so


def test_the_audio_formats_are_the_nine_of_the_guide():
    nine = {"wav", "mp3", "aiff", "aac", "ogg", "flac", "m4a", "pcm16", "pcm24"}
    assert set(named("audio")) == nine


def test_the_video_types_are_the_four_openrouter_documents():
    assert set(named("video")) == {"video/mp4", "video/mpeg", "video/mov", "video/webm"}


def test_no_two_forms_have_a_name_in_common():
    names = [name for form in WIRE_FORMS for name in {form.name, *form.also}]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("form", WIRE_FORMS, ids=lambda form: form.name)
def test_every_form_is_found_by_its_name(form):
    assert BY_NAME[form.name] is form
    audio, video = named_so(frozenset({form.name, "application/pdf"}))
    assert audio | video == {form.name}
    assert bool(audio) == (form.kind == "audio")


#: What catalogues call a form besides its name.
ALIASES = {
    "wav": {"audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"},
    "mp3": {"audio/mp3", "audio/mpeg"},
    "aiff": {"audio/aiff", "audio/x-aiff"},
    "aac": {"audio/aac"},
    "ogg": {"audio/ogg"},
    "flac": {"audio/flac", "audio/x-flac"},
    "m4a": {"audio/m4a", "audio/x-m4a", "audio/mp4"},
}


@pytest.mark.parametrize(
    ("alias", "name"), [(alias, name) for name in ALIASES for alias in sorted(ALIASES[name])]
)
def test_a_form_is_found_by_what_else_a_catalogue_may_call_it(alias, name):
    assert named_so(frozenset({alias})) == ({name}, frozenset())


def test_all_forms_of_a_catalogue_are_found():
    assert named_so(frozenset({"audio/mpeg", "audio/x-wav", "video/mp4"})) == (
        {"mp3", "wav"},
        {"video/mp4"},
    )


@pytest.mark.parametrize(
    ("form", "called"), [("mp3", "media.mp3"), ("video/mov", "media.mov"), ("pcm24", "media.pcm24")]
)
def test_a_file_is_called_by_its_form(form, called):
    assert file_name(form) == called


def test_of_no_form_no_file_is_called():
    with pytest.raises(KeyError):
        file_name("../x")
