"""Which forms of media each model takes."""

import pytest

from services.external_api.catalogue import GUIDE_MODELS, Model
from services.external_api.intake import takes
from services.media.forms import EVERYTHING, named
from services.offline_api import contract

MP4 = {"video/mp4"}
ALL_FOUR = set(named("video"))


@pytest.mark.parametrize(
    ("model", "audio", "video"),
    [
        ("openai/gpt-4o-audio-preview", "wav mp3", MP4),
        ("openai/gpt-4o", "wav mp3", MP4),
        ("google/gemini-2.5-flash", "wav mp3 aiff aac ogg flac", ALL_FOUR),
        ("google/gemini-3-pro-preview", "wav mp3 aiff aac ogg flac", ALL_FOUR),
        ("mistralai/voxtral-small-24b-2507", "wav mp3 m4a flac ogg", MP4),
        ("google/gemma-3", "mp3", MP4),
        ("maker/model", "mp3", MP4),
        ("", "mp3", MP4),
    ],
)
def test_a_model_takes_what_its_maker_documents(model, audio, video):
    taken = takes(model, ())

    assert taken.audio == set(audio.split())
    assert taken.video == video


def test_the_offline_model_takes_all_the_contract_names():
    assert takes(contract.MODEL, ()) == EVERYTHING


def test_only_a_general_decoder_gets_any_codec():
    assert takes("google/gemini-2.5-flash", ()).any_codec
    assert not takes("openai/gpt-4o", ()).any_codec
    assert not takes("maker/model", ()).any_codec


@pytest.mark.parametrize("kind", GUIDE_MODELS)
def test_every_model_of_the_guide_takes_the_form_of_its_examples(kind):
    for model in GUIDE_MODELS[kind]:
        taken = takes(model, ())
        assert "mp3" in taken.audio
        assert "video/mp4" in taken.video


@pytest.mark.parametrize(
    ("modalities", "audio", "video"),
    [
        (["text", "audio/wav"], {"wav"}, MP4),
        (["text", "audio/mpeg", "audio/x-wav", "flac"], {"mp3", "wav", "flac"}, MP4),
        (["video/mp4", "video/webm"], {"mp3"}, {"video/mp4", "video/webm"}),
    ],
    ids=["wav alone", "several", "video"],
)
def test_a_catalogue_that_names_forms_knows_best(modalities, audio, video):
    model = Model("maker/model", "Model", frozenset(modalities))

    taken = takes("maker/model", (model,))

    assert (taken.audio, taken.video) == (audio, video)


@pytest.mark.parametrize(
    "modalities",
    [None, [], ["text", "audio", "video"], ["audio/amr"], ["aiff"], ["video/webm"]],
    ids=["none known", "none", "modalities", "no name of ours", "cannot be made", "no MP4"],
)
def test_a_catalogue_that_names_no_form_of_use_changes_nothing(modalities):
    model = Model("maker/model", "Model", None if modalities is None else frozenset(modalities))

    assert takes("maker/model", (model,)) == takes("maker/model", ())


def test_another_model_of_the_catalogue_changes_nothing():
    other = Model("maker/other", "Other", frozenset({"audio/wav"}))

    assert takes("maker/model", (other,)) == takes("maker/model", ())


def test_no_model_takes_what_the_contract_has_no_name_for():
    for model in (*GUIDE_MODELS["audio"], *GUIDE_MODELS["video"], contract.MODEL, "maker/model"):
        taken = takes(model, ())
        assert taken.audio <= set(named("audio"))
        assert taken.video <= ALL_FOUR
