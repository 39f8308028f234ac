"""What sending a file would come to, before anything is done, and what would make it fit.

Sizes follow from bit rates, times from speeds that ``python -m tests.benchmarks.media``
measures. A picture is coded to a quality under a most of bits, so its estimate is
that most, or what the original has for as many pixels, if that is less.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from services.media.plan import PictureEncoding, Plan, channels_made, made_size, planned
from services.media.values import Estimate, Fit, Kind, MediaFacts, Offer, Picture, Takes

#: Codec → how many bits x264 needs for each of its.
_X264_NEEDS: Final = MappingProxyType(
    {"hevc": 1.5, "av1": 1.8, "vp9": 1.5, "mpeg4": 0.6, "mpeg2video": 0.5, "mpeg1video": 0.5}
    | {"mjpeg": 0.2, "gif": 0.3, "h263": 0.6, "flv1": 0.6, "dvvideo": 0.1, "rawvideo": 0.02}
)
#: How bits shrink with pixels and with pictures a second: not as fast as these do.
_PER_PIXEL: Final = 0.75
_PER_PICTURE: Final = 0.5
#: Lossless sound takes about so much of its samples' size.
_LOSSLESS_SHARE: Final = 0.6
_LOSSY_BITS: Final = 64_000
_MOST_WAV_RATE: Final = 48_000
#: Headers and indexes, and what a rate control lets through besides.
_OVERHEAD: Final = 1.05
_HEADER_BYTES: Final = 2_000

# Speeds on two processors of some 2.5 GHz, in what is worked on per second. Measured
# as processor time on an hour of mp3 and on 210 s of 1080p at 8 Mbit/s with noise.
#: Seconds of sound decoded and measured, which the result of a change is, too.
_INSPECTED_S: Final = 850.0
_DECODED_S: Final = 900.0
#: Samples of a channel that LAME, and FFmpeg's AAC, encode.
_MP3_SAMPLES: Final = 11e6
_AAC_SAMPLES: Final = 6e6
#: Pixels decoded; those of kept pictures scaled; those encoded by x264 in its preset.
_DECODED_PIXELS: Final = 2.0e9
_SCALED_PIXELS: Final = 1.9e9
_ENCODED_PIXELS: Final = MappingProxyType({"veryfast": 0.125e9, "ultrafast": 0.68e9})
#: Seconds to work out how tones are mapped, and pixels whose tones are.
_TONES_S: Final = 4.5
_TONE_MAPPED_PIXELS: Final = 40e6
_COPIED_BYTES: Final = 200e6

#: Shorter than this a part of a film or a sound says little.
_LEAST_PART_S: Final = 10.0
#: What is tried for a film, best first: pictures as many but smaller, then fewer.
_SMALLER: Final = tuple(Fit(height=height) for height in (1080, 720, 480, 360))
_FEWER: Final = (
    *(Fit(height=720, frame_rate=rate) for rate in (10.0, 5.0, 2.0)),
    *(Fit(height=480, frame_rate=rate) for rate in (5.0, 2.0, 1.0)),
    *(Fit(height=360, frame_rate=rate) for rate in (2.0, 1.0, 0.5)),
    Fit(speech=True, height=240, frame_rate=0.5),
    Fit(speech=True, height=144, frame_rate=0.2),
)


def estimate(facts: MediaFacts, kind: Kind, takes: Takes, fit: Fit) -> Estimate:
    """What would be made with the same arguments, and how long it would take.

    Raises:
        NoSound, NoPicture: there is nothing of that kind in the file.
    """
    plan = planned(facts, kind, takes, fit)
    if plan.change == "none":
        file_bytes, work_s = facts.file_bytes, 0.0
    else:
        file_bytes, work_s = _bytes(facts, kind, plan), _work_s(facts, kind, plan)
    return Estimate(plan.change, plan.form.name, file_bytes, -(-file_bytes // 3) * 4, work_s)


def offers(
    facts: MediaFacts, kind: Kind, takes: Takes, fit: Fit, limit_bytes: Callable[[Kind], int]
) -> tuple[Offer, ...]:
    """What would bring a file to ``limit_bytes`` of its kind, best first.

    Of one that is there nothing but, of a film, its sound alone.

    ``fit`` is what is wanted of it so far: a part, which every offer keeps to. For a
    film smaller pictures, fewer pictures, its sound alone, a part of it; for sound
    what speech needs, and a part of it.

    Raises:
        NoSound, NoPicture: there is nothing of that kind in the file.
        BadTrim: it is over before the part that is wanted begins.
    """
    fits = estimate(facts, kind, takes, fit).file_bytes <= limit_bytes(kind)

    def offer(kind: Kind, change: Fit) -> Offer | None:
        wanted = replace(change, start_s=fit.start_s, end_s=fit.end_s)
        made = Offer(kind, wanted, estimate(facts, kind, takes, wanted))
        return made if made.estimate.file_bytes <= limit_bytes(kind) else None

    def first(kind: Kind, tried: tuple[Fit, ...]) -> Offer | None:
        return next((one for change in tried if (one := offer(kind, change))), None)

    found: list[Offer | None] = []
    if kind == "video" and facts.picture is not None and not fits:
        found += [first("video", _reductions(facts.picture)), first("video", _FEWER)]
    if facts.sound is not None and (kind == "video" or not fits):
        whole = () if kind == "audio" else (Fit(),)
        found.append(first("audio", (*whole, Fit(speech=True))))
    if not fits:
        found.append(_part(facts, kind, takes, fit, limit_bytes(kind)))
    return tuple(one for one in found if one is not None)


def _reductions(picture: Picture) -> tuple[Fit, ...]:
    """Smaller pictures; not one that is larger than the original."""
    return tuple(fit for fit in _SMALLER if fit.height and fit.height <= picture.height)


def _part(facts: MediaFacts, kind: Kind, takes: Takes, fit: Fit, limit_bytes: int) -> Offer | None:
    """As much from the beginning as fits, in the quality that a conversion has."""
    if not facts.duration_s:
        return None
    start_s = fit.start_s or 0.0
    end_s = min(facts.duration_s if fit.end_s is None else fit.end_s, facts.duration_s)
    whole = estimate(facts, kind, takes, Fit(start_s, end_s)).file_bytes
    length_s = math.floor((end_s - start_s) * max(limit_bytes - _HEADER_BYTES, 0) / whole)
    if length_s < _LEAST_PART_S:
        return None
    part = Fit(start_s, min(start_s + length_s, end_s))
    made = estimate(facts, kind, takes, part)
    return Offer(kind, part, made) if made.file_bytes <= limit_bytes else None


def _bytes(facts: MediaFacts, kind: Kind, plan: Plan) -> int:
    length_s = plan.length_s(facts) or 0.0
    bits = _sound_bits(facts, plan)
    if kind == "video":
        assert facts.picture is not None  # it was planned
        bits += _picture_bits(facts, facts.picture, plan.picture)
    elif plan.change == "remux":
        length_s = facts.sound.duration_s if facts.sound else length_s
    return round(length_s * bits / 8 * _OVERHEAD) + _HEADER_BYTES


def _sound_bits(facts: MediaFacts, plan: Plan) -> float:
    """Bits a second of the sound as it will be, or as it is."""
    sound, encoding = facts.sound, plan.sound
    if sound is None:
        return 0.0
    if encoding is None:
        return _own_sound_bits(facts)
    channels = channels_made(sound, encoding)
    if encoding.bits_per_channel:
        return float(encoding.bits_per_channel * channels)
    samples = min(encoding.rate or sound.sample_rate, _MOST_WAV_RATE) * channels * 16.0
    if plan.form.name != "flac":
        return samples
    # Two channels of what two or more had, in no more bits than these had.
    own = _own_sound_bits(facts) * channels / sound.channels
    return min(own, samples) if sound.codec == "flac" else samples * _LOSSLESS_SHARE


def _own_sound_bits(facts: MediaFacts) -> float:
    """Bits a second of the sound in the file, a guess where a picture is there, too."""
    sound = facts.sound
    if sound is None:
        return 0.0
    whole = facts.file_bytes * 8 / (facts.duration_s or 1.0)
    if facts.picture is None:
        return whole
    samples = sound.sample_rate * sound.channels * 16.0
    if sound.codec.startswith("pcm_"):
        return min(samples, whole)
    if sound.codec in {"flac", "alac"}:
        return min(samples * _LOSSLESS_SHARE, whole / 2)
    return min(float(_LOSSY_BITS * sound.channels), whole / 2)


def _picture_bits(facts: MediaFacts, picture: Picture, plan: PictureEncoding | None) -> float:
    own = max(facts.file_bytes * 8 / (facts.duration_s or 1.0) - _own_sound_bits(facts), 0.0)
    if plan is None:
        return own
    _, height, rate = made_size(picture, plan.height, plan.frame_rate)
    _, _, own_rate = made_size(picture, None, None)
    pixels = (height / picture.height) ** 2
    share: float = pixels**_PER_PIXEL * (rate / own_rate) ** _PER_PICTURE
    return min(own * share * _X264_NEEDS.get(picture.codec, 1.0), float(plan.bit_rate))


def _work_s(facts: MediaFacts, kind: Kind, plan: Plan) -> float:
    length_s = plan.length_s(facts) or 0.0
    if plan.change == "remux":
        return facts.file_bytes / _COPIED_BYTES + length_s / _INSPECTED_S
    sound, done_s = facts.sound, length_s / _INSPECTED_S
    if sound is not None and plan.sound is not None:
        channels = channels_made(sound, plan.sound)
        samples = length_s * (plan.sound.rate or sound.sample_rate) * channels
        encoder = _AAC_SAMPLES if kind == "video" else _MP3_SAMPLES
        done_s += samples / encoder if plan.sound.bits_per_channel else 0.0
        # What comes before a part is decoded, too.
        done_s += ((plan.start_s or 0.0) + length_s) / _DECODED_S
    if facts.picture is not None and plan.picture is not None:
        width, height, rate = made_size(facts.picture, None, None)
        small_width, small_height, kept = made_size(
            facts.picture, plan.picture.height, plan.picture.frame_rate
        )
        done_s += length_s * width * height * rate / _DECODED_PIXELS
        done_s += length_s * width * height * kept / _SCALED_PIXELS
        encoded = length_s * small_width * small_height * kept
        done_s += encoded / _ENCODED_PIXELS[plan.picture.preset]
        if facts.picture.is_hdr:
            done_s += _TONES_S + encoded / _TONE_MAPPED_PIXELS
    return done_s
