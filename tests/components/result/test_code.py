"""What the button "Code" of a card shows."""

import html
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from components.result.card import Head, ended_html, finished_html
from components.result.code import code_html
from components.result.exports import Told
from components.texts import LANGUAGES, Texts
from services.assistant import snippets
from tests.services.assistant.code.calls import LINK, NASTY, asked, report_of, sound

EN = Texts("en")
WHEN = datetime(2026, 8, 5, 14, 2, tzinfo=UTC)
UPLOAD = "/uploads/a/my voice's.mp3"


def told_of(media=None, question="What?", **sent):
    media = media or sound()
    report = report_of(asked(media, question), media, **{"file_bytes": 3} | sent)
    return Told(question, report, WHEN)


def shown(media=None, question="What?", texts=EN, upload=UPLOAD, **sent):
    return code_html("7", told_of(media, question, **sent), upload, texts)


def pieces_of(request):
    return {"base64_bytes": 8, "body_bytes": 2 * request.content_length, "pieces": 2}


def test_each_snippet_stands_there_as_it_is():
    found = re.findall(r"<code>(.*?)</code>", shown(question=NASTY), re.DOTALL)
    assert [html.unescape(one) for one in found] == [
        *snippets(told_of(question=NASTY).call).values()
    ]


def test_the_first_is_open():
    assert re.findall(r"<details name=\"code 7\"( open)?><summary>(\w+)", shown()) == [
        (" open", "cURL"),
        ("", "Python"),
        ("", "JavaScript"),
    ]


def test_what_went_out_as_it_was_is_the_visitors_own():
    assert 'href="gradio_api/file=/uploads/a/my%20voice%27s.mp3" download="media.mp3"' in shown()


def test_what_was_made_is_where_it_is_kept():
    made = shown(change="transcode", kept_at=Path("/uploads/sent/kept-1.mp3"))
    assert 'href="gradio_api/file=/uploads/sent/kept-1.mp3" download="media.mp3"' in made


def test_what_was_made_and_not_kept_is_said_to_be_gone():
    made = shown(change="transcode")
    assert "href" not in made
    assert EN("code.gone") in made


def test_of_a_link_there_is_no_file():
    link = shown(LINK, upload=LINK.url)
    assert "href" not in link
    assert EN("code.gone") not in link
    assert EN("code.har") in link


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_pieces_there_is_the_code_of_one_and_a_sentence(language):
    texts = Texts(language)
    pieces = shown(texts=texts, **pieces_of(asked(sound())))
    assert html.escape(texts("code.pieces", pieces="2", file="media.mp3")) in pieces
    assert pieces.count("<pre") == 3
    assert "href" not in pieces
    assert texts("code.har") not in pieces


def test_without_code_there_is_nothing():
    assert code_html("7", told_of(url=None), UPLOAD, EN) == ""


def test_a_card_has_a_button_where_there_is_code():
    head = Head("7", WHEN, "a.mp3", "What?", "maker/model", UPLOAD)
    cards = [finished_html(head, told_of(**sent).report, EN) for sent in ({}, {"url": None})]
    assert ['data-act="code"' in card for card in cards] == [True, False]
    assert all('<div id="code"' in card for card in cards)


def test_what_failed_has_code_too_if_it_was_sent():
    head = Head("7", WHEN, "a.mp3", "What?", "maker/model", UPLOAD)
    assert 'data-act="code"' in ended_html(head, "stopped", told_of().report, "", EN)
    assert 'data-act="code"' not in ended_html(head, "stopped", None, "", EN)


def test_a_har_is_not_among_what_a_menu_offers():
    head = Head("7", WHEN, "a.mp3", "What?", "maker/model", UPLOAD)
    card = finished_html(head, told_of().report, EN)
    menu = re.search(r'class="menu".*?</details>', card, re.DOTALL)[0]
    assert re.findall(r'data-kind="(\w+)"', menu) == ["json", "txt", "md", "html"]
    assert card.count('data-kind="har"') == 1
