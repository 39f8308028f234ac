"""Usage, timings and receipt, as the page shows them."""

import dataclasses
from html.parser import HTMLParser

import pytest
from markupsafe import escape

from components.result.receipt import player_html, receipt_html, stats_html
from components.texts import LANGUAGES, Texts
from services.assistant import Bill, Fault, MediaFacts, Options, Report, SentRequest
from services.assistant.report import RunTimings
from services.external_api.passed_on import PassedMedia, PassedOn
from services.media.values import Mix, Picture, Sound

EN, RU = Texts("en"), Texts("ru")
HOSTILE = """<img src=x onerror="alert(1)">&amp;'"</div><script>alert(2)</script>"""

SOUND = Sound("mp3", 16_000, 1, 2.25, -20.46, 0.25)
PICTURE = Picture("h264", 640, 360, 25.0)
AUDIO = SentRequest(
    part="input_audio",
    format="mp3",
    file_bytes=23_348,
    base64_bytes=31_132,
    duration_s=2.25,
    facts=MediaFacts("mp3", 23_348, 2.25, SOUND, None),
)
VIDEO = dataclasses.replace(
    AUDIO,
    part="video_url",
    format=None,
    mime="video/mp4",
    facts=MediaFacts("mp4", 23_348, 2.25, SOUND, PICTURE),
)
LINK = SentRequest("video_url", link="https://v.example/?a=1&b=2")
USAGE = {
    "prompt_tokens": 1234,
    "completion_tokens": 56,
    "total_tokens": 1290,
    "cost": 0.0000123,
    "prompt_tokens_details": {"audio_tokens": 1000, "video_tokens": 0},
}
TOLD = {"model": "maker/model", "provider": "Maker", "finish_reason": "stop", "usage": USAGE}
SILENT = {"model": None, "provider": None, "finish_reason": None, "usage": None}
TIMINGS = RunTimings(50, 100, 200, 300, 400, 1050, 12_345.0)


def timings(**phases):
    return dataclasses.replace(TIMINGS, **phases)


def report(told=TOLD, timings_ms=TIMINGS, request=AUDIO, **more):
    return Report(
        text="Hello",
        asked_model="maker/model",
        options=Options(),
        timings_ms=timings_ms,
        request=request,
        bill=Bill(answered=1),
        **(told | more),
    )


class Rows(HTMLParser):
    """The rows of a table, or the phases of a waterfall, by their names."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.rows = {}
        self.unknown = set()
        self.bars = {}
        self._row = self._tag = None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append((tag, frozenset(attributes)))
        self._tag = tag
        self._row = attributes.get("data-row") or attributes.get("data-phase") or self._row
        if attributes.get("class") == "unknown":
            self.unknown.add(self._row)
        if tag == "i":
            self.bars[self._row] = attributes["style"]

    def handle_data(self, data):
        if self._tag in ("dd", "b"):
            self.rows[self._row] = data


def stats(one, texts=EN):
    return Rows(stats_html(one, texts))


def receipt(request, texts=EN, options=Options()):  # noqa: B008  # frozen
    return Rows(receipt_html(request, options, texts))


# --- usage ----------------------------------------------------------------


def test_seconds_that_were_counted_are_told():
    assert "stats.seconds" not in stats(report()).rows
    assert stats(report(usage={"seconds": 2.5})).rows["stats.seconds"] == "2.5 sec"


def test_stats_show_what_the_api_reported():
    shown = stats(report()).rows
    assert shown["stats.model"] == "maker/model"
    assert shown["stats.provider"] == "Maker"
    assert shown["stats.finish_reason"] == "stop"
    assert shown["stats.prompt_tokens"] == "1,234"
    assert shown["stats.audio_tokens"] == "1,000"
    assert shown["stats.completion_tokens"] == "56"
    assert shown["stats.total_tokens"] == "1,290"
    assert shown["stats.cost"] == "0.0000123 USD"
    assert shown["server"] == "12.3 sec"


def test_a_language_is_told_where_the_api_told_it():
    assert stats(dataclasses.replace(report(), language="ru")).rows["stats.language"] == "ru"
    assert "stats.language" not in stats(report()).rows


def test_a_zero_that_was_reported_reads_zero():
    zero = {"prompt_tokens": 7, "cost": 0, "prompt_tokens_details": {"audio_tokens": 0}}
    rows = stats(report(usage=zero, timings_ms=timings(server=0.0)))
    assert rows.rows["stats.audio_tokens"] == "0"
    assert rows.rows["stats.cost"] == "0 USD"
    assert rows.rows["server"] == "0 ms"
    assert "stats.audio_tokens" not in rows.unknown


def test_zeros_of_what_was_not_counted_are_not_reported():
    zeros = dict.fromkeys(("prompt_tokens", "completion_tokens", "total_tokens"), 0)
    rows = stats(report(usage=zeros))
    assert {f"stats.{name}" for name in zeros} <= rows.unknown


def test_a_cost_that_came_as_a_string_is_shown():
    assert stats(report(usage={"cost": "0.0000123"})).rows["stats.cost"] == "0.0000123 USD"


@pytest.mark.parametrize(
    ("texts", "words"), [(EN, "not reported"), (RU, "не сообщается")], ids=LANGUAGES
)
def test_what_was_not_reported_says_so(texts, words):
    unseen = timings(connect=None, upload=None, wait=None, stream=None, server=None)
    rows = stats(report(SILENT, unseen), texts)
    known = {"prepare", "total"}
    assert {name: value for name, value in rows.rows.items() if name not in known} == (
        dict.fromkeys(rows.rows.keys() - known, words)
    )
    assert rows.unknown == {name for name in rows.rows if name.startswith("stats.")}


@pytest.mark.parametrize(
    "value",
    [None, "few", True, [], {}, float("nan"), float("inf"), -float("inf"), 1e300, 10**400],
    ids=repr,
)
def test_a_count_that_is_none_is_not_reported(value):
    usage = {"prompt_tokens": value, "cost": value, "prompt_tokens_details": value}
    rows = stats(report(usage=usage))
    assert {"stats.prompt_tokens", "stats.cost", "stats.audio_tokens"} <= rows.unknown


# --- timings --------------------------------------------------------------


def test_the_waterfall_puts_each_phase_after_the_one_before():
    rows = stats(report())
    assert [rows.rows[name] for name in ("prepare", "connect", "upload", "wait", "stream")] == [
        "50 ms",
        "100 ms",
        "200 ms",
        "300 ms",
        "400 ms",
    ]
    assert rows.bars == {
        "prepare": "left:0.00%;width:4.76%",
        "connect": "left:4.76%;width:9.52%",
        "upload": "left:14.29%;width:19.05%",
        "wait": "left:33.33%;width:28.57%",
        "stream": "left:61.90%;width:38.10%",
        "total": "left:0.00%;width:100.00%",
    }


def test_an_open_connection_took_zero_and_an_unseen_one_is_unknown():
    assert stats(report(timings_ms=timings(connect=0.0))).rows["connect"] == "0 ms"
    assert stats(report(timings_ms=timings(connect=None))).rows["connect"] == "not reported"


def test_an_answer_in_one_piece_says_so():
    assert stats(report(timings_ms=timings(stream=None))).rows["stream"] == "came in one piece"


def test_a_run_that_took_no_time_has_no_bars():
    none = RunTimings(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, None)
    assert stats(report(timings_ms=none)).bars == {}


def test_phases_that_a_failed_run_did_not_reach_say_so():
    rows = stats(report(timings_ms=timings(wait=None, stream=None), fault=Fault("TimedOut")))
    assert rows.rows["wait"] == rows.rows["stream"] == "did not get that far"


def test_phases_of_pieces_are_side_by_side():
    many = dataclasses.replace(AUDIO, pieces=3)
    rows = stats(report(timings_ms=timings(wait=None), request=many))
    assert rows.rows["wait"] == "side by side"


# --- the receipt ----------------------------------------------------------


def test_the_receipt_of_a_sound():
    assert receipt(AUDIO).rows == {
        "receipt.endpoint": "/chat/completions",
        "receipt.part": "input_audio",
        "receipt.format": "mp3",
        "receipt.container": "mp3",
        "receipt.duration": "2.25 sec",
        "receipt.sound": "mp3, 16 kHz, mono",
        "receipt.level": "-20.5 dBFS, 25% silence",
        "receipt.file_bytes": "22.8 kB (23,348 bytes)",
        "receipt.base64_bytes": "30.4 kB (31,132 bytes)",
        "receipt.conversion": "none: sent byte for byte",
    }


def test_the_receipt_of_a_video():
    shown = receipt(VIDEO).rows
    assert shown["receipt.mime"] == "video/mp4"
    assert shown["receipt.picture"] == "h264, 640 × 360, 25 frames/s"
    assert "receipt.format" not in shown


WRITTEN = dataclasses.replace(AUDIO, endpoint="audio/transcriptions")


@pytest.mark.parametrize(
    ("request_", "row"),
    [
        (WRITTEN, "/audio/transcriptions: the sound alone, without the question"),
        (
            dataclasses.replace(AUDIO, instead_of="audio/transcriptions"),
            (
                "/chat/completions instead of /audio/transcriptions, which this API does not have "
                "for the model"
            ),
        ),
    ],
    ids=["written down", "asked instead"],
)
def test_the_receipt_says_which_way_a_sound_went(request_, row):
    assert receipt(request_).rows["receipt.endpoint"] == row


def test_of_a_transcription_the_temperature_is_the_one_option_that_was_sent():
    rows = receipt(WRITTEN, options=Options("Be kind.", 0.5, 100, "low")).rows
    assert [key for key in rows if key.startswith("options.")] == ["options.temperature"]


ECHOING = dataclasses.replace(AUDIO, echoes=True)


@pytest.mark.parametrize(
    ("passed_on", "words"),
    [
        (None, "not reported"),
        (
            PassedOn("voxtral", (PassedMedia("input_audio", "mp3", 31_132),)),
            "to voxtral: input_audio mp3 30.4 kB (31,132 bytes)",
        ),
        (
            PassedOn(None, (PassedMedia("video_url", None, None), PassedMedia("file", "a", 9))),
            "to not reported: video_url, file a 9 bytes",
        ),
        (PassedOn("voxtral", ()), "to voxtral: neither sound nor film"),
    ],
    ids=["not told", "a sound", "two", "none"],
)
def test_what_the_router_passed_on_is_told_where_that_was_asked_for(passed_on, words):
    rows = receipt(dataclasses.replace(ECHOING, passed_on=passed_on)).rows
    assert rows["receipt.passed_media"] == words
    assert "receipt.passed_media" not in receipt(AUDIO).rows


def test_the_receipt_of_a_link():
    assert receipt(LINK).rows == {
        "receipt.endpoint": "/chat/completions",
        "receipt.part": "video_url",
        "receipt.link": "https://v.example/?a=1&b=2",
        "receipt.conversion": "none: the link was passed on as it is",
    }


def test_the_receipt_names_what_was_converted():
    converted = dataclasses.replace(AUDIO, converted_from="webm (vp8, opus)", change="transcode")
    assert "webm (vp8, opus)" in receipt(converted).rows["receipt.conversion"]


@pytest.mark.parametrize(
    ("channels", "words"), [(1, "mono"), (2, "stereo"), (6, "6 channels"), (0, "0 channels")]
)
def test_channels_have_their_words(channels, words):
    sound = dataclasses.replace(SOUND, channels=channels)
    facts = dataclasses.replace(AUDIO.facts, sound=sound)
    shown = receipt(dataclasses.replace(AUDIO, facts=facts)).rows["receipt.sound"]
    assert shown.endswith(f", {words}")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("mix", "key"), [(Mix(None, 0.5), "mix.sum"), (Mix(3), "mix.channel")], ids=["sum", "channel"]
)
def test_how_channels_were_mixed_stands_on_the_receipt(language, mix, key):
    texts = Texts(language)
    shown = receipt(dataclasses.replace(AUDIO, mix=mix), texts).rows
    assert shown["receipt.mix"] == texts(key, channel=4)


def test_which_of_several_sound_tracks_was_sent_stands_on_the_receipt():
    shown = receipt(dataclasses.replace(AUDIO, track=1, tracks=3)).rows
    assert shown["receipt.track"] == "number 2 of 3"
    assert "receipt.track" not in receipt(AUDIO).rows


@pytest.mark.parametrize(("share", "is_said"), [(0.0, False), (0.009, False), (0.02, True)])
def test_what_could_not_be_read_stands_on_the_receipt_where_it_is_worth_it(share, is_said):
    shown = receipt(dataclasses.replace(AUDIO, lost_share=share)).rows
    assert ("receipt.lost" in shown) is is_said
    if is_said:
        assert shown["receipt.lost"] == "2% of the file could not be read"


@pytest.mark.parametrize(
    ("picture_s", "sound_s", "words"),
    [
        (9.0, 4.5, "picture 9 sec, sound 4.5 sec"),
        (3.0, 3.1, "3.1 sec"),
        (None, 3.0, "3.1 sec"),
    ],
)
def test_picture_and_sound_have_each_their_length_where_they_differ(picture_s, sound_s, words):
    facts = dataclasses.replace(
        VIDEO.facts,
        duration_s=3.1,
        picture=dataclasses.replace(VIDEO.facts.picture, duration_s=picture_s),
        sound=dataclasses.replace(AUDIO.facts.sound, duration_s=sound_s),
    )
    assert receipt(dataclasses.replace(VIDEO, facts=facts)).rows["receipt.duration"] == words


def test_digital_silence_has_no_level():
    sound = dataclasses.replace(SOUND, level_dbfs=None, silent_share=1.0)
    facts = dataclasses.replace(AUDIO.facts, sound=sound)
    shown = receipt(dataclasses.replace(AUDIO, facts=facts)).rows
    assert shown["receipt.level"] == "digital silence"


def test_a_film_may_be_silent_and_without_a_duration_or_a_rate():
    picture = dataclasses.replace(PICTURE, frame_rate=None)
    facts = MediaFacts("webm", 10, None, None, picture)
    rows = receipt(dataclasses.replace(VIDEO, facts=facts, file_bytes=10))
    assert rows.rows["receipt.sound"] == "no sound track"
    assert rows.rows["receipt.duration"] == "not reported"
    assert rows.rows["receipt.picture"] == "h264, 640 × 360, frame rate not reported"
    assert rows.rows["receipt.file_bytes"] == "10 bytes"
    assert "receipt.level" not in rows.rows


# --- strangers' text ------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_an_api_says_becomes_markup(language):
    good = stats(report(), Texts(language))
    hostile = stats(
        report(
            TOLD | {"model": HOSTILE, "provider": HOSTILE, "finish_reason": HOSTILE},
        ),
        Texts(language),
    )
    assert hostile.tags == good.tags
    assert hostile.rows["stats.model"] == HOSTILE


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_a_file_says_becomes_markup(language):
    facts = MediaFacts(
        HOSTILE,
        23_348,
        2.25,
        dataclasses.replace(SOUND, codec=HOSTILE),
        dataclasses.replace(PICTURE, codec=HOSTILE),
    )
    hostile = dataclasses.replace(
        VIDEO, mime=HOSTILE, facts=facts, converted_from=HOSTILE, change="remux"
    )
    rows = receipt(hostile, Texts(language))
    assert rows.tags == receipt(VIDEO, Texts(language)).tags
    assert rows.rows["receipt.container"] == rows.rows["receipt.mime"] == HOSTILE


def test_nothing_a_link_says_becomes_markup():
    rows = receipt(dataclasses.replace(LINK, link=HOSTILE))
    assert rows.tags == receipt(LINK).tags
    assert rows.rows["receipt.link"] == HOSTILE


def test_nothing_a_system_prompt_says_becomes_markup():
    rows = receipt(LINK, options=Options(system_prompt=HOSTILE))
    plain = receipt(LINK, options=Options(system_prompt="x"))
    assert rows.tags == plain.tags
    assert rows.rows["options.system_prompt"] == HOSTILE


def test_nothing_the_address_or_the_name_of_a_player_says_becomes_markup():
    assert Rows(player_html(HOSTILE, HOSTILE)).tags == Rows(player_html("a", "b")).tags


def test_options_that_were_set_stand_on_the_receipt_and_no_others():
    options = Options(temperature=0.25, max_tokens=1200)
    rows = receipt(LINK, options=options).rows
    assert rows["options.temperature"] == "0.25"
    assert rows["options.max_tokens"] == "1,200"
    assert [name for name in receipt(LINK).rows if name.startswith("options.")] == []


@pytest.mark.parametrize("name", [one.name for one in dataclasses.fields(Options)])
def test_every_option_has_its_line_on_the_receipt(name):
    some = {"system_prompt": "x", "temperature": 0.0, "max_tokens": 1, "reasoning_effort": "low"}
    some |= {"json_schema": "{}", "voice": "alloy"}
    rows = receipt(LINK, options=Options(**{name: some[name]})).rows
    assert f"options.{name}" in rows


def test_an_upload_that_was_cut_says_how_much_of_it_went_out():
    rows = receipt(dataclasses.replace(AUDIO, sent_share=0.997)).rows
    assert rows["receipt.sent_share"] == "99%"


def test_an_upload_of_which_nobody_can_tell_says_so():
    rows = receipt(dataclasses.replace(AUDIO, sent_share=None)).rows
    assert rows["receipt.sent_share"] == EN("receipt.sent_share_unseen")


@pytest.mark.parametrize(
    ("is_confirmed", "key"), [(True, "time.until_confirmed"), (False, "time.until_taken")]
)
def test_the_waterfall_says_by_what_upload_and_waiting_are_told_apart(is_confirmed, key):
    sent = dataclasses.replace(AUDIO, is_confirmed=is_confirmed)
    assert escape(EN(key)) in stats_html(report(request=sent), EN)


def test_a_waterfall_without_an_upload_says_nothing_of_it():
    shown = stats_html(report(timings_ms=timings(upload=None)), EN)
    assert "<small>" not in shown


def test_what_was_set_and_not_sent_is_on_the_receipt():
    shown = receipt_html(AUDIO, Options(), EN, ("temperature", "max_tokens"))
    assert "<dt>Not sent</dt><dd>Temperature, Maximum tokens: not among" in shown
    assert "Not sent" not in receipt_html(AUDIO, Options(), EN)


@pytest.mark.parametrize(
    ("schema", "shown"),
    [
        ('{"title": "Who spoke?", "type": "object", "properties": {"a": {}}}', "Who_spoke, not"),
        ('{"name": "who", "schema": {}, "strict": true}', "who, strict"),
    ],
    ids=["loose", "strict"],
)
def test_of_a_schema_the_receipt_has_the_name(schema, shown):
    assert (
        receipt(LINK, options=Options(json_schema=schema))
        .rows["options.json_schema"]
        .startswith(shown)
    )
