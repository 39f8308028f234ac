"""What the offline API says of a piece of media: only what it heard, saw or measured."""

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

from services import errors
from services.media import formats
from services.media.facts import MediaFacts, RawPcm, Sound
from services.media.inspect import inspect
from services.media.sandbox import Sandbox
from services.offline_api import HEARD_RATE, watch
from services.offline_api.contract import Question, Refusal
from services.offline_api.wording import Words, words_for

#: How much of a clip is listened to and watched, in seconds.
MOST_HEARD_S = 600.0
MOST_WATCHED_S = 600.0


@dataclass(slots=True)
class Tally:
    """What was counted for ``usage``: this API's tokens.

    A text token is a word between white space. An audio token is a frame of
    10 ms that the recogniser was given; a video token is a picture that was
    looked at.
    """

    prompt_words: int = 0
    answer_words: int = 0
    audio_frames: int = 0
    pictures: int = 0

    def as_usage(self) -> dict[str, object]:
        """The contract's ``usage``. It costs nothing, and says so."""
        prompt = self.prompt_words + self.audio_frames + self.pictures
        return {
            "prompt_tokens": prompt,
            "completion_tokens": self.answer_words,
            "total_tokens": prompt + self.answer_words,
            "cost": 0,
            "prompt_tokens_details": {
                "audio_tokens": self.audio_frames,
                "video_tokens": self.pictures,
            },
        }


class Answers:
    """Listens and watches, each in a sandbox."""

    def __init__(self, media: Sandbox, ears: Sandbox) -> None:
        self._media = media
        self._ears = ears

    async def facts(self, question: Question, path: Path) -> MediaFacts:
        """What the media is, if it is what the request says it is.

        Raises:
            Refusal: 400, where the bytes are of another form or not readable.
        """
        try:
            facts = await inspect(self._media, path, _raw(question))
        except errors.InputError:
            raise Refusal(400, f"The data could not be decoded as {question.form}.") from None
        found = (
            formats.audio_format(facts) if question.kind == "audio" else formats.video_mime(facts)
        )
        if found != question.form:
            raise Refusal(
                400,
                f"The request says {question.form}, but the data is {formats.describe(facts)}.",
            )
        return facts

    async def texts(
        self, question: Question, facts: MediaFacts, path: Path, tally: Tally
    ) -> AsyncGenerator[str, None]:
        """The answer, in pieces, as soon as each is known. Fills ``tally``."""
        words = words_for(question.prompt)
        tally.prompt_words = len(question.prompt.split())
        parts = self._about_sound if question.kind == "audio" else self._about_video
        async with contextlib.aclosing(parts(question, facts, path, tally, words)) as texts:
            async for text in texts:
                tally.answer_words += len(text.split())
                yield text

    async def _about_sound(
        self, question: Question, facts: MediaFacts, path: Path, tally: Tally, words: Words
    ) -> AsyncGenerator[str, None]:
        assert facts.sound is not None  # an audio format has one
        async with contextlib.aclosing(self._speech(path, _raw(question), tally, words)) as texts:
            async for text in texts:
                yield text
        sound = words.say(
            "sound",
            container=facts.container,
            codec=facts.sound.codec,
            rate=facts.sound.sample_rate / 1000,
            channels=_channels(facts.sound, words),
            duration=facts.sound.duration_s,
        )
        level = _level(facts.sound, words)
        yield f"\n\n---\n\n*{words.say('who')}*\n\n- {sound}\n- {level}\n"

    async def _about_video(
        self, _question: Question, facts: MediaFacts, path: Path, tally: Tally, words: Words
    ) -> AsyncGenerator[str, None]:
        yield f"*{words.say('who_video')}*\n\n- {_video(facts, words)}\n"
        seen = await watch.watch(self._media, path, path.parent, facts.duration_s, MOST_WATCHED_S)
        tally.pictures = seen.pictures
        yield _sights(seen, words)
        if facts.sound is None:
            yield f"- {words.say('no_track')}\n"
            return
        track = words.say(
            "track",
            codec=facts.sound.codec,
            rate=facts.sound.sample_rate / 1000,
            channels=_channels(facts.sound, words),
        )
        yield f"- {track}\n- {_level(facts.sound, words)}\n\n**{words.say('words')}**\n\n"
        async with contextlib.aclosing(self._speech(path, None, tally, words)) as texts:
            async for text in texts:
                yield text

    async def _speech(
        self, path: Path, raw: RawPcm | None, tally: Tally, words: Words
    ) -> AsyncGenerator[str, None]:
        samples = path.with_name("samples")
        decoded = await self._media.run(
            "samples",
            path=str(path),
            raw=_as_json(raw),
            out=str(samples),
            sample_rate=HEARD_RATE,
            most_s=MOST_HEARD_S,
        )
        heard = False
        can_hear = True
        async with contextlib.aclosing(self._ears.stream("listen", path=str(samples))) as pieces:
            async for piece in pieces:
                tally.audio_frames += piece.get("frames", 0)
                can_hear = can_hear and piece.get("can_hear", True)
                if text := piece.get("text"):
                    yield f" {text}" if heard else text
                    heard = True
        if not can_hear:
            yield words.say("cannot_hear")
        elif not heard:
            yield words.say("no_speech")
        if decoded["cut"]:
            yield "\n\n" + words.say("listened_to", seconds=MOST_HEARD_S)


def _raw(question: Question) -> RawPcm | None:
    if question.form == "pcm16":
        return RawPcm("pcm16")
    return RawPcm("pcm24") if question.form == "pcm24" else None


def _as_json(raw: RawPcm | None) -> dict[str, object] | None:
    if raw is None:
        return None
    return {"format": raw.format, "sample_rate": raw.sample_rate, "channels": raw.channels}


def _channels(sound: Sound, words: Words) -> str:
    name = {1: "mono", 2: "stereo"}.get(sound.channels, "many")
    return words.say(name, channels=sound.channels)


def _level(sound: Sound, words: Words) -> str:
    if sound.level_dbfs is None:
        return words.say("digital_silence")
    return words.say("level", level=sound.level_dbfs, silent=sound.silent_share)


def _video(facts: MediaFacts, words: Words) -> str:
    picture = facts.picture
    assert picture is not None  # a video MIME type has one
    rate, duration = picture.frame_rate, facts.duration_s
    return words.say(
        "video",
        container=facts.container,
        codec=picture.codec,
        width=picture.width,
        height=picture.height,
        rate=words.say("rate", rate=rate) if rate else words.say("no_rate"),
        duration=words.say("duration", duration=duration) if duration else words.say("no_duration"),
        size=facts.file_bytes,
    )


def _sights(seen: watch.Seen, words: Words) -> str:
    lines = [f"- {words.say('shots', count=len(seen.shots))}"]
    lines += [f"    - {words.say('shot', start=one, end=two)}" for one, two in seen.shots]
    colours = ", ".join(
        words.say("colour", name=words.say(name), share=share) for name, share in seen.colours
    )
    if colours:
        lines.append(f"- {words.say('colours', colours=colours)}")
    lines.append(f"- {words.say('light', brightness=seen.brightness, motion=seen.motion)}")
    if seen.cut_short:
        lines.append(f"- {words.say('watched', seconds=MOST_WATCHED_S)}")
    return "\n".join(lines) + "\n"
