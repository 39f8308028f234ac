"""Where an address leads, as browsers understand it, and told so that nobody is deceived."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

import idna

#: Whatever browsers read otherwise than it looks is none of these: a login, a backslash, which
#: is a slash to them, one slash or three.
_PAGE: Final = re.compile(
    r"(https?://)([^/?#@\\:\[\]]+)(:[0-9]{1,4}|:[1-5][0-9]{4})?((?:[/?#].*)?)",
    re.IGNORECASE | re.DOTALL,
)
_MAIL: Final = re.compile(r"mailto:([\w.+-]+)@([^@/?#\\:\[\]]+)", re.ASCII | re.IGNORECASE)
_NAME: Final = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
#: What browsers take for an IPv4 address, in any of its forms (https://url.spec.whatwg.org/).
_NUMBER: Final = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)")


@dataclass(frozen=True, slots=True)
class Leads:
    """An ``address`` whose host is in ASCII, and ``host``, who is there (of mail, who gets it).

    ``is_plain`` says that the host was written so.
    """

    address: str
    host: str
    is_plain: bool


def led(address: str) -> Leads | None:
    """Where ``address`` leads; None where that is no page and no mailbox, or cannot be told."""
    if (page := _PAGE.fullmatch(address)) is not None:
        scheme, host, port, rest = page.groups(default="")
        name = _ascii(host)
        if not name:
            return None
        return Leads(f"{scheme}{name}{port}{rest}", name, host.lower() == name)
    if (mail := _MAIL.fullmatch(address)) is not None and (name := _ascii(mail[2])):
        box = f"{mail[1]}@{name}"
        return Leads(f"mailto:{box}", box, mail[2].lower() == name)
    return None


def _ascii(host: str) -> str:
    """``host`` as it is asked for: other scripts in Punycode (UTS 46). Empty if it is no name."""
    try:
        name = idna.uts46_remap(unquote(host, errors="strict"), std3_rules=False)
        name = name.removesuffix(".")
        name = name if name.isascii() else idna.encode(name).decode("ascii")
        if _NUMBER.fullmatch(name):
            return str(ipaddress.IPv4Address(name))
    except ValueError:  # IDNAError is one, too
        return ""
    return name if _NAME.fullmatch(name) else ""
