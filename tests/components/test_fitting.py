"""What will be sent, and the choices there are."""

import html

import pytest

from components.fitting import AS_IS, PIECES, choices, chosen, forecast_html
from components.texts import LANGUAGES, Texts
from services.assistant import Fit, Forecast, Offer
from services.errors import BadTrim
from services.media.values import Estimate

EN = Texts("en")
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
    given = {"offers": (), "can_be_cut": False, "pieces": 0, "flaw": None} | more
    return Forecast(estimate, 50 * 1024**2, **given)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_will_be_sent_and_how_large_it_is_in_base64_is_said(language):
    texts = Texts(language)
    shown = html.unescape(forecast_html(forecast(), texts))
    assert "mp3" in shown
    assert texts.size(23_348) in shown
    assert texts.size(31_132) in shown
    assert texts("plan.none") in shown
    assert "≈" not in shown


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


def test_where_all_is_well_there_is_nothing_to_choose():
    assert choices(forecast(), AS_IS, EN)["visible"] is False


def test_choices_carry_their_estimates():
    update = choices(forecast(LARGE, offers=OFFERS), AS_IS, EN)
    labels = [label for label, _ in update["choices"]]
    assert update["visible"] is True
    assert labels == [
        "As it is",
        "Speech only: mono, 16 kHz (≈ 976.6 kB, 3 sec of work)",
        "Picture 480 lines high (≈ 8.6 MB, 9 sec of work)",
        "Picture 480 lines high, 5 frames/s (≈ 3.8 MB, 5 sec of work)",
        "Only the first 53 sec (≈ 47.7 MB, 30 sec of work)",
    ]


def test_a_choice_that_is_still_there_stays():
    values = [value for _, value in choices(forecast(LARGE, offers=OFFERS), AS_IS, EN)["choices"]]
    assert choices(forecast(LARGE, offers=OFFERS), values[2], EN)["value"] == values[2]
    assert choices(forecast(LARGE, offers=OFFERS[:1]), values[2], EN)["value"] == AS_IS


def test_each_choice_is_understood_as_what_was_offered():
    values = [value for _, value in choices(forecast(LARGE, offers=OFFERS), AS_IS, EN)["choices"]]
    for value, offer in zip(values[1:], OFFERS, strict=True):
        understood = chosen(value, "", "")
        assert (understood.kind, understood.fit) == (offer.kind, offer.fit)


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
    assert (update["visible"], update["value"]) == (True, PIECES)
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
