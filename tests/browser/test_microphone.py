"""What keeps the microphone or the camera from recording is said, with the way out."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from components.texts import strings
from tests.browser.devices import face_camera, note, refusing, silence, start, with_devices
from tests.browser.steps import choose_tab, open_page

EN, RU = strings("en"), strings("ru")
DEVICES = ("microphone", "camera")


@pytest.fixture(scope="module")
def far_browser(offline_app, browser_type, browser_type_launch_args) -> Iterator[Browser]:
    """A browser for which the app is also http://page.test, and that lets any page frame it."""
    here = offline_app.url.removeprefix("http://")
    browser = browser_type.launch(
        **browser_type_launch_args
        | {
            "args": [
                *browser_type_launch_args["args"],
                f"--host-resolver-rules=MAP page.test:80 {here}",
                # They keep pages of the Internet from framing one of this computer.
                "--disable-features=LocalNetworkAccessChecks",
            ]
        }
    )
    yield browser
    browser.close()


@pytest.fixture
def far_page(far_browser, browser_context_args) -> Iterator[Page]:
    """A page of that browser."""
    with far_browser.new_context(**browser_context_args) as context:
        yield context.new_page()


def set_permission(page: Page, url: str, setting: str, *devices: str) -> None:
    """Set, in the browser's settings, what a page may use."""
    session = page.context.browser.new_browser_cdp_session()
    target = page.context.new_cdp_session(page).send("Target.getTargetInfo")["targetInfo"]
    for device in devices:
        session.send(
            "Browser.setPermission",
            {
                "permission": {"name": device},
                "setting": setting,
                "origin": url,
                "browserContextId": target["browserContextId"],
            },
        )


# Before anybody presses Record.


def test_a_page_without_trouble_says_nothing(page, offline_app):
    open_page(page, offline_app.url)
    silence(page)
    face_camera(page)
    silence(page, "camera")


def test_a_forbidden_microphone_is_known_at_once_and_forgotten_when_allowed(page, offline_app):
    # Chromium's fake microphone answers even where it is forbidden.
    page.add_init_script(refusing("NotAllowedError", "Permission denied"))
    set_permission(page, offline_app.url, "denied", *DEVICES)
    open_page(page, offline_app.url)
    expect(note(page, "denied")).to_contain_text(EN["microphone.denied.what"])
    expect(note(page, "denied")).to_contain_text(EN["microphone.denied.next"])
    start(page)
    expect(note(page, "denied").get_by_role("alert")).to_be_visible()
    face_camera(page)
    expect(note(page, "denied", "camera")).to_contain_text(EN["camera.denied.what"])
    set_permission(page, offline_app.url, "granted", *DEVICES)
    silence(page, "camera")
    choose_tab(page, "record")
    silence(page)


def test_without_a_microphone_the_page_says_so_until_one_is_plugged_in(page, offline_app):
    page.add_init_script(with_devices() + refusing("NotFoundError"))
    open_page(page, offline_app.url)
    expect(note(page, "none")).to_contain_text(EN["microphone.none.what"])
    start(page)
    expect(note(page, "none").get_by_role("alert")).to_be_visible()
    expect(page.locator("#record .mic-select")).to_be_hidden()
    page.evaluate("""() => {
        devices.push({kind: "audioinput"});
        navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
    }""")
    silence(page)


@pytest.mark.parametrize(
    ("kinds", "trouble"),
    [((), "none"), (("audioinput",), "none"), (("videoinput",), "silent")],
)
def test_filming_takes_a_camera_and_a_microphone(page, offline_app, kinds, trouble):
    page.add_init_script(with_devices(*kinds))
    open_page(page, offline_app.url)
    choose_tab(page, "video")
    silence(page, "camera")  # who uploads a film needs no camera
    face_camera(page)
    expect(note(page, trouble, "camera")).to_contain_text(EN[f"camera.{trouble}.what"])


def test_a_page_over_http_offers_its_https_address(far_page):
    far_page.goto("http://page.test/?x=1")
    assert far_page.evaluate("navigator.mediaDevices === undefined")
    expect(note(far_page, "insecure")).to_contain_text(EN["microphone.insecure.what"])
    link = note(far_page, "insecure").get_by_role("link", name="https://page.test/")
    expect(link).to_have_attribute("href", "https://page.test/?x=1")
    expect(link).to_have_attribute("target", "_blank")
    face_camera(far_page)
    expect(note(far_page, "insecure", "camera")).to_contain_text(EN["camera.insecure.what"])


def test_a_page_over_http_on_a_port_of_its_own_names_localhost(page, offline_app):
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', {value: false});")
    open_page(page, offline_app.url)
    port = offline_app.url.rpartition(":")[2]
    expect(note(page, "insecure")).to_contain_text(f"open http://localhost:{port}.")
    expect(note(page, "insecure").get_by_role("link")).to_have_count(0)


@pytest.mark.parametrize("allow", ["", "microphone; camera"])
def test_a_frame_that_keeps_the_microphone_offers_the_pages_own_address(
    far_page, offline_app, allow
):
    far_page.route(
        "https://huggingface.co/**",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f'<iframe src="{offline_app.url}" allow="{allow}" width=900 height=800></iframe>',
        ),
    )
    far_page.goto("https://huggingface.co/spaces/somebody/show-and-tell")
    inside = far_page.frame_locator("iframe")
    expect(inside.locator("#prompt textarea")).not_to_have_value("")
    if allow:
        silence(inside)
        return
    expect(note(inside, "framed")).to_contain_text(EN["microphone.framed.what"])
    link = note(inside, "framed").get_by_role("link")
    expect(link).to_have_attribute("href", f"{offline_app.url}/")
    with far_page.expect_popup() as opened:
        link.click()
    silence(opened.value)


@pytest.mark.parametrize("missing", ["MediaRecorder", "MediaDevices.prototype.getUserMedia"])
def test_a_browser_that_cannot_record_is_told_so(page, offline_app, missing):
    page.add_init_script(f"delete navigator.mediaDevices.getUserMedia; delete window.{missing};")
    open_page(page, offline_app.url)
    expect(note(page, "unsupported")).to_contain_text(EN["microphone.unsupported.what"])


# When the browser refuses.


@pytest.mark.parametrize(
    ("error", "message", "trouble"),
    [
        ("NotAllowedError", "Permission dismissed", "dismissed"),
        ("NotAllowedError", "Permission denied by system", "system"),
        ("NotFoundError", "Requested device not found", "none"),
        ("NotReadableError", "Could not start audio source", "busy"),
        ("AbortError", "Starting audioinput failed", "busy"),
        ("InvalidStateError", "Odd", "failed"),
    ],
)
def test_a_refusal_is_told_and_forgotten_with_the_next_success(
    page, offline_app, error, message, trouble
):
    page.add_init_script(
        f"const works = navigator.mediaDevices.getUserMedia; {refusing(error, message)}"
        "window.mend = () => { fails = false; };"
        "let fails = true; const refuses = navigator.mediaDevices.getUserMedia;"
        "navigator.mediaDevices.getUserMedia = (wanted) => (fails ? refuses : works)(wanted);"
    )
    set_permission(page, offline_app.url, "prompt", *DEVICES)
    open_page(page, offline_app.url)
    silence(page)
    start(page)
    alert = note(page, trouble).get_by_role("alert")
    expect(alert).to_contain_text(EN[f"microphone.{trouble}.what"].replace("{error}", error))
    expect(alert).to_contain_text(EN[f"microphone.{trouble}.next"])
    page.evaluate("mend()")
    start(page)
    expect(page.get_by_role("meter")).to_be_visible()
    silence(page)


def test_a_permission_without_a_device_is_the_systems_doing(page, offline_app):
    page.add_init_script(refusing("NotAllowedError"))
    open_page(page, offline_app.url)
    start(page)
    expect(note(page, "system")).to_contain_text(EN["microphone.system.what"])


def test_the_camera_tells_its_own_failures(page, offline_app):
    page.add_init_script(refusing("NotReadableError"))
    open_page(page, offline_app.url)
    face_camera(page)
    page.get_by_text("Click to Access Webcam").click()
    expect(note(page, "busy", "camera")).to_contain_text(EN["camera.busy.what"])
    silence(page, "microphone")


def test_whoever_asks_for_a_device_gets_the_browsers_own_answer(page, offline_app):
    page.add_init_script(refusing("NotReadableError", "as it was"))
    open_page(page, offline_app.url)
    answer = """navigator.mediaDevices.getUserMedia({audio: true}).catch(
        (error) => [error.name, error.message]
    )"""
    assert page.evaluate(answer) == ["NotReadableError", "as it was"]


def test_the_microphone_that_is_chosen_is_the_one_that_records(page, offline_app):
    page.add_init_script("""
        const ask = navigator.mediaDevices.getUserMedia;
        navigator.mediaDevices.getUserMedia = async (wanted) => {
            const stream = await ask(wanted);
            window.heard = stream.getAudioTracks()[0].label;
            return stream;
        };
    """)
    open_page(page, offline_app.url)
    page.locator("#record .mic-select").select_option("Fake Audio Input 2")
    start(page)
    expect(page.get_by_role("meter")).to_be_visible()
    assert page.evaluate("heard") == "Fake Audio Input 2"


@pytest.mark.browser_context_args(locale="ru-RU")
def test_it_speaks_russian(page, offline_app):
    page.add_init_script(with_devices())
    open_page(page, offline_app.url)
    expect(note(page, "none")).to_contain_text(RU["microphone.none.what"])
    expect(note(page, "none")).to_contain_text(RU["microphone.none.next"])
