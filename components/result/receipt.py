"""What is unfolded below an answer: usage and timings, the receipt; and what should be known of it.

Everything an API or a file says is a stranger's text: the templates escape it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

from markupsafe import Markup

from components.result.templates import rendered
from components.result.waterfall import Bar, until_when, waterfall
from components.texts import Texts
from services.assistant import Kind, MediaFacts, Mix, Options, Report, SentRequest

#: The share of a file from which on it is told that it could not be read.
WORTH_SAYING: Final = 0.01
#: Picture and sound end together where they are no further apart, in seconds.
_APART_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of a table; None as its value is what nobody reported."""

    key: str
    label: str
    value: str | None


def mark_html(key: str, texts: Texts, **facts: str) -> Markup:
    """A line below an answer that is not all there."""
    return rendered("note", mark=key.partition(".")[2], text=texts(key, **facts))


def warnings_html(report: Report, texts: Texts) -> Markup:
    """What a person should know of an answer that came to its end; mostly nothing."""
    models = {"asked": report.asked_model, "model": report.model or ""}
    return Markup().join(
        mark_html(f"mark.{warning}", texts, **models) for warning in report.warnings
    )


def player_html(source: str, label: str, kind: Kind = "audio") -> Markup:
    """A player for ``source``, which the browser opens, and not this server."""
    return rendered("player", source=source, label=label, kind=kind)


def stats_html(report: Report, texts: Texts) -> Markup:
    """Usage, then a waterfall of the timings."""
    usage = report.counted

    def count(value: float | None) -> str | None:
        return None if value is None else texts.number(value)

    rows = [
        ("stats.model", report.model),
        ("stats.provider", report.provider),
        ("stats.finish_reason", report.finish_reason),
        ("stats.prompt_tokens", count(usage.prompt_tokens)),
        ("stats.audio_tokens", count(usage.audio_tokens)),
        ("stats.video_tokens", count(usage.video_tokens)),
        ("stats.completion_tokens", count(usage.completion_tokens)),
        ("stats.total_tokens", count(usage.total_tokens)),
        ("stats.cost", None if usage.cost is None else f"{texts.number(usage.cost, 9)} USD"),
    ]
    if usage.seconds is not None:  # those that write down, and not all of them
        rows.append(("stats.seconds", texts.seconds(usage.seconds, 2)))
    if report.language is not None:  # few APIs have a word for it
        rows.append(("stats.language", report.language))
    return table_html(
        "stats.title", rows, texts, waterfall(report, texts), until_when(report, texts)
    )


def receipt_html(
    request: SentRequest, options: Options, texts: Texts, left_out: Sequence[str] = ()
) -> Markup:
    """What was sent, line by line; and which options were not, as the model takes none."""
    rows: list[tuple[str, str | None]] = [
        ("receipt.endpoint", endpoint_words(request, texts)),
        ("receipt.part", request.part),
    ]
    if request.link is not None:
        rows.append(("receipt.link", request.link))
    elif request.part == "input_audio":
        rows.append(("receipt.format", request.format))
    else:
        rows.append(("receipt.mime", request.mime))
    if request.facts is not None:
        rows += _facts(request.facts, texts)
        if request.track is not None:
            counted = {"number": request.track + 1, "tracks": request.tracks}
            rows.append(("receipt.track", texts("receipt.track_value", **counted)))
        if request.mix is not None:
            rows.append(("receipt.mix", mix_sentence(request.mix, texts)))
        if request.lost_share >= WORTH_SAYING:
            lost = texts("receipt.lost_value", share=texts.percent(request.lost_share))
            rows.append(("receipt.lost", lost))
        rows += [
            ("receipt.file_bytes", _bytes(request.file_bytes, texts)),
            ("receipt.base64_bytes", _bytes(request.base64_bytes, texts)),
        ]
    if request.pieces > 1:
        rows.append(("receipt.pieces", texts.number(request.pieces)))
    if request.sent_share is None:
        rows.append(("receipt.sent_share", texts("receipt.sent_share_unseen")))
    elif request.sent_share < 1:
        rows.append(("receipt.sent_share", texts.percent(request.sent_share)))
    rows.append(("receipt.conversion", _conversion(request, texts)))
    rows += [*option_rows(request, options, texts), *_left_out(left_out, texts)]
    return table_html("receipt.title", rows, texts)


def endpoint_words(request: SentRequest, texts: Texts) -> str:
    """What it was sent to, and what that means for the question."""
    endpoint = f"/{request.endpoint}"
    if request.instead_of is not None:
        return texts(
            "receipt.endpoint_instead", endpoint=endpoint, missing=f"/{request.instead_of}"
        )
    if request.endpoint == "audio/transcriptions":
        return texts("receipt.endpoint_alone", endpoint=endpoint)
    return endpoint


def _left_out(options: Sequence[str], texts: Texts) -> list[tuple[str, str | None]]:
    if not options:
        return []
    names = ", ".join(texts(f"options.{name}") for name in options)
    return [("receipt.left_out", texts("receipt.left_out_value", options=names))]


def option_rows(
    request: SentRequest, options: Options, texts: Texts
) -> list[tuple[str, str | None]]:
    """What was asked for besides; what was not set is not sent, and not shown."""
    if request.endpoint == "audio/transcriptions":
        options = Options(temperature=options.temperature)  # it takes no other
    rows: list[tuple[str, str | None]] = []
    if request.echoes:
        rows.append(("receipt.passed_media", _passed_on(request, texts)))
    for option in fields(options):
        value = getattr(options, option.name)
        if option.name == "json_schema" and (wanted := options.response_format) is not None:
            strictness = "strict" if wanted.strict else "loose"
            rows.append((f"options.{option.name}", texts(f"schema.{strictness}", name=wanted.name)))
        elif value is not None and value != "":
            shown = value if isinstance(value, str) else texts.number(value, 2)
            rows.append((f"options.{option.name}", shown))
    return rows


def _facts(facts: MediaFacts, texts: Texts) -> list[tuple[str, str | None]]:
    rows: list[tuple[str, str | None]] = [("receipt.container", facts.container)]
    rows.append(("receipt.duration", _duration(facts, texts)))
    if facts.picture is not None:
        rate = facts.picture.frame_rate
        shown = texts("receipt.no_frame_rate")
        if rate is not None:
            shown = texts("receipt.frame_rate", rate=texts.number(rate, 2))
        picture = texts(
            "receipt.picture_value",
            codec=facts.picture.codec,
            width=facts.picture.width,
            height=facts.picture.height,
            rate=shown,
        )
        rows.append(("receipt.picture", picture))
    if facts.sound is None:
        rows.append(("receipt.sound", texts("receipt.no_sound")))
        return rows
    channels = {1: "1", 2: "2"}.get(facts.sound.channels, "n")
    sound = texts(
        "receipt.sound_value",
        codec=facts.sound.codec,
        rate=texts.number(facts.sound.sample_rate / 1000, 2),
        channels=texts(f"receipt.channels_{channels}", channels=facts.sound.channels),
    )
    level = texts("receipt.level_none")
    if facts.sound.level_dbfs is not None:
        level = texts(
            "receipt.level_value",
            level=texts.number(facts.sound.level_dbfs, 1),
            silent=texts.percent(facts.sound.silent_share),
        )
    return [*rows, ("receipt.sound", sound), ("receipt.level", level)]


def _duration(facts: MediaFacts, texts: Texts) -> str | None:
    """How long it is, picture and sound apart where they differ."""
    picture_s = facts.picture.duration_s if facts.picture is not None else None
    sound_s = facts.sound.duration_s if facts.sound is not None else None
    if picture_s is not None and sound_s is not None and abs(picture_s - sound_s) >= _APART_S:
        return texts(
            "receipt.duration_both",
            picture=texts.seconds(picture_s, 2),
            sound=texts.seconds(sound_s, 2),
        )
    return None if facts.duration_s is None else texts.seconds(facts.duration_s, 2)


def mix_sentence(mix: Mix, texts: Texts) -> str:
    """How the channels of a sound become one."""
    if mix.channel is None:
        return texts("mix.sum")
    return texts("mix.channel", channel=mix.channel + 1)


def _conversion(request: SentRequest, texts: Texts) -> str:
    if request.link is not None:
        return texts("receipt.passed_on")
    if request.converted_from is None:
        return texts("receipt.unchanged")
    return texts(f"receipt.{request.change}", source=request.converted_from)


def _passed_on(request: SentRequest, texts: Texts) -> str | None:
    """What the router says that the provider got; None where it says nothing."""
    told = request.passed_on
    if told is None:
        return None
    media = ", ".join(
        " ".join(filter(None, (one.part, one.form, _bytes(one.base64_bytes, texts))))
        for one in told.media
    )
    return texts(
        "receipt.passed_media_value",
        model=told.model or texts("unknown"),
        media=media or texts("receipt.passed_nothing"),
    )


def _bytes(count: int | None, texts: Texts) -> str | None:
    if count is None:
        return None
    exact = texts("receipt.bytes_value", bytes=texts.number(count))
    return exact if count < 1024 else f"{texts.size(count)} ({exact})"


def table_html(
    title: str,
    rows: list[tuple[str, str | None]],
    texts: Texts,
    bars: list[Bar] | tuple[()] = (),
    small: str = "",
) -> Markup:
    """A table of ``rows``, whose keys name them; below it a waterfall and a ``small`` line."""
    shown = [_Row(key, texts(key), value) for key, value in rows]
    return rendered(
        "table", title=texts(title), rows=shown, unknown=texts("unknown"), bars=bars, small=small
    )
