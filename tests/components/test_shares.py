"""How much of the uploads one visitor may have."""

import pytest
from starlette.responses import PlainTextResponse

from components.session import Sessions
from components.shares import Shares
from components.texts import LANGUAGES, Texts
from components.uploads import Guarded

KEPT_S = 4 * 3600


class Clock:
    def __init__(self):
        self.now = 1e6

    def __call__(self):
        return self.now


def test_who_has_their_share_gets_no_more_of_it():
    shares = Shares(1000, KEPT_S)
    shares.add("ann", 600)
    assert shares.has_room("ann", 400)
    assert not shares.has_room("ann", 401)
    assert shares.has_room("bob", 1000)


def test_what_is_not_kept_any_more_does_not_count():
    clock = Clock()
    shares = Shares(1000, KEPT_S, clock)
    shares.add("ann", 1000)
    clock.now += KEPT_S - 1
    assert not shares.has_room("ann", 1)
    clock.now += 1201
    assert shares.has_room("ann", 1000)


def test_what_did_not_arrive_does_not_count_and_is_no_credit():
    clock = Clock()
    shares = Shares(1000, KEPT_S, clock)
    take_back = shares.add("ann", 1000)
    clock.now += KEPT_S + 1200
    assert shares.has_room("ann", 1000)
    take_back()
    shares.add("ann", 1)
    assert not shares.has_room("ann", 1000)


def test_who_is_nobody_in_particular_has_no_share():
    shares = Shares(10, KEPT_S)
    shares.add("", 1000)
    assert shares.has_room("", 1000)


async def uploaded(guarded, address, size, language="en"):
    """The status and the words that an upload is answered with."""
    sent = []

    async def send(message):
        sent.append(message)

    headers = {"accept-language": language, "content-length": str(size)}
    headers["x-forwarded-for"] = f"10.9.9.9, {address}"  # the first is a lie
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "path": "/gradio_api/upload", "method": "POST", "headers": raw}
    await guarded(scope, None, send)
    return sent[0]["status"], sent[1]["body"].decode()


def guarding(folder, status=200):
    async def app(scope, receive, send):
        await PlainTextResponse("taken", status)(scope, receive, send)

    return Guarded(
        app,
        folder,
        most_bytes=10**9,
        largest_bytes=400,
        shares=Shares(1000, KEPT_S),
        payer=Sessions(1).payer,
    )


@pytest.mark.anyio
@pytest.mark.parametrize("language", LANGUAGES)
async def test_one_visitor_does_not_fill_what_all_are_to_have(tmp_path, language):
    guarded = guarding(tmp_path)
    assert (await uploaded(guarded, "192.0.2.1", 1000))[0] == 200
    texts = Texts(language)
    status, said = await uploaded(guarded, "192.0.2.1", 1, language)
    assert status == 507
    assert said.startswith(texts("error.ShareFull.what", limit_bytes=texts.size(1000)))
    assert (await uploaded(guarded, "192.0.2.2", 1000))[0] == 200


@pytest.mark.anyio
async def test_an_upload_that_came_to_nothing_is_in_no_share(tmp_path):
    guarded = guarding(tmp_path, status=413)
    assert (await uploaded(guarded, "192.0.2.1", 1000))[0] == 413
    assert (await uploaded(guarded, "192.0.2.1", 1000))[0] == 413
