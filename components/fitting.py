"""The ways to send less of it, and what is chosen of them."""

import re
from dataclasses import dataclass, field
from typing import Any, Final

import gradio as gr
from gradio.blocks import Block

from components.texts import Texts
from services.assistant import Fit, Forecast, Kind, Offer, Track
from services.errors import BadArgument, BadTrim

#: The choice that changes nothing, and the one that cuts the recording up.
AS_IS: Final = "as_is"
PIECES: Final = "pieces"
#: Gradio refuses a value that is no choice, though nobody sees either.
NO_TRACKS: Final = [("", "")]

#: A way to make it smaller is written in words with spaces between, as in "480p 5fps": the
#: sound alone, the lines of the picture, pictures a second, and seconds, each at most.
_WORD: Final = re.compile(
    r"(sound|speech)|([1-9]\d{1,3})p|([1-9]\d?(?:\.\d+)?)fps|([1-9]\d{0,5}(?:\.\d+)?)s"
)
_WORDS: Final = ("sound", "height", "rate", "length")
#: The digits of a track's number: a file has 256 of them at most.
_LONGEST_TRACK: Final = 3

#: Seconds alone, minutes and seconds, or hours, minutes and seconds: a part that has
#: one before it goes up to 59.
_TIME: Final = re.compile(
    r"(?:(?:(\d{1,2}):(?=[0-5]?\d:))?(\d{1,3}):(?=[0-5]?\d(?!\d)))?(\d{1,5}(?:[.,]\d{1,3})?)"
)


@dataclass(frozen=True, slots=True)
class Fitting:
    """The components: what will be sent, what may be chosen, the trim, and what both are for."""

    plan: gr.HTML
    choice: gr.Radio
    track: gr.Radio
    start: gr.Textbox
    end: gr.Textbox
    fitted: gr.Textbox
    found: gr.Textbox

    def cleared(self, media_id: str, start: str, end: str) -> dict[Block, Any]:
        """The updates by which nothing is chosen yet for the media of this name.

        ``start`` and ``end`` are what stood there for other media. Where nothing did nothing is
        written: words may have been typed for the new ones since.
        """
        return {
            self.choice: AS_IS,
            self.track: gr.update(value="", visible=False),
            self.start: "" if start else gr.skip(),
            self.end: "" if end else gr.skip(),
            self.fitted: media_id,
        }


def create_fitting(i18n: gr.I18n) -> Fitting:
    """Choices that are shown once there is something to choose from, and the trim."""
    plan = gr.HTML(js_on_load=None, elem_id="plan")
    choice = gr.Radio(
        choices=[(i18n("fit.as_is"), AS_IS)],
        value=AS_IS,
        label=i18n("fit.label"),
        visible=False,
        elem_id="fit",
    )
    track = gr.Radio(
        choices=NO_TRACKS, value="", label=i18n("track.label"), visible=False, elem_id="track"
    )
    with gr.Accordion(i18n("trim.title"), open=False, elem_id="trim"), gr.Row():
        start = gr.Textbox(
            label=i18n("trim.from"), placeholder="0:00", max_lines=1, elem_id="trim-from"
        )
        end = gr.Textbox(
            label=i18n("trim.to"), placeholder=i18n("trim.end"), max_lines=1, elem_id="trim-to"
        )
    # What the choice and the times were given for. It travels with them, so that the
    # three always belong together, however fast the media in front is another.
    fitted = gr.Textbox(visible=False, elem_id="fitted")
    # What its bytes are, for the same reason with the name of it.
    found = gr.Textbox(visible=False, elem_id="found")
    return Fitting(plan, choice, track, start, end, fitted, found)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose; ``kind`` is None where the media stays what it is.

    ``track`` is the number of the sound track, None where it is left to the app.
    """

    kind: Kind | None = None
    fit: Fit = field(default_factory=Fit)
    in_pieces: bool = False
    track: int | None = None


def chosen(choice: str | None, start: str, end: str, track: str = "") -> Choice:
    """The choice, the times and the sound track, understood.

    Raises:
        BadTrim: a time is none, or the end is not after the start.
        BadArgument: there is no such choice, or no such track.
    """
    start_s, end_s = _seconds(start), _seconds(end)
    if end_s is not None and end_s <= (start_s or 0):
        raise BadTrim
    if len(track) > _LONGEST_TRACK:
        raise BadArgument(argument="track")
    number = int(track) if track.isdecimal() else None
    if not choice or choice in (AS_IS, PIECES):
        return Choice(None, Fit(start_s, end_s), choice == PIECES, number)
    words = _words(choice)
    if end_s is None and "length" in words:
        end_s = (start_s or 0) + float(words["length"])
    height, rate = words.get("height"), words.get("rate")
    fit = Fit(
        start_s,
        end_s,
        speech=words.get("sound") == "speech",
        height=int(height) if height else None,
        frame_rate=float(rate) if rate else None,
    )
    return Choice("audio" if "sound" in words else None, fit, track=number)


def _words(choice: str) -> dict[str, str]:
    """The words of ``choice`` by what they are about.

    Raises:
        BadArgument: a word is none, or two do not go together.
    """
    words: dict[str, str] = {}
    for word in choice.split():
        found = _WORD.fullmatch(word)
        if found is None:
            raise BadArgument(argument="fit")
        (about, value), *_ = ((a, v) for a, v in zip(_WORDS, found.groups(), strict=True) if v)
        if about in words:
            raise BadArgument(argument="fit")
        words[about] = value
    if "sound" in words and set(words) & {"height", "rate"}:
        raise BadArgument(argument="fit")
    return words


def _key(offer: Offer) -> str:
    fit = offer.fit
    words = []
    if offer.kind == "audio":
        words.append("speech" if fit.speech else "sound")
    if fit.height is not None:
        words.append(f"{fit.height}p")
    if fit.frame_rate is not None:
        words.append(f"{fit.frame_rate:.12g}fps")
    if fit.end_s is not None:
        words.append(f"{fit.end_s - (fit.start_s or 0):.12g}s")
    return " ".join(words)


def _seconds(text: str | None) -> float | None:
    """``"1:02:03.5"``, ``"2:03"`` or ``"123"`` as seconds; None for an empty field."""
    if not text or not text.strip():
        return None
    if (found := _TIME.fullmatch(text.strip())) is None:
        raise BadTrim
    hours, minutes, seconds = found.groups()
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds.replace(",", "."))


def track_choices(plain: Forecast, now: str, texts: Texts) -> Any:
    """An update of the sound tracks to choose from; that which is sent by itself has no value."""
    tracks, sound = plain.facts.tracks, plain.facts.sound
    own = sound.track if sound is not None else 0
    offered = [
        (_track_label(number, track, texts), "" if number == own else str(number))
        for number, track in enumerate(tracks)
    ]
    return _update(offered or NO_TRACKS, now, "")


def _track_label(number: int, track: Track, texts: Texts) -> str:
    words = [texts.language_name(track.language), track.title, track.codec]
    words += [texts("track.silent")] if track.is_silent else []
    return f"{number + 1}: {', '.join(word for word in words if word)}"


def choices(forecast: Forecast, now: str | None, texts: Texts) -> Any:
    """An update of the choices: those that would make what is too large fit."""
    offered = [(texts("fit.as_is"), AS_IS)]
    offered += [(_label(offer, texts), _key(offer)) for offer in forecast.offers]
    if forecast.can_be_cut or forecast.pieces:
        offered.append((texts("fit.pieces"), PIECES))
    return _update(offered, now, AS_IS)


def _update(offered: list[tuple[str, str]], now: str | None, otherwise: str) -> Any:
    """``offered`` to choose from, with ``otherwise`` chosen where ``now`` is not among them.

    What is chosen is not written again: it may have been chosen anew since it was read.
    """
    stays = now in [value for _, value in offered]
    value = {} if stays else {"value": otherwise}
    return gr.update(choices=offered, visible=len(offered) > 1, **value)


def _label(offer: Offer, texts: Texts) -> str:
    fit = offer.fit
    parts = []
    if fit.end_s is not None:
        length_s = fit.end_s - (fit.start_s or 0)
        parts.append(texts("fit.part", length=texts.length(length_s)))
    elif offer.kind == "audio":
        parts.append(texts("fit.speech") if fit.speech else texts("fit.sound"))
    if fit.height is not None:
        parts.append(texts("fit.height", height=fit.height))
    if fit.frame_rate is not None:
        parts.append(texts("receipt.frame_rate", rate=texts.number(fit.frame_rate, 1)))
    size = texts(
        "fit.estimate",
        size=texts.size(offer.estimate.file_bytes),
        seconds=texts.length(max(offer.estimate.work_s, 1)),
    )
    return f"{', '.join(parts)} ({size})"
