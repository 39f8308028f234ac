"""The jobs about media, done in this process: for our own files, and at once."""

from dataclasses import replace
from pathlib import Path

from services.media.jobs import film, inspect, pauses, sound
from services.media.jobs.table import Cut, CutPiece, Inspect, ToAudio, ToMp4
from services.media.plan import PictureEncoding, SoundEncoding
from services.media.values import MediaFacts, Mix, RawPcm, Span
from services.media.workshop.worker import Teller

#: How the tracks of a film are made when nothing has to be small.
PICTURE = PictureEncoding(1920 * 1080, None, None, preset="veryfast", crf=23, bit_rate=10**7)
SOUND = SoundEncoding(bits_per_channel=64_000, rate=None)
SPEECH = SoundEncoding(bits_per_channel=32_000, rate=16_000)
#: Every sample is kept.
WHOLE = SoundEncoding(bits_per_channel=None, rate=None)


def nobody(news: type | None = None) -> Teller:
    """Somebody to tell who does not listen, maybe to ``news``."""
    return Teller(lambda *_: None, news)


def facts_of(path: Path, raw: RawPcm | None = None, track: int | None = None) -> MediaFacts:
    """What the file is, as the workshop would say."""
    return inspect.inspect(Inspect(path, raw, track), nobody())


def to_audio(
    path: Path,
    form: str,
    rate: int | None = None,
    start_s: float | None = None,
    end_s: float | None = None,
    raw: RawPcm | None = None,
    mix: Mix | None = None,
) -> Path:
    """The sound of ``path`` in the form of this name, beside it."""
    out = path.with_name(f"converted.{form}")
    how = replace(SOUND if form == "mp3" else WHOLE, rate=rate)
    sound.to_audio(ToAudio(path, raw, out, form, how, start_s, end_s, mix=mix), nobody())
    return out


def to_mp4(path: Path, start_s: float | None = None, end_s: float | None = None, **how) -> Path:
    """``path`` as MP4, beside it; ``how`` the picture is made."""
    out = path.with_name("converted.mp4")
    film.to_mp4(ToMp4(path, out, replace(PICTURE, **how), SOUND, start_s, end_s), nobody())
    return out


def cut(
    path: Path, most_s: float, raw: RawPcm | None = None, form: str = "mp3", **more
) -> tuple[tuple[Span, ...], dict[int, Path]]:
    """Where ``path`` is cut into pieces of speech, and the files of those beside it."""
    folder = path.with_name("pieces")
    folder.mkdir(exist_ok=True)
    how = SPEECH if form == "mp3" else replace(WHOLE, rate=SPEECH.rate)
    spans = pauses.cut(Cut(path, raw, folder, form, how, most_s, **more), nobody(CutPiece))
    return spans, {int(one.name): one for one in folder.iterdir()}
