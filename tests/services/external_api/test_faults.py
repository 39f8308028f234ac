"""Each fault of the tables in ``faults``: what a person sees, what is sent, what is kept."""

import asyncio
import html
import json

import pytest

from components.result.receipt import receipt_html, stats_html
from components.status import billed_sentence, fault_html, is_worth_a_retry
from components.texts import Texts
from services.external_api.transport import Network
from tests.services.external_api.faults import FAULTS
from tests.services.external_api.faults.fault import KEY, outcome_of
from tests.services.external_api.faults.sentences import BILLED

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
def outcome(request, runner, network, workshop, tmp_path_factory):
    """What came of running into the fault, once for all that is said of it."""
    folder = tmp_path_factory.mktemp("fault")
    return runner.run(outcome_of(request.param, workshop, network, folder))


def page_of(outcome):
    """What the page shows of the error, as plain text."""
    report = outcome.report
    if report.fault is None:
        return ""
    billed = billed_sentence(report.bill, 0, EN)
    return html.unescape(fault_html(report.fault, billed, EN))


def test_ids_tell_faults_apart():
    ids = [fault.id for fault in FAULTS]
    assert sorted(ids) == sorted(set(ids))


def test_the_person_sees_what_happened_or_the_whole_answer(outcome):
    seen, page = outcome.fault.seen, page_of(outcome)
    if seen is None:
        assert page == ""
        assert outcome.report.text == outcome.fault.words
        return
    assert f'data-error="{seen.error}"' in page
    assert f"<b>{seen.what}</b>" in page
    assert all(line in page for line in seen.lines)
    assert ("The API said" in page) is any("The API said" in line for line in seen.lines)
    assert ("It offers" in page) is any("It offers" in line for line in seen.lines)
    assert ("It asks to wait" in page) is any("It asks" in line for line in seen.lines)


def test_the_bill_is_what_became_of_the_requests(outcome):
    assert outcome.report.bill == outcome.fault.bill


def test_the_person_is_told_of_the_bill_and_offered_a_retry(outcome):
    seen, page = outcome.fault.seen, page_of(outcome)
    told = [fate for fate, sentence in BILLED.items() if sentence in page]
    offered = is_worth_a_retry(outcome.report)
    assert (told, offered) == (([], False) if seen is None else ([seen.fate], seen.retry))


def test_requests_are_sent_again_only_where_nobody_pays_twice(outcome):
    assert outcome.requests == outcome.fault.requests


def test_words_and_what_was_sent_are_kept_and_marked_where_they_are_not_all(outcome):
    fault, report = outcome.fault, outcome.report
    assert (outcome.words, report.text) == (fault.words, fault.words)
    assert (report.fault is None) is (fault.seen is None)
    if fault.requests == 0:
        assert report.request is None
    else:
        sent = report.request.sent_share
        assert (sent is not None and sent < 1) is fault.part_sent


def test_nothing_that_is_shown_or_written_down_holds_the_key(outcome):
    report = outcome.report
    shown = [page_of(outcome), repr(report), json.dumps(report.as_mapping())]
    shown.append(stats_html(report, EN))
    if report.request is not None:
        shown.append(receipt_html(report.request, report.options, EN))
    assert KEY not in "".join(shown)
