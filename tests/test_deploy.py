"""Several replicas behind the nginx of deploy/: each visitor has one, and a day has one limit."""

import base64
import contextlib
import json
import threading
from collections import Counter
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx
import pytest
from gradio_client import Client, handle_file

from tests import making
from tests.browser.scripted_api import ScriptedApi, completion
from tests.several import WAIT, Several, until

#: A start is work for seconds, and there are two.
pytestmark = pytest.mark.timeout(400)

SESSIONS, MANY = 40, 200
DAILY_LIMIT, VISITOR_LIMIT = 50, 8
CALL = "/gradio_api/call/v2/ask_audio"
#: How long who is left without an answer may wait to be told, in seconds.
SOON_S = 20


@pytest.fixture(scope="module")
def _several(tmp_path_factory):
    with ScriptedApi() as api:
        environ = {
            "EXTERNAL_API_BASE_URL": api.base_url,
            "EXTERNAL_API_KEY": api.key,
            "TRUSTED_PROXIES": "1",
            "DAILY_LIMIT": str(DAILY_LIMIT),
            "VISITOR_LIMIT": str(VISITOR_LIMIT),
        }
        with Several(tmp_path_factory.mktemp("several"), api, environ).running(2) as several:
            yield several


@pytest.fixture
def several(_several):
    """Two replicas that are up, on a day on which nobody asked for anything yet."""
    _several.revive()
    _several.forget()
    yield _several
    _several.api.over.set()


@dataclass
class Visitor:
    """Somebody at an address of their own, with a sound of their own."""

    several: Several
    number: int
    #: Their own key, with which they are not counted; empty for the host's.
    key: str = ""
    #: The replicas that answered them; more than one where the first was away.
    reached: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.client = httpx.Client(
            base_url=self.several.url,
            # All of 127.0.0.0/8 is this machine.
            transport=httpx.HTTPTransport(local_address=f"127.0.1.{self.number}"),
            timeout=60,
            event_hooks={"response": [self._note]},
        )

    def _note(self, response):
        self.reached.append(response.headers["X-Replica"].split(", ")[-1])

    def sound_file(self):
        path = self.several.folder / f"{self.number}.wav"
        tone = making.tone(0.2 + self.number / 100)
        return making.write_sound(path, tone, container="wav", codec="pcm_s16le")

    def sound(self):
        return self.sound_file().read_bytes()

    def expected(self, question):
        return f"{question} {base64.b64encode(self.sound()).decode()}"

    def upload(self):
        answer = self.client.post("/gradio_api/upload", files={"files": ("a.wav", self.sound())})
        assert answer.status_code == 200, answer.text
        return answer.json()[0]

    def begin(self, question, path, **headers):
        """Ask, and the address at which the answer is heard."""
        file = {"path": path, "meta": {"_type": "gradio.FileData"}}
        asked = {"audio": file, "prompt": question, "model": "openai/gpt-4o", "api_key": self.key}
        answer = self.client.post(CALL, json=asked, headers=headers)
        assert answer.status_code == 200, answer.text
        return f"{CALL}/{answer.json()['event_id']}"

    def ask(self, question, **headers):
        """The content and the report of a whole visit."""
        told = self.client.get(self.begin(question, self.upload(), **headers)).text
        return json.loads(told.rpartition("data: ")[2])

    def replica(self):
        self.client.get("/healthz")
        return self.reached[-1]


@contextlib.contextmanager
def visitors(several, numbers, key=""):
    people = [Visitor(several, number, key) for number in numbers]
    try:
        yield people
    finally:
        for one in people:
            one.client.close()


def each(people, work):
    """What ``work`` gives for each of them, done for all at once."""
    with ThreadPoolExecutor(len(people)) as threads:
        return list(threads.map(work, people))


def ends(reports):
    return Counter(report["error"] and report["error"]["class"] for _, report in reports)


def test_each_of_many_visitors_has_one_replica_and_the_own_answer(several):
    with visitors(several, range(1, SESSIONS + 1), several.api.key) as people:
        answers = each(people, lambda one: one.ask(f"I am {one.number}.")[0])
        assert answers == [one.expected(f"I am {one.number}.") for one in people]
        assert {len(set(one.reached)) for one in people} == {1}
        shares = Counter(one.reached[0] for one in people)
    assert set(shares) == set(several.replicas)
    assert min(shares.values()) >= SESSIONS / 8


def test_a_day_has_one_limit_over_all_replicas(several):
    with visitors(several, range(1, 31)) as people:
        told = each(people, lambda one: [one.ask("Once."), one.ask("Twice.")])
    reports = [report for both in told for report in both]
    assert ends(reports) == {None: DAILY_LIMIT, "DailyLimitReached": 60 - DAILY_LIMIT}
    assert len(several.api.requests) == DAILY_LIMIT


def test_a_visitor_is_the_address_that_nginx_sees_whatever_they_say(several):
    with visitors(several, [1]) as (one,):
        forged = {"X-Forwarded-For": "10.0.0.1", "Forwarded": "for=10.0.0.1"}
        reports = [
            one.ask("Who am I?", **forged | {"X-Real-IP": f"10.0.0.{number}"})
            for number in range(VISITOR_LIMIT + 1)
        ]
    assert ends(reports) == {None: VISITOR_LIMIT, "VisitorLimitReached": 1}


@pytest.mark.parametrize(
    "path", ["/metrics", "/metrics/", "//metrics", "/%6detrics", "/a/../metrics", "/readyz"]
)
def test_what_is_the_hosts_business_is_not_there(several, path):
    answer = httpx.get(f"{several.url}{path}", trust_env=False)
    assert (answer.status_code, "show_and_tell" in answer.text) == (404, False)


def test_who_is_refused_half_way_takes_no_replica_from_others(several):
    with visitors(several, [1]) as (one,):
        its = one.replica()
        for path, headers, status in (
            ("/gradio_api/queue/join", {"Sec-Fetch-Site": "cross-site"}, 403),
            ("/gradio_api/nothing", {}, 404),
            ("/gradio_api/upload", {}, 400),
        ):
            for _ in range(4):
                # A connection of its own: nginx ends it after a body that was read half.
                once = headers | {"Connection": "close"}
                answer = one.client.post(path, content=bytes(3 * 1024**2), headers=once)
                assert (answer.status_code, one.reached[-1]) == (status, its)
        assert one.replica() == its


def test_of_a_replica_that_is_killed_only_its_visitors_notice_and_the_other_takes_them(several):
    asked = Client(several.url, verbose=False, httpx_kwargs={"timeout": 60})
    many = visitors(several, range(1, MANY + 1), several.api.key)
    with many as people, contextlib.closing(asked) as program:
        # The program is at 127.0.0.1: its replica is the one.
        victim = httpx.get(f"{several.url}/healthz", trust_env=False).headers["X-Replica"]
        job = program.submit(
            audio=handle_file(people[0].sound_file()),
            prompt=f"{WAIT}program.",
            model="openai/gpt-4o",
            api_name="/ask_audio",
        )
        # Beside so many others in this process it would not listen in time.
        until(lambda: several.api.requests)
        heard = {one.number: threading.Event() for one in people}

        def listen(one):
            """What one was told until it was over, and what broke it off."""
            question, told = f"{WAIT}{one.number}.", ""
            stream = one.client.stream("GET", one.begin(question, one.upload()), timeout=60)
            try:
                with stream as answer:
                    for line in filter(None, answer.iter_lines()):
                        told = line
                        if question in line:
                            heard[one.number].set()
            except httpx.TransportError as broken:
                return broken
            return json.loads(told.removeprefix("data: "))[0]

        with ThreadPoolExecutor(len(people)) as threads, contextlib.ExitStack() as end:
            end.callback(several.api.over.set)  # else nobody is told anything
            listening = {one.number: threads.submit(listen, one) for one in people}
            for one in people:
                assert heard[one.number].wait(60)
            until(lambda: len(several.api.requests) == len(people) + 1)
            theirs = [one for one in people if one.reached[0] == victim]
            others = [one for one in people if one.reached[0] != victim]
            assert theirs
            assert others
            several.replicas[victim].process.kill()
            for one in theirs:
                assert isinstance(listening[one.number].result(SOON_S), httpx.RemoteProtocolError)
            # All that gradio_client makes of a stream that breaks off.
            with pytest.raises(CancelledError):
                job.result(SOON_S)
            again = each(theirs, lambda one: one.ask("Again."))
            assert not any(listening[one.number].done() for one in others)
            several.api.over.set()
            for one in others:
                question = f"{WAIT}{one.number}."
                assert listening[one.number].result(SOON_S) == one.expected(question)
        assert [content for content, _ in again] == [one.expected("Again.") for one in theirs]
        assert {one.reached[-1] for one in people} == set(several.replicas) - {victim}


def test_of_many_files_nothing_is_lost_with_the_replica_that_was_asking(several):
    api, at_once = several.api, 8

    def script(handler):
        if len(api.requests) > 2:
            api.over.wait(120)
        handler.answer_json(completion("Hello"))

    api.script = script
    with visitors(several, range(1, at_once + 5)) as people:
        files = [handle_file(one.sound_file()) for one in people]
    own_key = {"api_key": api.key, "api_name": "/ask_many"}
    with contextlib.closing(Client(several.url, verbose=False)) as program:
        victim = httpx.get(f"{several.url}/healthz", trust_env=False).headers["X-Replica"]
        job = program.submit(files=files, prompt="Once.", model="openai/gpt-4o", **own_key)

        def told():
            outputs = job.outputs()
            batch = outputs[-1][0] if outputs else {"files": []}
            states = Counter(one["state"] for one in batch["files"])
            return states["answered"] == 2 and states["asking"] == at_once and batch["batch"]

        name = until(told)
        until(lambda: len(api.requests) == 2 + at_once)
        several.replicas[victim].process.kill()
        with pytest.raises(CancelledError):
            job.result(SOON_S)
    api.over.set()
    with contextlib.closing(Client(several.url, verbose=False)) as program:
        batch, _ = program.predict(batch=name, action="look", **own_key)
        states = Counter(one["state"] for one in batch["files"])
        assert states == {"answered": 2, "unsure": at_once, "unsent": 2}
        assert len(api.requests) == 2 + at_once
        batch, _ = program.predict(batch=name, **own_key)
        states = Counter(one["state"] for one in batch["files"])
        assert states == {"answered": 4, "unsure": at_once}
        assert len(api.requests) == 4 + at_once
