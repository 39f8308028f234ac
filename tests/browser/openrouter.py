"""A stand-in for OpenRouter: it lets one sign in, and checks what it is given for a key.

The challenge is the SHA-256 of the verifier in base64url without padding (RFC 7636, 4.2); a code
is good for one try.
"""

import base64
import hashlib
import json
import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from tests.browser.scripted_api import Handler, ScriptedApi

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
ACCOUNT = {
    "label": "sk-or-v1-0e6…1c5",
    "limit": 5,
    "limit_remaining": 4.2,
    "usage": 0.8,
    "expires_at": "2027-12-01T09:30:00+00:00",
    "is_free_tier": False,
}


def challenge_of(verifier: str) -> str:
    """What a verifier was announced with."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@dataclass
class OpenRouter(ScriptedApi):
    """Serves on a free loopback port; whoever comes to its page signs in at once."""

    #: What a person who comes is sent back with, besides their code.
    declines: bool = False
    #: What is told of every key; whatever else is told in its place.
    account: Any = field(default_factory=lambda: {"data": dict(ACCOUNT)})
    #: The challenges of those who came, by the codes they were sent back with.
    codes: dict[str, str] = field(default_factory=dict)
    #: What was given for a key, and the keys that were given for it.
    proofs: list[dict[str, str]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    #: The Authorization of each completion and of each question about a key.
    authorizations: list[tuple[str, str | None]] = field(default_factory=list)
    #: Where people were sent back to.
    sent_back: list[str] = field(default_factory=list)

    def handler(self) -> type[Handler]:
        return _Handler

    def reset(self) -> None:
        super().reset()
        self.declines, self.account = False, {"data": dict(ACCOUNT)}
        for noted in (self.codes, self.proofs, self.keys, self.authorizations, self.sent_back):
            noted.clear()

    def granted(self, challenge: str) -> str:
        """A code for whoever knows the verifier of ``challenge``."""
        code = secrets.token_urlsafe(24)
        self.codes[code] = challenge
        return code

    def key_for(self, proof: dict[str, str]) -> tuple[int, Any]:
        """The status and the answer to a proof."""
        self.proofs.append(proof)
        if proof.get("code_challenge_method") != "S256":
            return 400, {"error": {"code": 400, "message": "Invalid code_challenge_method"}}
        verifier = proof.get("code_verifier", "")
        # Gone with the first try, whatever comes of it.
        challenge = self.codes.pop(proof.get("code", ""), None)
        if not _VERIFIER.fullmatch(verifier) or challenge != challenge_of(verifier):
            return 403, {"error": {"code": 403, "message": "Invalid code or code_verifier"}}
        self.keys.append(f"sk-or-v1-{secrets.token_hex(32)}")
        return 200, {"key": self.keys[-1], "user_id": "user_2f"}

    def back(self, query: dict[str, str]) -> str:
        """Where a person goes who came with ``query``; what is there stays."""
        assert query["code_challenge_method"] == "S256"
        parts = urlsplit(query["callback_url"])
        more = (
            {"error": "access_denied"}
            if self.declines
            else {"code": self.granted(query["code_challenge"])}
        )
        queries = [one for one in (parts.query, urlencode(more)) if one]
        self.sent_back.append(urlunsplit(parts._replace(query="&".join(queries))))
        return self.sent_back[-1]


class _Handler(Handler):
    def do_GET(self) -> None:  # noqa: N802  # the library calls it so
        router: OpenRouter = self.server.api  # type: ignore[attr-defined]  # of our server
        parts = urlsplit(self.path)
        if parts.path == "/auth":
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self.send_response(302)
            self.send_header("Location", router.back(query))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif parts.path == "/api/v1/key":
            self._note("key")
            is_known = self._key() in router.keys
            refusal = {"error": {"code": 401, "message": f"No user found for {self._key()}"}}
            self.answer_json(router.account if is_known else refusal, 200 if is_known else 401)
        else:
            super().do_GET()

    def do_POST(self) -> None:  # noqa: N802  # as above
        router: OpenRouter = self.server.api  # type: ignore[attr-defined]  # of our server
        if self.path == "/api/v1/auth/keys":
            proof = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = router.key_for(proof)
            self.answer_json(answer, status)
        else:
            self._note("completion")
            super().do_POST()

    def _note(self, what: str) -> None:
        router: OpenRouter = self.server.api  # type: ignore[attr-defined]  # of our server
        router.authorizations.append((what, self.headers["Authorization"]))

    def _key(self) -> str:
        return (self.headers["Authorization"] or "").removeprefix("Bearer ")
