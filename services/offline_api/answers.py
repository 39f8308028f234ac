"""What the offline API says of a piece of media: only what it heard, saw or measured."""

import contextlib
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

from services import errors
from services.media import matching
from services.media.jobs.table import Inspect, Samples
from services.media.values import MediaFacts, RawPcm, Sound
from services.media.workshop.workshop import Workshop
from services.offline_api import HEARD_RATE, watch
from services.offline_api.contract import Question, Refusal
from services.offline_api.jobs import Heard, Transcribe
from services.offline_api.listening import Listener
from services.offline_api.weights import CURE
from services.offline_api.wording import Sentences, sentences_for
from services.offline_api.writing import Task, task_of, writer

#: How much of a clip is listened to and watched, in seconds.
MOST_HEARD_S = 4 * 3600.0
MOST_WATCHED_S = 600.0
#: Files of so many bytes, and speech of so many seconds, are short work.
_SHORT_BYTES = 3 * 1024 * 1024
_SHORT_S = 20.0


@dataclass(slots=True)
class Tally:
    """What was counted for ``usage``: this API's tokens.

    A text token is a word between white space. An audio token is a frame of
    10 ms that was listened to; a video token is a picture that was looked at.
    ``languages`` are those that were heard, most words first; ``is_cut`` tells that the
    end of a long sound was not.
    """

    prompt_words: int = 0
    answer_words: int = 0
    audio_frames: int = 0
    pictures: int = 0
    languages: tuple[str, ...] = ()
    is_cut: bool = False

    def as_usage(self) -> dict[str, object]:
        """The contract's ``usage``. It costs nothing, and says so."""
        prompt = self.prompt_words + self.audio_frames + self.pictures
        return {
            "prompt_tokens": prompt,
            "completion_tokens": self.answer_words,
            "total_tokens": prompt + self.answer_words,
            "cost": 0,
            "prompt_tokens_details": {
                "cached_tokens": 0,
                "audio_tokens": self.audio_frames,
                "video_tokens": self.pictures,
            },
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        }


class Answers:
    """Listens and watches, each in a workshop; without ``ears`` there are no words."""

    def __init__(self, media: Workshop, ears: Workshop | None) -> None:
        self._media = media
        self._ears = Listener(ears) if ears is not None else None

    async def facts(self, question: Question, path: Path) -> MediaFacts:
        """What the media is, if it is what the request says it is.

        Raises:
            Refusal: 400, where the bytes are of another form or not readable.
        """
        try:
            facts = await self._media.do(Inspect(path, _raw(question)), is_long=_is_long(path))
        except errors.InputError:
            raise Refusal(400, f"The data could not be decoded as {question.form}.") from None
        found = matching.as_audio(facts) if question.kind == "audio" else matching.as_video(facts)
        if found is None or found.name != question.form:
            raise Refusal(
                400,
                f"The request says {question.form}, but the data is {matching.describe(facts)}.",
            )
        return facts

    async def texts(
        self, question: Question, facts: MediaFacts, path: Path, tally: Tally
    ) -> AsyncGenerator[str, None]:
        """The answer, in pieces, as soon as each is known. Fills ``tally``."""
        wording = sentences_for(question.prompt)
        tally.prompt_words = len(question.prompt.split())
        parts = self._about_sound if question.kind == "audio" else self._about_video
        async with contextlib.aclosing(parts(question, facts, path, tally, wording)) as texts:
            async for text in texts:
                tally.answer_words += len(text.split())
                yield text

    async def heard(
        self, sound: Question, facts: MediaFacts, path: Path, language: str, tally: Tally
    ) -> tuple[Heard, ...]:
        """All that is heard, taken for ``language`` where that cannot be told. Fills ``tally``.

        Raises:
            Refusal: 501 without ears, 413 where not all of it would be heard.
        """
        if self._ears is None:
            raise Refusal(501, f"There are no ears here. This installs them: {CURE}")
        assert facts.sound is not None  # an audio format has one
        job = _samples(path, _raw(sound), facts.sound)
        listening = self._heard(self._ears, job, language, tally)
        async with contextlib.aclosing(listening) as parts:
            heard = tuple([part async for part in parts])
        if tally.is_cut:
            raise Refusal(413, f"The sound is longer than {MOST_HEARD_S:.0f} s.")
        return heard

    async def _about_sound(
        self, question: Question, facts: MediaFacts, path: Path, tally: Tally, wording: Sentences
    ) -> AsyncGenerator[str, None]:
        assert facts.sound is not None  # an audio format has one
        task = task_of(question.prompt)
        job = _samples(path, _raw(question), facts.sound)
        speech = self._speech(job, tally, wording, task, is_timed=False)
        async with contextlib.aclosing(speech) as texts:
            async for text in texts:
                yield text
        sound = wording.say(
            "sound",
            container=facts.container,
            codec=facts.sound.codec,
            rate=facts.sound.sample_rate / 1000,
            channels=_channels(facts.sound, wording),
            duration=facts.sound.duration_s,
        )
        level = _level(facts.sound, wording)
        yield f"\n\n---\n\n{self._about(task, tally, wording)}\n\n- {sound}\n- {level}\n"

    def _about(self, task: Task, tally: Tally, wording: Sentences) -> str:
        """Who heard this, in what language, and what it cannot do."""
        if self._ears is None:
            return f"*{wording.say('who_video')}*"
        sentences = [wording.say("who")]
        if tally.languages:
            names = ", ".join(wording.language(one) for one in tally.languages)
            sentences.append(wording.say("heard_in", languages=names))
        if task.needs_model:
            sentences.append(wording.say("needs_model"))
        return f"*{' '.join(sentences)}*"

    async def _about_video(
        self, question: Question, facts: MediaFacts, path: Path, tally: Tally, wording: Sentences
    ) -> AsyncGenerator[str, None]:
        yield f"*{wording.say('who_video')}*\n\n- {_video(facts, wording)}\n"
        seen = await watch.watch(self._media, path, path.parent, facts.duration_s, MOST_WATCHED_S)
        tally.pictures = seen.pictures
        yield _sights(seen, wording)
        if facts.sound is None:
            yield f"- {wording.say('no_track')}\n"
            return
        track = wording.say(
            "track",
            codec=facts.sound.codec,
            rate=facts.sound.sample_rate / 1000,
            channels=_channels(facts.sound, wording),
        )
        yield f"- {track}\n- {_level(facts.sound, wording)}\n\n**{wording.say('words')}**\n\n"
        task = task_of(question.prompt)
        job = _samples(path, None, facts.sound)
        speech = self._speech(job, tally, wording, task, is_timed=True)
        async with contextlib.aclosing(speech) as texts:
            async for text in texts:
                yield text
        if self._ears is not None:
            yield f"\n\n{self._about(task, tally, wording)}\n"

    async def _speech(
        self,
        job: Samples,
        tally: Tally,
        wording: Sentences,
        task: Task,
        *,
        is_timed: bool,
    ) -> AsyncGenerator[str, None]:
        if self._ears is None:
            yield wording.say("cannot_hear", command=CURE)
            return
        writing = writer(task.manner, wording, is_timed=is_timed)
        listening = self._heard(self._ears, job, wording.locale, tally)
        async with contextlib.aclosing(listening) as heard:
            async for one in heard:
                yield writing.write(one)
        yield writing.rest() if tally.languages else wording.say("no_speech")
        if tally.is_cut:
            yield "\n\n" + wording.say("listened_to", seconds=MOST_HEARD_S)

    async def _heard(
        self, ears: Listener, job: Samples, language: str, tally: Tally
    ) -> AsyncGenerator[Heard, None]:
        """What is heard in the sound that ``job`` gets out of its file. Fills ``tally``."""
        decoded = await self._media.do(job, is_long=_is_long(job.path))
        tally.audio_frames = decoded.samples * 100 // HEARD_RATE
        tally.is_cut = decoded.is_cut
        words = Counter[str]()
        is_long = decoded.samples > _SHORT_S * HEARD_RATE
        listening = ears.listen(Transcribe(job.out, language), is_long=is_long)
        async with contextlib.aclosing(listening) as heard:
            async for one in heard:
                words[one.language] += len(one.words)
                yield one
        tally.languages = tuple(language for language, _ in words.most_common())


def _is_long(path: Path) -> bool:
    return path.stat().st_size > _SHORT_BYTES


def _samples(path: Path, raw: RawPcm | None, sound: Sound) -> Samples:
    """The job that gets ``sound`` out of the file for the ears, as one channel."""
    out = path.with_name("samples")
    return Samples(path, raw, out, HEARD_RATE, MOST_HEARD_S, sound.track, sound.mix)


def _raw(question: Question) -> RawPcm | None:
    if question.form == "pcm16":
        return RawPcm("pcm16")
    return RawPcm("pcm24") if question.form == "pcm24" else None


def _channels(sound: Sound, wording: Sentences) -> str:
    name = {1: "mono", 2: "stereo"}.get(sound.channels, "many")
    return wording.say(name, channels=sound.channels)


def _level(sound: Sound, wording: Sentences) -> str:
    if sound.level_dbfs is None:
        return wording.say("digital_silence")
    return wording.say("level", level=sound.level_dbfs, silent=sound.silent_share)


def _video(facts: MediaFacts, wording: Sentences) -> str:
    picture = facts.picture
    assert picture is not None  # a video MIME type has one
    rate, duration = picture.frame_rate, facts.duration_s
    return wording.say(
        "video",
        container=facts.container,
        codec=picture.codec,
        width=picture.width,
        height=picture.height,
        rate=wording.say("rate", rate=rate) if rate else wording.say("no_rate"),
        duration=wording.say("duration", duration=duration)
        if duration
        else wording.say("no_duration"),
        size=facts.file_bytes,
    )


def _sights(seen: watch.Seen, wording: Sentences) -> str:
    lines = [f"- {wording.say('shots', count=len(seen.shots))}"]
    lines += [f"    - {wording.say('shot', start=one, end=two)}" for one, two in seen.shots]
    colours = ", ".join(
        wording.say("colour", name=wording.say(name), share=share) for name, share in seen.colours
    )
    if colours:
        lines.append(f"- {wording.say('colours', colours=colours)}")
    lines.append(f"- {wording.say('light', brightness=seen.brightness, motion=seen.motion)}")
    if seen.cut_short:
        lines.append(f"- {wording.say('watched', seconds=MOST_WATCHED_S)}")
    return "\n".join(lines) + "\n"
