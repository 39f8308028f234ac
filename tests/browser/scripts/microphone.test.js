import { startDoctor } from "scripts/inputs/microphone.js";
import { createDevices, Stream } from "./fakes.js";
import { equal, settled, test } from "./testing.js";

const TROUBLES = [
  "unanswered",
  "denied",
  "dismissed",
  "none",
  "silent",
  "busy",
  "insecure",
  "quiet",
];
const WORDS = Object.fromEntries(
  ["microphone", "camera"].flatMap((place) =>
    TROUBLES.flatMap((trouble) =>
      ["what", "next"].map((part) => [
        `${place}.${trouble}.${part}`,
        `${place} ${trouble} ${part}`,
      ]),
    ),
  ),
);
const PROMPT = { microphone: "prompt", camera: "prompt" };
const refusing = (name) => () => Promise.reject(new DOMException("", name));

// The page as Gradio makes it, as far as the doctor looks at it.
const PAGE = `
  <div id="record">
    <select class="mic-select"><option value="default"></option><option value="usb"></option></select>
    <button class="resume-button">Resume</button>
  </div>
  <div id="microphone-doctor"><div class="doctor"></div></div>
  <div id="video"></div>
  <div id="camera-doctor"><div class="doctor"></div></div>`;

async function attend(options) {
  document.body.innerHTML = PAGE;
  const devices = createDevices(options);
  const watched = [];
  startDoctor(devices.window, WORDS, (...given) => watched.push(given));
  await settled();
  const { mediaDevices } = devices;
  const record = async (wanted = { audio: true }) => {
    const answer = await mediaDevices.getUserMedia(wanted).catch((error) => error);
    await settled();
    return answer;
  };
  return { ...devices, watched, record };
}

const box = (place = "microphone") => document.querySelector(`#${place}-doctor .doctor`);
const trouble = (place) => box(place).dataset.trouble;
const role = () => box().firstChild.getAttribute("role");
const openCamera = () => {
  document.querySelector("#video").innerHTML = '<i data-testid="webcam-video"></i>';
  return settled();
};

test("without trouble it says nothing, and asks for nothing", async () => {
  const { asked } = await attend();
  equal(
    [trouble("microphone"), trouble("camera"), box().childNodes.length],
    [undefined, undefined, 0],
  );
  equal(asked, []);
});

test("what is known beforehand is noted, without an alarm", async () => {
  await attend({ permissions: { microphone: "denied" } });
  equal([trouble(), role()], ["denied", "note"]);
  equal(box().textContent, "microphone denied what microphone denied next");
});

test("a refusal is spoken at once", async () => {
  const { record } = await attend({ permissions: PROMPT, answer: refusing("NotAllowedError") });
  await record();
  equal([trouble(), role()], ["dismissed", "alert"]);
});

test("a refusal of what was known to be forbidden is spoken too", async () => {
  const { record } = await attend({
    permissions: { microphone: "denied" },
    answer: refusing("NotAllowedError"),
  });
  await record();
  equal([trouble(), role()], ["denied", "alert"]);
});

test("a refusal is forgotten with the next success", async () => {
  const answers = [refusing("NotReadableError"), () => Promise.resolve(new Stream())];
  const { record } = await attend({ answer: () => answers.shift()() });
  await record();
  equal(trouble(), "busy");
  await record();
  equal([trouble(), box().childNodes.length], [undefined, 0]);
});

test("a microphone that is plugged in ends the trouble", async () => {
  const { mediaDevices } = await attend({ kinds: [] });
  equal(trouble(), "none");
  mediaDevices.kinds = ["audioinput"];
  mediaDevices.dispatchEvent(new Event("devicechange"));
  await settled();
  equal(trouble(), undefined);
});

test("a permission that is given in the settings ends the trouble", async () => {
  const { statuses } = await attend({ permissions: { microphone: "denied", camera: "prompt" } });
  statuses.microphone.state = "granted";
  statuses.microphone.dispatchEvent(new Event("change"));
  await settled();
  equal(trouble(), undefined);
});

test("a permission that is taken away is noted", async () => {
  const { statuses } = await attend();
  statuses.microphone.state = "denied";
  statuses.microphone.dispatchEvent(new Event("change"));
  await settled();
  equal(trouble(), "denied");
});

test("who asks for a device gets the browser's own answer", async () => {
  const stream = new Stream();
  const { record } = await attend({ answer: () => Promise.resolve(stream) });
  equal((await record()) === stream, true);
});

test("who asks for a device gets the browser's own error", async () => {
  const error = new DOMException("as it was", "NotReadableError");
  const { record } = await attend({ answer: () => Promise.reject(error) });
  equal((await record()) === error, true);
});

test("the microphone that is chosen is the one that is asked for", async () => {
  const { asked, record } = await attend();
  await record();
  document.querySelector(".mic-select").selectedIndex = 1;
  await record();
  equal(asked, [{ audio: true }, { audio: { deviceId: { exact: "usb" } } }]);
});

test("the microphone that was pulled out gives way without a word", async () => {
  const answer = ({ audio }) =>
    audio === true ? Promise.resolve(new Stream()) : refusing("OverconstrainedError")();
  const { asked, record, watched } = await attend({ answer });
  document.querySelector(".mic-select").selectedIndex = 1;
  await record();
  equal([asked.length, watched.length, trouble()], [2, 1, undefined]);
});

test("a recording is listened to, where it is made", async () => {
  const stream = new Stream();
  const { record, watched, window } = await attend({ answer: () => Promise.resolve(stream) });
  await record();
  await record({ audio: true, video: true });
  const [[where, heard, { words, home }], [, , { home: homeOfFilm }]] = watched;
  equal([where === window, heard === stream, words === WORDS], [true, true, true]);
  equal([home().id, homeOfFilm().id], ["record", "video"]);
});

test("a recording pauses while it can be resumed", async () => {
  const { record, watched } = await attend();
  await record();
  const [[, , { isPaused }]] = watched;
  equal(isPaused(), true);
  document.querySelector(".resume-button").hidden = true;
  equal(isPaused(), false);
  document.querySelector("#record").remove();
  equal(isPaused(), false);
});

test("what is heard of a recording is noted until it is over", async () => {
  const { record, watched } = await attend();
  await record();
  const [[, , { tell }]] = watched;
  tell("quiet");
  equal([trouble(), role()], ["quiet", "note"]);
  tell(null);
  equal(trouble(), undefined);
});

test("a new recording starts without the trouble of the last one", async () => {
  const { record, watched } = await attend();
  await record();
  watched[0][2].tell("quiet");
  await record();
  equal(trouble(), undefined);
});

test("the camera's trouble waits until the camera is wanted", async () => {
  await attend({ kinds: ["videoinput"] });
  equal([trouble("camera"), trouble("microphone")], [undefined, "none"]);
  await openCamera();
  equal(trouble("camera"), "silent");
});

test("the camera's refusal is not the microphone's", async () => {
  const { record } = await attend({ answer: refusing("NotReadableError") });
  await openCamera();
  await record({ audio: true, video: true });
  equal([trouble("camera"), trouble("microphone")], ["busy", undefined]);
});

test("what is said stays when the page is made anew", async () => {
  await attend({ kinds: [] });
  box().replaceWith(Object.assign(document.createElement("div"), { className: "doctor" }));
  await settled();
  equal(trouble(), "none");
});

test("what is said already is not said anew", async () => {
  const { mediaDevices } = await attend({ kinds: [] });
  const said = box().firstChild;
  mediaDevices.dispatchEvent(new Event("devicechange"));
  await settled();
  equal(box().firstChild === said, true);
});

test("a page that has no devices says so all the same", async () => {
  document.body.innerHTML = PAGE;
  const { window } = createDevices();
  window.isSecureContext = false;
  window.navigator = {};
  startDoctor(window, WORDS, () => {});
  await settled();
  equal(trouble(), "insecure");
});

test("a page whose boxes come late has them filled", async () => {
  document.body.innerHTML = "";
  const { window } = createDevices({ kinds: [] });
  startDoctor(window, WORDS, () => {});
  await settled();
  document.body.innerHTML = PAGE;
  await settled();
  equal(trouble(), "none");
});

test("a question that nobody answers is pointed out, until somebody does", async () => {
  let allow;
  const answer = () =>
    new Promise((resolve) => {
      allow = resolve;
    });
  const { mediaDevices, timers } = await attend({ answer });
  mediaDevices.getUserMedia({ audio: true });
  timers.advance(7900);
  equal(trouble(), undefined);
  timers.advance(200);
  equal([trouble(), role()], ["unanswered", "alert"]);
  allow(new Stream());
  await settled();
  equal([trouble(), timers.running], [undefined, 0]);
});
