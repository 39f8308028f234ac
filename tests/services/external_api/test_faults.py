"""Each fault of the tables in ``faults``: what a person sees, what is sent, what is kept."""

import asyncio
import html
import json
import traceback

import pytest
from components.answer import receipt_html, stats_html

from components.status import error_html, is_worth_a_retry
from components.texts import Texts
from services.external_api.transport import Network
from tests.services.external_api.faults import FAULTS
from tests.services.external_api.faults.fault import KEY, outcome_of

EN = Texts("en")


@pytest.fixture(scope="module")
def runner():
    """An event loop for all faults."""
    with asyncio.Runner() as one:
        yield one


@pytest.fixture(scope="module")
def network(runner):
    """Connections for all faults: none may spoil them for the next."""
    one = Network()
    yield one
    runner.run(one.aclose())


@pytest.fixture(scope="module", params=FAULTS, ids=lambda fault: fault.id)
def outcome(request, runner, network, sandbox, tmp_path_factory):
    """What came of running into the fault, once for all that is said of it."""
    folder = tmp_path_factory.mktemp("fault")
    return runner.run(outcome_of(request.param, sandbox, network, folder))


def page_of(outcome):
    """What the page shows of the error, as plain text."""
    return html.unescape(error_html(outcome.error, EN)) if outcome.error else ""


def test_ids_tell_faults_apart():
    ids = [fault.id for fault in FAULTS]
    assert sorted(ids) == sorted(set(ids))


def test_the_person_sees_what_happened_or_the_whole_answer(outcome):
    seen, page = outcome.fault.seen, page_of(outcome)
    if seen is None:
        assert page == ""
        assert outcome.reports[0].text == outcome.fault.words
        return
    assert f'data-error="{seen.error}"' in page
    assert f"<b>{seen.what}</b>" in page
    assert all(line in page for line in seen.lines)
    assert ("The API said" in page) is any("The API said" in line for line in seen.lines)
    assert ("It asks to wait" in page) is any("It asks" in line for line in seen.lines)


def test_the_person_is_told_of_the_bill_and_offered_a_retry(outcome):
    seen = outcome.fault.seen
    bills = [EN(f"billed.{billed}") for billed in ("nothing_sent", "refused", "perhaps")]
    told = [bill for bill in bills if bill in page_of(outcome)]
    offered = outcome.error is not None and is_worth_a_retry(outcome.error)
    assert (told, offered) == (([], False) if seen is None else ([seen.billed], seen.retry))


def test_requests_are_sent_again_only_where_nobody_pays_twice(outcome):
    assert outcome.requests == outcome.fault.requests


def test_words_and_what_was_sent_are_kept_and_marked_where_they_are_not_all(outcome):
    fault = outcome.fault
    assert "".join(outcome.partials) == fault.words
    sent = fault.seen is None or fault.requests > 0
    kept = [(one.text, one.is_complete, one.request.sent_share < 1) for one in outcome.reports]
    assert kept == [(fault.words, fault.seen is None, fault.part_sent)] * sent


def test_nothing_that_is_shown_or_written_down_holds_the_key(outcome):
    shown = [page_of(outcome), repr(outcome.error), repr(outcome.reports)]
    if outcome.error is not None:
        shown += [repr(outcome.error.facts), *traceback.format_exception(outcome.error)]
    for report in outcome.reports:
        shown += [stats_html(report, EN), receipt_html(report.request, EN)]
        shown += [json.dumps(report.as_mapping())]
    assert KEY not in "".join(shown)
