"""What was heard once is remembered: another question about it does not wait for the ears."""

import pytest

from services import errors
from services.offline_api.jobs import Heard, Transcribe
from services.offline_api.listening import Listener

pytestmark = pytest.mark.anyio


class Ears:
    """Hears one word a sound, or fails; counts how often."""

    def __init__(self):
        self.jobs = []
        self.fails = False

    async def do(self, job, *, is_long, news):
        """As of a workshop."""
        self.jobs.append(job)
        news(Heard(f"{len(self.jobs)}", 0.0, 1.0, (), job.language, is_doubtful=False))
        if self.fails:
            raise errors.AppFailed


@pytest.fixture
def ears():
    return Ears()


@pytest.fixture
def hear(ears, tmp_path):
    """Hears ``samples`` through one listener."""
    listener, numbers = Listener(ears), iter(range(1000))

    async def hear(samples, language="en", most=None):
        path = tmp_path / f"{next(numbers)}"
        path.write_bytes(samples)
        heard = []
        stream = listener.listen(Transcribe(path, language), is_long=False)
        try:
            async for one in stream:
                heard.append(one.text)
                if len(heard) == most:
                    break
        finally:
            await stream.aclose()
        return heard

    return hear


async def test_the_same_samples_are_heard_once_whatever_their_file_is_called(ears, hear):
    assert [await hear(b"one"), await hear(b"one")] == [["1"], ["1"]]
    assert len(ears.jobs) == 1


async def test_other_samples_and_another_language_are_heard(hear):
    every = [await hear(b"one"), await hear(b"two"), await hear(b"one", "ru")]
    assert every == [["1"], ["2"], ["3"]]


async def test_what_failed_is_heard_again(ears, hear):
    ears.fails = True
    with pytest.raises(errors.AppFailed):
        await hear(b"one")
    ears.fails = False
    assert await hear(b"one") == ["2"]


async def test_what_was_left_is_heard_again(hear):
    assert await hear(b"one", most=1) == ["1"]
    assert await hear(b"one") == ["2"]


async def test_of_many_sounds_those_asked_about_last_are_remembered(ears, hear):
    for number in range(32):
        await hear(b"%d" % number)
    await hear(b"0")
    await hear(b"another")
    heard = len(ears.jobs)
    await hear(b"0")
    assert len(ears.jobs) == heard
    await hear(b"1")
    assert len(ears.jobs) == heard + 1
