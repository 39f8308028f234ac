"""An answer's Markdown as HTML: what a model wrote is seen, and can do nothing."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.result.markdown import markdown_html

HARMLESS = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "blockquote", "pre", "code", "div"),
    *("ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "em", "strong", "del", "a"),
}
#: The attributes that there may be; of those with a value that is ours, the value too.
ATTRIBUTES = re.compile(
    r'(?:href="(?:https?://|mailto:)[^"]*"|target="_blank"|start="\d+"|tabindex="0"'
    r'|rel="noopener noreferrer nofollow"|class="wide"|style="text-align:\s?(?:left|right|center)")'
)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Hello *there*", "<p>Hello <em>there</em></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("# A\n## B\n###### C", "<h3>A</h3>\n<h4>B</h4>\n<h5>C</h5>"),
        ("## A\n#### B\n## C\n# D", "<h3>A</h3>\n<h4>B</h4>\n<h3>C</h3>\n<h3>D</h3>"),
        ("It costs $5 and $6.", "<p>It costs $5 and $6.</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("~~no~~", "<p><del>no</del></p>"),
        ("", ""),
    ],
    ids=[
        "emphasis",
        "lines",
        "headings",
        "ranks left out",
        "prices",
        "a list",
        "struck out",
        "nothing",
    ],
)
def test_markdown_is_shown_as_what_it_is(text, html):
    assert markdown_html(text).strip() == html


@pytest.mark.parametrize(
    "text",
    [
        "<laughs> Well, <b>no</b>.",
        "<form action='https://evil.example'><input></form>",
        "<div style='position:fixed;inset:0'>Sign in</div>",
        "> <script>alert(1)</script>",
        "- <img src=x onerror=alert(1)>",
        "| a |\n|---|\n| <svg/onload=alert(1)> |",
    ],
)
def test_what_looks_like_html_is_seen_as_it_was_written(text):
    html = markdown_html(text)
    written = re.findall(r"<[^>]*>", text)
    for tag in written:
        shown = tag.replace("<", "&lt;").replace(">", "&gt;")
        assert shown in html.replace('"', "'")
    assert set(re.findall(r"<(\w+)", html)) <= HARMLESS


def test_code_keeps_its_brackets():
    html = markdown_html("`<b>` and\n\n```html\n<b>\n```")
    assert "<code>&lt;b&gt;</code>" in html
    assert '<pre tabindex="0"><code>&lt;b&gt;\n</code></pre>' in html


def test_a_link_says_where_it_leads_and_tells_nobody_where_it_was():
    html = markdown_html("[your bank](https://evil.example/x)")
    assert 'href="https://evil.example/x"' in html
    assert 'rel="noopener noreferrer nofollow"' in html
    assert "your bank</a> (evil.example)" in html


def test_an_address_that_stands_there_itself_is_not_named_twice():
    assert "(a.example)" not in markdown_html("<https://a.example/x>")


@pytest.mark.parametrize(
    "address",
    [
        "https:evil.example",
        "https:/evil.example",
        "https:///evil.example/",
        "https://good.example@evil.example/",
        "https://evil.example\\\\@good.example/",
        "https://evil.example\\\\.good.example/",
        "https://good.example%2fevil.example/",
        "https://good.example\u2044evil.example/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::1]/",
        "https://.example/",
        "https://evil.example:99999/",
        "mailto:%61@evil.example",
        "mailto:a@good.example?bcc=b@evil.example",
    ],
)
def test_a_link_of_which_nobody_can_tell_where_it_leads_leads_nowhere(address):
    assert "href" not in markdown_html(f"[x](<{address}>)")


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://pаypal.example/", "xn--pypal-4ve.example"),  # the second letter is Cyrillic
        ("https://faß.example/", "xn--fa-hia.example"),
        ("https://e\u200bvil.example/", "evil.example"),
        ("https://evil。example/", "evil.example"),
        ("https://good.example%2eevil.example/", "good.example.evil.example"),
        ("mailto:a@pаypal.example", "a@xn--pypal-4ve.example"),
    ],
)
def test_a_host_is_shown_as_it_is_asked_for(address, host):
    html = markdown_html(f"[x](<{address}>) <{address}>")
    assert html.count(f"</a> ({host})") == 2
    assert re.findall(r'href="(?:https://|mailto:)([^"/]*)', html) == [host, host]


TURNED = "[bank\u202eevil\u2066.x](https://evil.example/) &#x202e;x"


def test_no_letter_turns_around_those_behind_it():
    html = markdown_html(TURNED)
    assert "bankevil.x</a> (evil.example)" in html
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", html)


def test_a_link_has_no_letters_that_nobody_sees():
    html = markdown_html("[pay\u200bpal&#8203;.c\u200dom\u00ad](https://evil.example/)")
    assert "paypal.com</a> (evil.example)" in html


def test_what_joins_and_parts_letters_of_other_scripts_stays_in_a_link():
    words = "نمی\u200cخواهم 👨\u200d👩"
    assert f">{words}</a>" in markdown_html(f"[{words}](https://a.example/)")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "/gradio_api/x"])
def test_a_link_to_anything_but_a_page_leads_nowhere(address):
    assert "href" not in markdown_html(f"[x]({address})")


def test_a_picture_is_a_link_and_is_not_loaded():
    html = markdown_html("![a cat](https://tracker.example/1.png)")
    assert "<img" not in html
    assert 'href="https://tracker.example/1.png"' in html
    assert "a cat</a> (tracker.example)" in html


def test_a_wide_table_and_code_scroll_in_a_box_that_can_have_the_focus():
    html = markdown_html("| a | b |\n|--:|---|\n| 1 | 2 |")
    assert html.startswith('<div class="wide" tabindex="0"><table>')
    assert html.rstrip().endswith("</table></div>")
    assert "text-align" in html


def test_half_a_letter_is_none():
    assert markdown_html("a\ud83d b") == "<p>a? b</p>\n"


@given(st.text(alphabet="<>[]()!`*_#|-\\\n\"'=/&; :.aюhttps://x", max_size=120))
def test_no_text_makes_anything_but_harmless_html(text):
    html = markdown_html(text)
    for tag, attributes in re.findall(r"<(\w+)([^>]*)>", html):
        assert tag in HARMLESS
        assert ATTRIBUTES.sub("", attributes).strip() == ""


#: What addresses are made of, and what makes them lie.
PIECES = [
    *("https:", "http:", "mailto:", "/", "//", "\\", "@", "%2e", "%5c", ":", "?", "#", "[", "]"),
    *("a.example", "evil.example", ".", "1", "а", "\u200b", "\u3002", " ", "\t", "&#47;", "(", ")"),
]
LINK = re.compile(r'<a href="(?:https?://|mailto:)([^"/?#:]*)[^>]*>(.*?</a>.*)')


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), st.booleans())
def test_no_link_leads_where_it_does_not_say(address, is_bare):
    html = markdown_html(f"<https://{address}>" if is_bare else f"[x](<https://{address}>)")
    for host, shown in LINK.findall(html):
        assert re.search(rf"(?://|\(|^){re.escape(host)}\b", shown)


@pytest.mark.parametrize("text", [">" * 40_000, "- " * 20_000, "* _" * 20_000])
def test_what_is_nested_beyond_reading_is_shown_as_it_is_and_at_once(text):
    began = time.monotonic()
    html = markdown_html(f"{text} <b>words</b>")
    assert time.monotonic() - began < 5  # it was minutes
    assert "&lt;b&gt;words" in html


def test_what_somebody_may_have_nested_is_nested():
    assert markdown_html("> " * 20 + "deep").count("<blockquote>") == 20
