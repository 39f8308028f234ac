"""What will be sent, said before it is."""

from markupsafe import Markup

from components.prices import costs_words
from components.result.receipt import WORTH_SAYING, mark_html, mix_sentence
from components.result.templates import rendered
from components.status import fault_html
from components.texts import Texts
from services.assistant import Fault, Forecast
from services.errors import FileTooLarge


def sending_html(forecast: Forecast, turns: int, texts: Texts) -> Markup:
    """What will be sent, in a line, with the ``turns`` that are followed up."""
    estimate, facts = forecast.estimate, forecast.facts
    about = "" if estimate.change == "none" else "≈ "
    words = {"size": about + texts.size(estimate.file_bytes), "change": ""}
    is_long = estimate.file_bytes > forecast.limit_bytes and not forecast.pieces
    if is_long:
        words["limit"] = texts.size(forecast.limit_bytes)
        return rendered("sending", words=texts("sending.too_large", **words), is_bad=True)
    words["length"] = texts("sending.unknown_length")
    if facts.duration_s is not None:
        words["length"] = texts.length(facts.duration_s)
    change = "pieces" if forecast.pieces else estimate.change
    words["change"] = texts(f"sending.{change}")
    flaw = f" {texts(f'mark.{forecast.flaw}')}" if forecast.flaw else ""
    line = texts(f"sending.{forecast.kind}", **words) + flaw
    if turns:
        line = texts.counted(
            "sending.follow",
            turns,
            turns=texts.number(turns),
            size=about + texts.size(forecast.body_bytes),
        )
    if forecast.costs is not None:
        line += f" · {costs_words(forecast.costs, texts)}"
    return rendered("sending", words=line, is_bad=bool(flaw))


def forecast_html(forecast: Forecast, texts: Texts) -> Markup:
    """What will be sent, how large, how long it takes, and what is wrong with it."""
    estimate = forecast.estimate
    about = "" if estimate.change == "none" else "≈ "
    words = texts(
        "plan.size",
        format=estimate.format,
        size=about + texts.size(estimate.file_bytes),
    )
    change = texts(f"plan.{estimate.change}", seconds=texts.seconds(max(estimate.work_s, 0.1)))
    lines = [change]
    if forecast.pieces:
        pieces = texts.number(forecast.pieces)
        lines.append(texts.counted("plan.pieces", forecast.pieces, pieces=pieces))
    lines += _about_sound(forecast, texts)
    if forecast.costs is None:
        lines.append(texts("plan.no_costs"))
    elif forecast.costs.most:
        lines.append(texts("plan.costs", costs=costs_words(forecast.costs, texts)))
    shown = rendered("forecast", change=estimate.change, size=words, lines=lines)
    if estimate.file_bytes > forecast.limit_bytes and not forecast.pieces:
        too_large = FileTooLarge(file_bytes=estimate.file_bytes, limit_bytes=forecast.limit_bytes)
        shown += fault_html(Fault.of(too_large), texts("billed.nothing_sent"), texts)
    if forecast.flaw is not None:
        shown += mark_html(f"mark.{forecast.flaw}", texts)
    return shown


def _about_sound(forecast: Forecast, texts: Texts) -> list[str]:
    """Which of several sound tracks is sent, how its channels are mixed, what is missing of it."""
    sound, tracks = forecast.facts.sound, forecast.facts.tracks
    if sound is None:
        return []
    lines = []
    if len(tracks) > 1:
        facts = {"number": sound.track + 1, "tracks": len(tracks)}
        is_instead = any(one.is_default and one.is_silent for one in tracks)
        lines.append(texts("plan.track_instead" if is_instead else "plan.track", **facts))
    if forecast.mix is not None:
        lines.append(mix_sentence(forecast.mix, texts))
    if sound.lost_share >= WORTH_SAYING:
        lines.append(texts("plan.lost", share=texts.percent(sound.lost_share)))
    return lines
