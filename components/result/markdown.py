"""An answer's Markdown as HTML that is safe to show: a model's words are a stranger's.

What looks like HTML is shown as the text it is, so that ``<laughs>`` in a transcript is not
lost; pictures of other addresses become links, and every link says where it leads.
"""

import re
from collections.abc import Iterator
from typing import Final

import nh3
import pyromark
from markupsafe import Markup

from components.result.leading import led

_OPTIONS: Final = pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_STRIKETHROUGH
#: What is left of the rendered HTML, should anything else ever come through the parser.
_CLEANER: Final = nh3.Cleaner(
    tags={
        *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code"),
        *("ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td"),
        *("em", "strong", "del", "a"),
    },
    attributes={"a": {"href"}, "ol": {"start"}, "th": {"style"}, "td": {"style"}},
    filter_style_properties={"text-align"},
    set_tag_attribute_values={"a": {"target": "_blank"}, "pre": {"tabindex": "0"}},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
    # What leads nobody knows where leads nowhere.
    attribute_filter=lambda _, name, value: _href(value) if name == "href" else value,
)
#: How deep lists and quotations may be nested: cleaning takes the square of that in time.
_DEEPEST: Final = 100
#: A card's own heading is an h2.
_ABOVE: Final = 2
_LOWEST: Final = 6
_HEADING: Final = re.compile(r"(</?h)([1-6])>")
#: What turns the order of the letters around, also of those that come after it.
_TURNS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LINK: Final = re.compile("<a [^>]*>.*?</a>", re.DOTALL)
#: What nobody sees. Two of these join and part letters of other scripts than Latin.
_UNSEEN: Final = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u2060-\u2064\ufeff]"
    "|(?<=[\\x00-\\x7f])[\u200c\u200d]|[\u200c\u200d](?=[\\x00-\\x7f])"
)
#: Links that are written as what they lead to.
_BARE: Final = ("Autolink", "Email")


class _TooDeep(Exception):  # it never leaves this module
    """Nested deeper than anybody reads."""


def markdown_html(text: str) -> Markup:
    """``text`` as HTML: headings below a card's, a line for a line, wide tables in a box.

    What is nested so deep that nobody wrote it to be read is shown as it is.
    """
    try:
        tamed = _tamed(text)
    except _TooDeep:
        return Markup('<p class="plain">{}</p>').format(text)
    html = _CLEANER.clean(pyromark.html(tamed, options=_OPTIONS))
    html = _ranked(_LINK.sub(lambda link: _UNSEEN.sub("", link[0]), _TURNS.sub("", html)))
    # A person without a mouse scrolls what can have the focus.
    html = html.replace("<table>", '<div class="wide" tabindex="0"><table>')
    return Markup(html.replace("</table>", "</table></div>"))  # noqa: S704  # it was cleaned


def _ranked(html: str) -> str:
    """``html`` with no rank of its headings left out, as models do who begin with a ``##``."""
    over: list[int] = []

    def ranked(tag: re.Match[str]) -> str:
        if not tag[1].startswith("</"):
            while over and over[-1] >= int(tag[2]):
                over.pop()
            over.append(int(tag[2]))
        return f"{tag[1]}{min(_ABOVE + len(over), _LOWEST)}>"

    return _HEADING.sub(ranked, html)


def _tamed(text: str) -> str:
    """``text`` with nothing in it that the parser would pass on, load, or run together."""
    # Half a surrogate pair, which JSON may bring us, is no letter.
    source = text.encode(errors="replace")
    tamed, taken = bytearray(), 0
    for begin, end, instead in sorted(_edits(source)):
        tamed += source[taken:begin] + instead
        taken = end
    return (tamed + source[taken:]).decode()


def _edits(source: bytes) -> Iterator[tuple[int, int, bytes]]:
    """What is to stand instead of which bytes.

    Raises:
        _TooDeep: that.
    """
    depth = 0
    for event, span in pyromark.events_with_range(source.decode(), options=_OPTIONS):
        begin, end = span["start"], span["end"]
        if isinstance(event, dict):
            depth += ("Start" in event) - ("End" in event)
            if depth > _DEEPEST:
                raise _TooDeep
        match event:
            case "SoftBreak":
                yield begin, begin, b"\\"
            case {"Html": _} | {"InlineHtml": _}:
                yield begin, end, source[begin:end].replace(b"<", b"&lt;")
            case {"Start": {"Image": {"dest_url": address}}}:
                yield begin, begin + 1, b""
                yield end, end, _leading_to(address)
            case {"Start": {"Link": {"link_type": kind, "dest_url": address}}}:
                yield end, end, _leading_to(address, is_bare=kind in _BARE)


def _href(address: str) -> str | None:
    """``address`` as it may be led to, None where nobody could tell where that is."""
    leads = led(address)
    return leads.address if leads is not None else None


def _leading_to(address: str, *, is_bare: bool = False) -> bytes:
    """The host that ``address`` leads to, in brackets; nothing where there is none.

    One that ``is_bare``, and so is seen itself, has it there unless it is written otherwise.
    """
    leads = led(address)
    if leads is None or (is_bare and leads.is_plain):
        return b""
    return f" ({leads.host})".encode()
