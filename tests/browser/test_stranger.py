"""The page in front of an API that is slow, broken or hostile."""

import itertools
import json

import pytest
from playwright.sync_api import expect

from tests.browser.scripted_api import completion, delta
from tests.browser.steps import (
    ask,
    choose_tab,
    error,
    open_page,
    phase,
    row,
    stage,
    upload,
    wait_until_done,
)
from tests.clips import clip


@pytest.fixture
def given(page, scripted_app, api):
    """The page with a clip on it, ready to ask."""
    open_page(page, scripted_app.url)
    upload(page, "audio-file", clip("party.mp3"))
    expect(page.locator("#ask")).to_be_enabled()
    return page


def test_stop_stops_closes_the_connection_and_keeps_the_words(given, api):
    def endless(handler):
        handler.stream(
            delta("one ") if number == 0 else delta("more ")
            for number in itertools.takewhile(lambda _: not api.over.wait(0.05), itertools.count())
        )

    api.script = endless
    ask(given)
    expect(given.locator("#answer")).to_contain_text("one more")
    given.locator("#stop").click()
    expect(stage(given, "stopped")).to_be_visible()
    expect(error(given, "Stopped")).to_contain_text("may have been billed")
    assert api.hung_up.wait(10)
    expect(given.locator("#answer")).to_contain_text("one more")
    expect(given.locator("#ask")).to_be_enabled()
    expect(given.locator("#stop")).to_be_disabled()


def test_stop_stops_while_the_server_is_silent(given, api):
    def silent(handler):
        # Reading ends when the client hangs up.
        handler.rfile.read(1)
        api.hung_up.set()

    api.script = silent
    ask(given)
    expect(stage(given, "wait")).to_be_visible()
    given.locator("#stop").click()
    expect(stage(given, "stopped")).to_be_visible()
    assert api.hung_up.wait(10)


@pytest.mark.parametrize("speech", ["silent", "speaking"])
def test_closing_the_tab_closes_the_connection(given, api, speech):
    def script(handler):
        if speech == "silent":
            handler.rfile.read(1)  # reading ends when the client hangs up
            api.hung_up.set()
        else:
            handler.stream(
                itertools.takewhile(
                    lambda _: not api.over.wait(0.05), itertools.repeat(delta("w "))
                )
            )

    api.script = script
    ask(given)
    reached = "wait" if speech == "silent" else "stream"
    expect(stage(given, reached)).to_be_visible()
    given.close()
    assert api.hung_up.wait(10)


def test_the_page_counts_the_seconds_against_the_limit(given, api):
    api.script = lambda handler: handler.rfile.read(1)
    ask(given)
    waiting = stage(given, "wait")
    expect(waiting).to_contain_text("2 sec of at most 300 sec")
    given.locator("#stop").click()
    expect(stage(given, "stopped")).to_be_visible()


def test_a_failed_run_keeps_recording_and_prompt_and_ask_works_again(given, api):
    answers = iter(
        [
            lambda handler: handler.answer_json({"error": {"message": "out of memory"}}, 500),
            lambda handler: handler.answer_json(completion("all is well")),
        ]
    )

    def script(handler):
        next(answers)(handler)

    api.script = script
    given.locator("#prompt textarea").fill("What is said?")
    ask(given)
    failed = error(given, "ProviderFailed")
    expect(failed).to_contain_text("out of memory")
    expect(given.locator("#prompt textarea")).to_have_value("What is said?")
    expect(given.locator("#audio-file")).to_contain_text("party")
    ask(given)
    wait_until_done(given)
    expect(given.locator("#answer")).to_contain_text("all is well")
    assert len(api.requests) == 2
    assert api.requests[0] == api.requests[1]


def test_a_retry_has_a_card_of_its_own_and_leaves_the_words_of_before(given, api):
    answers = iter(
        [
            lambda handler: handler.stream(iter([delta("half an answer"), {"error": "gone"}])),
            lambda handler: handler.answer_json({"error": {"message": "no GPU"}}, 500),
            lambda handler: handler.answer_json(completion("the whole answer")),
        ]
    )

    def script(handler):
        next(answers)(handler)

    api.script = script
    answer, mark = given.locator("#answer"), given.locator("#mark")
    expect(given.locator("#retry")).to_be_hidden()
    ask(given)
    expect(error(given, "FailedAnswer")).to_be_visible()
    given.locator("#retry").click()
    expect(error(given, "ProviderFailed")).to_be_visible()
    before = given.locator("#history li")
    expect(before).to_have_count(1)
    given.locator("#retry").click()
    wait_until_done(given)
    expect(before).to_have_count(2)
    before.last.locator("summary").first.click()
    expect(before.last).to_contain_text("half an answer")
    expect(before.last).to_contain_text("not complete")
    expect(answer).to_contain_text("the whole answer")
    expect(mark).to_have_text("")
    expect(given.locator("#retry")).to_be_hidden()
    assert len(api.requests) == 3


def test_a_new_file_takes_the_offer_to_retry_away(given, api):
    api.script = lambda handler: handler.answer_json({"error": {"message": "no GPU"}}, 500)
    ask(given)
    expect(given.locator("#retry")).to_be_visible()
    given.locator("#audio-file").get_by_label("Clear").click()
    expect(given.locator("#retry")).to_be_hidden()
    upload(given, "audio-file", clip("party.flac"))
    expect(stage(given, "ready")).to_be_visible()


def test_what_was_sent_before_a_failure_is_on_the_receipt(given, api):
    api.script = lambda handler: handler.answer_json({"error": {"message": "no GPU"}}, 500)
    ask(given)
    expect(error(given, "ProviderFailed")).to_be_visible()
    expect(row(given, "receipt.format")).to_have_text("mp3")
    expect(phase(given, "stream")).to_have_text("did not get that far")


def test_what_the_api_does_not_give_reads_not_reported(given, api):
    api.script = lambda handler: handler.answer_json(completion("words"))
    ask(given)
    wait_until_done(given)
    for key in ("model", "provider", "prompt_tokens", "audio_tokens", "total_tokens", "cost"):
        expect(row(given, f"stats.{key}")).to_have_text("not reported")
    expect(phase(given, "server")).to_have_text("not reported")
    expect(phase(given, "stream")).to_have_text("came in one piece")


def test_words_that_came_before_a_failure_stay_on_the_page(given, api):
    api.script = lambda handler: handler.stream(
        iter([delta("half an answer"), {"error": {"code": 502, "message": "gone"}}])
    )
    ask(given)
    expect(error(given, "FailedAnswer")).to_contain_text("may have been billed")
    expect(given.locator("#answer")).to_contain_text("half an answer")
    expect(given.locator("#mark")).to_contain_text("not complete")


def test_a_hostile_answer_loads_nothing_and_runs_nothing(given, api):
    origin = api.origin
    api.script = lambda handler: handler.answer_json(
        completion(
            f"![x]({origin}/image.png) <img src='{origin}/raw.png' onerror='document.title=1'>"
            f"<script>document.title='owned'</script><style>body{{background:url({origin}/css)}}"
            f"</style><audio autoplay src='{origin}/sound'></audio> safe words",
            provider="<img src=x onerror=\"document.title='owned'\">${document.title='owned'}",
            model="{{7*7}}<b>bold</b>",
        )
    )
    called = []
    given.on("request", lambda request: called.append(request.url))
    failed = []
    given.on("requestfailed", lambda request: failed.append(request.url))
    ask(given)
    wait_until_done(given)
    expect(given.locator("#answer")).to_contain_text("safe words")
    expect(row(given, "stats.provider")).to_contain_text("${document.title='owned'}")
    expect(row(given, "stats.model")).to_have_text("{{7*7}}<b>bold</b>")
    assert given.title() == "Show & Tell"
    assert [url for url in called if url.startswith(origin) and url not in failed] == []


def test_a_link_is_passed_on_as_it_is(page, scripted_app, api):
    api.script = lambda handler: handler.answer_json(completion("a film about bees"))
    link = "https://www.youtube.com/watch?v=abc&t=5"
    open_page(page, scripted_app.url)
    choose_tab(page, "video")
    page.locator("#video-url input, #video-url textarea").first.fill(link)
    ask(page)
    wait_until_done(page)
    parts = api.requests[0]["messages"][0]["content"]
    assert parts[1] == {"type": "video_url", "video_url": {"url": link}}
    expect(row(page, "receipt.link")).to_have_text(link)


def test_the_page_calls_no_server_but_its_own(page, scripted_app, api):
    api.script = lambda handler: handler.answer_json(completion("words"))
    called = []
    page.on("request", lambda request: called.append(request.url))
    open_page(page, scripted_app.url)
    upload(page, "audio-file", clip("party.mp3"))
    ask(page)
    wait_until_done(page)
    own = (scripted_app.url, "data:", "blob:")
    assert [url for url in called if not url.startswith(own)] == []


def test_no_key_is_left_in_the_page_its_storage_or_the_log(given, scripted_app, api):
    typed = "ak_canary_of_the_visitor"
    api.script = lambda handler: handler.answer_json(
        {"error": {"message": f"bad key {handler.headers['Authorization']}"}}, 401
    )
    given.get_by_text("Connection and key").click()
    given.locator("#api-key input").fill(typed)
    ask(given)
    expect(error(given, "KeyRejected")).to_be_visible()
    places = {
        "page": given.content(),
        "storage": json.dumps(given.evaluate("({...localStorage, ...sessionStorage})")),
        "config": given.request.get(f"{scripted_app.url}/config").text(),
        "info": given.request.get(f"{scripted_app.url}/gradio_api/info").text(),
        "log": scripted_app.log.read_text(),
    }
    for name, text in places.items():
        assert typed not in text, name
        assert api.key not in text, name
