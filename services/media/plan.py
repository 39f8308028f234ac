"""What is to be done with a file: the one place that decides it.

:mod:`services.media.making` carries a plan out, and
:func:`services.media.estimate.estimate` says beforehand what it would come to.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

from services import errors
from services.media import forms, matching
from services.media.forms import WireForm
from services.media.values import Change, Fit, Kind, MediaFacts, Mix, Picture, Sound, Takes

SPEECH_RATE: Final = 16_000
_BITS_PER_CHANNEL: Final = 64_000
#: What LAME makes of speech at 16 kHz without a difference to a recogniser.
_SPEECH_BITS: Final = 32_000

#: Bits a second of a picture: at most so many for each of its pixels, times the
#: root of its pictures a second, since those that lie farther apart have less in
#: common. 720p gets 1.6 Mbit/s at 30 pictures a second and 0.4 at 2.
_SMALL_BITS: Final = 0.317
#: Where nothing has to be small, a good deal more: 1080p30 gets 7.4 Mbit/s.
_GOOD_BITS: Final = 0.65
_USUAL_RATE: Final = 30.0


@dataclass(frozen=True, slots=True)
class PictureEncoding:
    """How a picture is encoded: most pixels, most high, most pictures a second, x264's choices.

    With ``b_frames`` it takes a fifth less. An MP4 then tells how long each picture stands
    in the order of decoding, and so only those that all stand as long may have them.
    """

    pixels: int
    height: int | None
    frame_rate: float | None
    preset: str
    crf: int
    bit_rate: int
    b_frames: bool = False


@dataclass(frozen=True, slots=True)
class SoundEncoding:
    """How sound is encoded: with a ``rate``, in mono at that.

    None as ``bits_per_channel`` keeps every sample, in 16 bits.
    """

    bits_per_channel: int | None
    rate: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of a file.

    It becomes one of ``form``. A track without an encoding is taken over as it is.
    ``track`` is the number of its sound track, None without one, and ``mix`` how the
    channels of that become one, None for the usual way.
    """

    change: Change
    form: WireForm
    picture: PictureEncoding | None = None
    sound: SoundEncoding | None = None
    start_s: float | None = None
    end_s: float | None = None
    track: int | None = None
    mix: Mix | None = None

    def length_s(self, facts: MediaFacts) -> float | None:
        """Seconds of what is made of ``facts``, None when that is not known."""
        if facts.duration_s is None:
            return None
        end_s = facts.duration_s if self.end_s is None else min(self.end_s, facts.duration_s)
        return max(end_s - (self.start_s or 0.0), 0.0)


def planned(facts: MediaFacts, kind: Kind, takes: Takes, fit: Fit, *, copies: bool = True) -> Plan:
    """The least that makes of ``facts`` something that ``takes`` has, and that fits.

    Without ``copies`` no track of a changed file is taken over as it is.

    Raises:
        NoSound, NoPicture: there is nothing of that kind in the file.
        BadTrim: it is over before the part that is wanted begins.
    """
    if fit.start_s is not None and facts.duration_s is not None and fit.start_s >= facts.duration_s:
        raise errors.BadTrim
    if kind == "audio":
        if facts.sound is None:
            raise errors.NoSound
        plan = _audio(facts, takes, fit, copies=copies)
    elif facts.picture is None:
        raise errors.NoPicture
    else:
        plan = _video(facts, facts.picture, takes, fit, copies=copies)
    if facts.sound is None or plan.change == "none":
        return plan
    return replace(plan, track=facts.sound.track, mix=facts.sound.mix)


def channels_made(sound: Sound, encoding: SoundEncoding) -> int:
    """How many channels an encoding of ``sound`` has: one where they have to be mixed."""
    return 1 if encoding.rate or sound.mix is not None else min(sound.channels, 2)


def _audio(facts: MediaFacts, takes: Takes, fit: Fit, *, copies: bool) -> Plan:
    if fit.start_s is None and fit.end_s is None and not fit.speech:
        form = matching.as_audio(facts, takes)
        if form is not None and _stays(facts):
            return Plan("none", form)
        if (form := matching.rewrapped_audio(facts, takes)) is not None and copies:
            return Plan("remux", form)
    form = matching.audio_target(facts, takes)
    if fit.speech and "mp3" in takes.audio:
        form = forms.BY_NAME["mp3"]
    encoding = _sound(fit)
    if form.name != "mp3":  # every sample is kept
        encoding = SoundEncoding(None, encoding.rate)
    return Plan("transcode", form, sound=encoding, start_s=fit.start_s, end_s=fit.end_s)


def _stays(facts: MediaFacts) -> bool:
    """Whether a file may go out as it is: who gets it hears what was heard here."""
    return matching.is_heard_as_it_is(facts) and matching.is_all_heard(facts)


def _video(facts: MediaFacts, picture: Picture, takes: Takes, fit: Fit, *, copies: bool) -> Plan:
    if fit == Fit():
        form = matching.as_video(facts, takes)
        if form is not None and _stays(facts):
            return Plan("none", form)
        if (form := matching.rewrapped_video(facts, takes)) is not None and copies:
            return Plan("remux", form)
    is_cut = fit.start_s is not None or fit.end_s is not None
    is_smaller = fit.height is not None or fit.frame_rate is not None
    can_keep = copies and not is_cut
    keeps_picture = can_keep and not is_smaller and matching.keeps_picture(facts)
    keeps_sound = can_keep and not fit.speech and matching.keeps_sound(facts)
    return Plan(
        "transcode",
        forms.MP4,
        picture=None if keeps_picture else _picture(picture, fit, is_smaller=is_smaller),
        sound=None if keeps_sound or facts.sound is None else _sound(fit),
        start_s=fit.start_s,
        end_s=fit.end_s,
    )


def _sound(fit: Fit) -> SoundEncoding:
    if fit.speech:
        return SoundEncoding(_SPEECH_BITS, SPEECH_RATE)
    return SoundEncoding(_BITS_PER_CHANNEL, None)


def _picture(picture: Picture, fit: Fit, *, is_smaller: bool) -> PictureEncoding:
    width, height, rate = made_size(picture, fit.height, fit.frame_rate)
    bits = (_SMALL_BITS if is_smaller else _GOOD_BITS) * width * height * math.sqrt(rate)
    return PictureEncoding(
        _MOST_PIXELS,
        fit.height,
        fit.frame_rate,
        preset="veryfast" if rate <= _FEW_PICTURES or not is_smaller else "ultrafast",
        crf=23,
        bit_rate=max(round(bits), _LEAST_BITS),
        # Of few pictures a second readers disagree how long the last one stands.
        b_frames=picture.is_steady and fit.frame_rate is None and rate > _FEW_PICTURES,
    )


#: The pixels of 1080p, upright or not. Models see less than that, and encoding 4K
#: takes 800 MB of memory.
_MOST_PIXELS: Final = 1920 * 1080
#: So many pictures a second leave time to compress each well.
_FEW_PICTURES: Final = 10
_LEAST_BITS: Final = 20_000


def made_size(
    picture: Picture, height: int | None, frame_rate: float | None
) -> tuple[float, float, float]:
    """Width, height and pictures a second of what is made of ``picture``."""
    share = min(height / picture.height, 1.0) if height else 1.0
    share = min(share, math.sqrt(_MOST_PIXELS / (picture.width * picture.height or 1)))
    rate = picture.frame_rate or _USUAL_RATE
    return picture.width * share, picture.height * share, min(frame_rate or rate, rate)
