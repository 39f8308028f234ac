"""Signing in at a stand-in for OpenRouter, the whole way, and where the key does not lie then."""

import json
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from components.texts import strings
from tests.browser.scripted_api import completion
from tests.browser.steps import ask, open_page, upload, wait_until_done
from tests.clips import clip

EN, RU = strings("en"), strings("ru")
#: All that a browser keeps for a page, as text: what is in its databases, too.
STORED = """async () => {
    const stored = [JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage})];
    const done = (request) => new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
    for (const { name } of await indexedDB.databases()) {
        const base = await done(indexedDB.open(name));
        for (const store of base.objectStoreNames) {
            const all = base.transaction(store).objectStore(store).getAll();
            stored.push(`${name} ${store} ${JSON.stringify(await done(all))}`);
        }
        base.close();
    }
    for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys()) {
            stored.push(request.url, await (await cache.match(request)).text());
        }
    }
    return [document.cookie, ...stored];
}"""


def unfold_key(page, texts=EN):
    page.get_by_text(texts["connection.title"]).click()


def sign_in(page, texts=EN):
    page.get_by_role("button", name=texts["signin.button"]).click()


def payer(page, who):
    return page.locator(f'#payer [data-payer="{who}"]')


def trouble(page, name):
    return page.locator(f'#payer [data-error="{name}"]')


def exported(page, kind, folder):
    """The newest answer as a file of this kind."""
    if page.locator("#newest .menu").get_attribute("open") is None:
        page.locator("#newest .menu summary").click()
    with page.expect_download() as download:
        page.locator(f'#newest [data-kind="{kind}"]').click()
    download.value.save_as(folder / kind)
    return (folder / kind).read_text("utf-8")


def test_who_signs_in_asks_with_a_key_of_their_own_that_lies_nowhere_else(
    page, routed_app, router, tmp_path
):
    def script(handler):
        router.account["data"]["limit_remaining"] = 4.1  # this costs something
        handler.answer_json(completion("the words"))

    router.script = script
    called = []
    page.on("request", lambda request: called.append(request.url))
    open_page(page, f"{routed_app.url}/?lang=en&task=own&prompt=Who%20speaks%3F")
    unfold_key(page)
    expect(payer(page, "host")).to_have_text(EN["payer.host"])
    sign_in(page)
    expect(page.locator("#api-key input")).not_to_have_value("")
    (key,), (proof,), (back,) = router.keys, router.proofs, router.sent_back
    expect(page.locator("#api-key input")).to_have_value(key)
    expect(payer(page, "account")).to_have_text(
        "Your OpenRouter account pays: $4.20 of $5.00 left, until 1 Dec 2027"
    )
    assert urlsplit(back).query.startswith("lang=en&state=")  # and no question
    assert page.url == f"{routed_app.url}/?lang=en"
    expect(page.locator("#prompt textarea")).to_have_value("Who speaks?")
    upload(page, "audio-file", clip("party.mp3"))
    ask(page)
    wait_until_done(page)
    assert ("completion", f"Bearer {key}") in router.authorizations
    assert {authorization for _, authorization in router.authorizations} == {f"Bearer {key}"}
    expect(payer(page, "account")).to_contain_text("$4.10 of $5.00 left")
    # The answer is kept a little later than it is shown.
    page.wait_for_function(f"async () => (await ({STORED})()).join().includes('the words')")
    page.locator("#setup-make").click()
    expect(page.locator("#setup-link textarea")).not_to_have_value("")
    places = {
        "stored": " ".join(page.evaluate(STORED)),
        "address": page.url,
        "requests": " ".join(called),
        "page": page.content(),
        "history": json.dumps(page.evaluate("history.state")),
        "link": page.locator("#setup-link textarea").input_value(),
        "config": page.request.get(f"{routed_app.url}/config").text(),
        "log": routed_app.log.read_text(),
        **{kind: exported(page, kind, tmp_path) for kind in ("json", "html", "md")},
    }
    secrets = {"key": key, "code": proof["code"], "verifier": proof["code_verifier"]}
    for place, text in places.items():
        for name, secret in secrets.items():
            is_sent_back = place == "requests" and name == "code"  # by OpenRouter, once
            assert text.count(secret) == is_sent_back, (place, name)
    page.reload()
    unfold_key(page)
    expect(payer(page, "host")).to_be_visible()
    expect(page.locator("#api-key input")).to_have_value("")
    assert len(router.proofs) == 1


def test_who_declines_is_told_so_in_their_language(browser, routed_app, router):
    router.declines = True
    with browser.new_context(locale="ru-RU") as context:
        page = context.new_page()
        open_page(page, routed_app.url)
        unfold_key(page, RU)
        sign_in(page, RU)
        told = trouble(page, "SignInDeclined")
        expect(told).to_contain_text(RU["error.SignInDeclined.what"])
        expect(payer(page, "host")).to_have_text(RU["payer.host"])
        assert page.url == f"{routed_app.url}/"
        assert page.evaluate("sessionStorage.getItem('signin')") is None
    assert router.proofs == []


@pytest.mark.parametrize("query", ["code=stolen", "code=stolen&state=guessed"])
def test_a_code_that_this_tab_did_not_ask_for_is_not_used(page, routed_app, router, query):
    open_page(page, f"{routed_app.url}/?{query}")
    expect(trouble(page, "SignInNotAsked")).to_be_visible()
    assert page.url == f"{routed_app.url}/"
    assert router.proofs == []


def test_a_code_that_was_used_up_meanwhile_is_told(page, routed_app, router):
    grant = router.granted
    router.granted = lambda challenge: grant(challenge[::-1])  # another's
    try:
        open_page(page, routed_app.url)
        unfold_key(page)
        sign_in(page)
        told = trouble(page, "CodeRefused")
        expect(told).to_contain_text(EN["error.CodeRefused.next"])
    finally:
        del router.granted
    expect(page.locator("#api-key input")).to_have_value("")
    assert len(router.proofs) == 1


def test_a_key_that_is_pasted_is_asked_about_as_well(page, routed_app, router):
    router.keys.append(f"sk-or-v1-{'c0ffee' * 10}")
    router.account = {"data": {"limit": None, "expires_at": None}}
    open_page(page, routed_app.url)
    unfold_key(page)
    page.locator("#api-key input").fill(router.keys[0])
    expect(payer(page, "account")).to_have_text(
        "Your OpenRouter account pays: the key has no limit, without an end"
    )
    page.locator("#api-key input").fill("")
    expect(payer(page, "host")).to_be_visible()


def test_without_https_the_browser_cannot_and_says_so(page, routed_app, router):
    page.add_init_script("Object.defineProperty(crypto, 'subtle', {value: undefined})")
    open_page(page, routed_app.url)
    unfold_key(page)
    for _ in range(2):
        sign_in(page)
        expect(trouble(page, "SignInInsecure")).to_be_visible()
    assert page.url == f"{routed_app.url}/"


def test_another_api_offers_nothing_of_the_kind(page, scripted_app):
    open_page(page, scripted_app.url)
    unfold_key(page)
    expect(payer(page, "host")).to_be_visible()
    expect(page.locator("#sign-in")).to_have_count(0)
