"""Microphones and cameras as the tests want them, and what the page says of them."""

import json

from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.browser.steps import choose_tab

#: A microphone made of a tone, whose loudness the test turns; it can be muted and pulled out.
TONE = """
    navigator.mediaDevices.getUserMedia = async () => {
        const context = new AudioContext();
        const tone = new OscillatorNode(context, {frequency: 300});
        const volume = new GainNode(context, {gain: window.loudness ?? 0.3});
        const output = context.createMediaStreamDestination();
        tone.connect(volume).connect(output);
        tone.start();
        const [track] = output.stream.getAudioTracks();
        Object.defineProperty(track, "muted", {get: () => window.isMuted ?? false});
        window.turn = (gain) => { volume.gain.value = gain; };
        window.pull = () => { track.stop(); track.dispatchEvent(new Event("ended")); };
        return output.stream;
    };
"""


def refusing(name: str, message: str = "") -> str:
    """A script after which no device starts."""
    error = f"new DOMException({json.dumps(message)}, {json.dumps(name)})"
    return f"navigator.mediaDevices.getUserMedia = () => Promise.reject({error});"


def with_devices(*kinds: str) -> str:
    """A script after which there are only these devices, and ``window.devices`` to change them."""
    return f"""
        window.devices = {json.dumps([{"kind": kind} for kind in kinds])};
        navigator.mediaDevices.enumerateDevices = async () => window.devices;
    """


def note(page: Page | FrameLocator, trouble: str, device: str = "microphone") -> Locator:
    """What the doctor of a device says of a trouble."""
    return page.locator(f'#{device}-doctor [data-trouble="{trouble}"]')


def silence(page: Page | FrameLocator, device: str = "microphone") -> None:
    """Expect that the doctor of a device says nothing."""
    expect(page.locator(f"#{device}-doctor .doctor")).to_be_attached()
    expect(page.locator(f"#{device}-doctor [data-trouble]")).to_have_count(0)


def start(page: Page) -> None:
    """Press Record."""
    page.locator("#record button.record-button").click()


def stop(page: Page) -> None:
    """Press Stop."""
    page.locator("#record button.stop-button").click()


def face_camera(page: Page) -> None:
    """Choose the camera on the tab of the video."""
    choose_tab(page, "video")
    page.locator("#video [data-testid=source-select] button").nth(1).click()
