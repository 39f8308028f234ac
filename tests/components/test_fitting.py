"""What will be sent, and the choices there are."""

import html
from dataclasses import replace

import pytest

from components.fitting import (
    AS_IS,
    PIECES,
    Choice,
    choices,
    chosen,
    track_choices,
)
from components.sending import forecast_html, sending_html
from components.texts import LANGUAGES, Texts
from services.assistant import Fit, Forecast, Offer
from services.errors import BadArgument, BadTrim
from services.media.values import Estimate, MediaFacts, Mix, Sound, Track

EN = Texts("en")
FACTS = MediaFacts("mp3", 23_348, 4.0, Sound("mp3", 44_100, 1, 4.0, -20.0, 0.1), None)
SMALL = Estimate("none", "mp3", 23_348, 31_132, 0.0)
LARGE = Estimate("transcode", "video/mp4", 90_000_000, 120_000_000, 20.0)
OFFERS = (
    Offer("audio", Fit(speech=True), Estimate("transcode", "mp3", 1_000_000, 1_333_336, 3.0)),
    Offer("video", Fit(height=480), Estimate("transcode", "video/mp4", 9_000_000, 12_000_000, 9)),
    Offer(
        "video",
        Fit(height=480, frame_rate=5.0),
        Estimate("transcode", "video/mp4", 4_000_000, 5_333_336, 5.0),
    ),
    Offer(
        "video",
        Fit(end_s=53.0),
        Estimate("transcode", "video/mp4", 50_000_000, 66_666_668, 30.0),
    ),
)


def forecast(estimate=SMALL, **more):
    given = {"offers": (), "can_be_cut": False, "pieces": 0, "flaw": None, "facts": FACTS} | more
    return Forecast("audio", estimate, 50 * 1024**2, **given)


def facts_with(*tracks, **more):
    """The facts of a film with these sound tracks; ``more`` is known of the one that is sent."""
    return replace(FACTS, sound=replace(FACTS.sound, **more), tracks=tracks)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_will_be_sent_and_how_large_it_is_is_said(language):
    texts = Texts(language)
    shown = html.unescape(forecast_html(forecast(), texts))
    assert "mp3" in shown
    assert texts.size(23_348) in shown
    assert texts("plan.none") in shown
    assert "≈" not in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_line_says_how_long_and_large_it_is_and_what_becomes_of_it(language):
    texts = Texts(language)
    shown = html.unescape(sending_html(forecast(), 0, texts))
    words = {"length": texts.seconds(4.0), "size": texts.size(23_348), "change": ""}
    words["change"] = texts("sending.none")
    assert texts("sending.audio", **words) in shown
    assert "class" not in shown


def test_the_line_says_of_an_estimate_that_it_is_one_and_of_a_film_that_it_is_a_film():
    shown = sending_html(replace(forecast(OFFERS[1].estimate), kind="video"), 0, EN)
    assert "4 sec of film, ≈ 8.6 MB, converted first" in html.unescape(shown)


def test_the_line_says_what_a_question_that_follows_others_sends_in_all():
    shown = html.unescape(sending_html(forecast(body_bytes=40_000), 2, EN))
    assert "2 earlier questions" in shown
    assert EN.size(40_000) in shown


def test_the_line_warns_of_what_is_too_large():
    shown = sending_html(forecast(LARGE, offers=OFFERS), 0, EN)
    assert 'class="bad"' in shown
    assert "Too large: ≈ 85.8 MB of at most 50 MB." in html.unescape(shown)


def test_the_line_takes_pieces_for_what_fits():
    shown = sending_html(forecast(LARGE, can_be_cut=True, pieces=7), 0, EN)
    assert "in pieces" in shown
    assert "Too large" not in shown


@pytest.mark.parametrize("problem", ["silent", "clipped"])
def test_the_line_warns_of_what_cannot_be_heard(problem):
    shown = sending_html(forecast(flaw=problem), 0, EN)
    assert 'class="bad"' in shown
    assert EN(f"mark.{problem}") in html.unescape(shown)


def test_an_estimate_is_told_as_one_with_the_time_it_takes():
    shown = forecast_html(forecast(OFFERS[0].estimate), EN)
    assert "≈ 976.6 kB" in shown
    assert "about 3 sec" in shown


def test_what_is_too_large_says_so_at_once():
    shown = forecast_html(forecast(LARGE, offers=OFFERS), EN)
    assert 'data-error="FileTooLarge"' in shown
    assert "85.8 MB" in shown
    assert "50 MB" in shown


def test_pieces_make_a_sound_that_is_too_large_fit():
    shown = forecast_html(forecast(LARGE, can_be_cut=True, pieces=7), EN)
    assert "FileTooLarge" not in shown
    assert "about 7 pieces" in shown


@pytest.mark.parametrize("problem", ["silent", "clipped"])
def test_what_cannot_be_heard_is_said_before_it_is_sent(problem):
    assert EN(f"mark.{problem}") in forecast_html(forecast(flaw=problem), EN)


GERMAN = Track("ac3", 6, "ger", "Original", is_default=True, is_silent=False)
ENGLISH = Track("aac", 2, "eng")
SILENT = replace(ENGLISH, is_default=True, is_silent=True)


def test_of_one_sound_track_nothing_is_said():
    facts = facts_with(replace(ENGLISH, is_default=True))
    assert forecast_html(forecast(facts=facts), EN) == forecast_html(forecast(), EN)
    update = track_choices(forecast(facts=facts), "", EN)
    assert update["visible"] is False
    assert [value for _, value in update["choices"]] == [""]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("first", "key"), [(GERMAN, "plan.track"), (SILENT, "plan.track_instead")])
def test_of_several_sound_tracks_it_is_said_which_is_sent(language, first, key):
    texts = Texts(language)
    facts = facts_with(first, ENGLISH, track=1)
    shown = html.unescape(forecast_html(forecast(facts=facts), texts))
    assert texts(key, number=2, tracks=2) in shown


@pytest.mark.parametrize(
    ("facts", "now"),
    [(FACTS, ""), (FACTS, "1"), (facts_with(GERMAN), "1"), (facts_with(GERMAN, ENGLISH), "9")],
    ids=["no track", "none any more", "one", "another"],
)
def test_what_stands_among_the_sound_tracks_is_always_one_of_them(facts, now):
    """Gradio refuses the whole page otherwise."""
    update = track_choices(forecast(facts=facts), now, EN)
    assert update.get("value", now) in [value for _, value in update["choices"]]


def test_a_sound_track_can_be_chosen_by_its_language_and_title():
    update = track_choices(forecast(facts=facts_with(GERMAN, ENGLISH)), "", EN)
    assert update["visible"] is True
    assert update["choices"] == [("1: German, Original, ac3", ""), ("2: English, aac", "1")]


def test_a_silent_sound_track_is_called_so():
    update = track_choices(forecast(facts=facts_with(SILENT, GERMAN, track=1)), "", EN)
    assert update["choices"][0] == ("1: English, aac, silent", "0")


@pytest.mark.parametrize(("now", "value"), [("", ""), ("1", "1"), ("7", "")])
def test_a_chosen_sound_track_stays_while_it_is_there(now, value):
    update = track_choices(forecast(facts=facts_with(GERMAN, ENGLISH)), now, EN)
    assert update.get("value", now) == value


@pytest.mark.parametrize(("track", "number"), [("", None), ("2", 2), ("two", None), ("-1", None)])
@pytest.mark.parametrize("choice", [AS_IS, "speech"])
def test_the_number_of_a_sound_track_is_understood(choice, track, number):
    assert chosen(choice, "", "", track).track == number


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("mix", "key"), [(Mix(None, 0.5), "mix.sum"), (Mix(3), "mix.channel")], ids=["sum", "channel"]
)
def test_how_channels_are_mixed_is_said_before_they_are(language, mix, key):
    texts = Texts(language)
    shown = html.unescape(forecast_html(forecast(mix=mix), texts))
    assert texts(key, channel=4) in shown


@pytest.mark.parametrize(("share", "is_said"), [(0.001, False), (0.01, True), (0.4, True)])
def test_damage_is_said_where_it_is_worth_it(share, is_said):
    shown = forecast_html(forecast(facts=facts_with(lost_share=share)), EN)
    assert (EN("plan.lost", share=EN.percent(share)) in html.unescape(shown)) is is_said


def test_where_all_is_well_there_is_nothing_to_choose():
    assert choices(forecast(), AS_IS, EN)["visible"] is False


def test_choices_carry_their_estimates():
    update = choices(forecast(LARGE, offers=OFFERS), AS_IS, EN)
    labels = [label for label, _ in update["choices"]]
    assert update["visible"] is True
    assert labels == [
        "As it is",
        "Speech only: mono, 16 kHz (≈ 976.6 kB, ready in about 3 sec)",
        "Picture 480p (≈ 8.6 MB, ready in about 9 sec)",
        "Picture 480p, 5 frames/s (≈ 3.8 MB, ready in about 5 sec)",
        "Only the first 53 sec (≈ 47.7 MB, ready in about 30 sec)",
    ]


def test_a_choice_that_is_still_there_stays():
    values = [value for _, value in choices(forecast(LARGE, offers=OFFERS), AS_IS, EN)["choices"]]
    assert "value" not in choices(forecast(LARGE, offers=OFFERS), values[2], EN)
    assert choices(forecast(LARGE, offers=OFFERS[:1]), values[2], EN)["value"] == AS_IS


def test_each_choice_is_understood_as_what_was_offered():
    values = [value for _, value in choices(forecast(LARGE, offers=OFFERS), AS_IS, EN)["choices"]]
    for value, offer in zip(values[1:], OFFERS, strict=True):
        understood = chosen(value, "", "")
        # A film stays one where nothing else is said.
        assert (understood.kind or "video", understood.fit) == (offer.kind, offer.fit)


@pytest.mark.parametrize(
    ("words", "kind", "fit"),
    [
        ("speech", "audio", Fit(speech=True)),
        ("sound 60s", "audio", Fit(end_s=60.0)),
        ("480p", None, Fit(height=480)),
        ("5fps 12.5s 480p", None, Fit(end_s=12.5, height=480, frame_rate=5.0)),
    ],
)
def test_a_program_may_write_a_choice_in_words(words, kind, fit):
    assert chosen(words, "", "") == Choice(kind, fit, in_pieces=False)


@pytest.mark.parametrize(
    "words",
    [
        "smaller",
        "0p",
        "480",
        "speech sound",
        "speech 480p",
        "480p 720p",
        "-5fps",
        "audio sound 0 0 0",
    ],
)
def test_words_that_are_no_choice_are_a_bad_argument(words):
    with pytest.raises(BadArgument) as wrong:
        chosen(words, "", "")
    assert wrong.value.facts == {"argument": "fit"}


@pytest.mark.parametrize(
    ("start", "end", "fit"),
    [("0:10", "", Fit(10.0, 63.0)), ("", "0:20", Fit(None, 20.0))],
    ids=["from there on", "a time of one's own"],
)
def test_a_part_of_what_fits_goes_by_the_times_that_were_written(start, end, fit):
    *_, (_, value) = choices(forecast(LARGE, offers=OFFERS), AS_IS, EN)["choices"]
    assert chosen(value, start, end).fit == fit


def test_pieces_are_a_choice_for_what_can_be_cut():
    update = choices(forecast(can_be_cut=True), PIECES, EN)
    assert update["visible"]
    assert PIECES in [value for _, value in update["choices"]]
    assert chosen(PIECES, "", "").in_pieces


@pytest.mark.parametrize(
    ("start", "end", "fit"),
    [
        ("", "", Fit()),
        ("1:30", "", Fit(start_s=90.0)),
        ("", "90", Fit(end_s=90.0)),
        (" 1:02:03.5 ", "2:00:00", Fit(3723.5, 7200.0)),
        ("0,5", "1", Fit(0.5, 1.0)),
    ],
)
def test_times_are_written_as_people_write_them(start, end, fit):
    assert chosen(AS_IS, start, end).fit == fit


@pytest.mark.parametrize(
    ("start", "end"),
    [("soon", ""), ("2:00", "1:00"), ("1", "1"), ("", "0"), ("-1", ""), ("1:2:3:4", "")],
)
def test_times_that_make_no_sense_are_refused(start, end):
    with pytest.raises(BadTrim):
        chosen(AS_IS, start, end)
