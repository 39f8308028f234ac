import { offerStraight } from "scripts/inputs/straight.js";
import { equal, test } from "./testing.js";

const WORDS = { "microphone.straight": "Stop and ask" };

// Gradio's recorder, while it records `pictures` and sound; Ask sleeps until the sound is there.
function recording({ pictures = 0 } = {}) {
  document.body.innerHTML = `<div id="record"><p class="controls"><span class="wrapper">
    <button class="stop-button" style="display: none">Stop</button>
    <button class="stop-button-paused">Stop</button>
  </span></p></div><button id="ask" disabled>Ask</button>`;
  class MediaRecorder extends EventTarget {
    stream = { getVideoTracks: () => Array(pictures).fill({}) };
    start() {}
  }
  const came = [];
  const press = (selector, name) =>
    document.querySelector(selector).addEventListener("click", () => came.push(name));
  press(".stop-button", "hidden");
  press(".stop-button-paused", "stop");
  press("#ask", "ask");
  const { setInterval, clearInterval } = window;
  offerStraight(
    {
      document,
      MediaRecorder,
      setInterval: setInterval.bind(window),
      clearInterval: clearInterval.bind(window),
    },
    WORDS,
  );
  const recorder = new MediaRecorder();
  recorder.start();
  const wait = (milliseconds) =>
    new Promise((resolve) => {
      setTimeout(resolve, milliseconds);
    });
  return { came, recorder, wait, button: () => document.querySelector(".straight") };
}

test("it stands beside Stop while the microphone records", () => {
  const { recorder, button } = recording();
  equal(button().textContent, "Stop and ask");
  recorder.dispatchEvent(new Event("stop"));
  equal(button(), null);
});

test("a film has no such button", () => {
  equal(recording({ pictures: 1 }).button(), null);
});

test("it stops what is recorded, and asks once Ask is awake", async () => {
  const { came, button, wait } = recording();
  button().click();
  await wait(250);
  equal(came, ["stop"]);
  document.querySelector("#ask").disabled = false;
  await wait(250);
  equal(came, ["stop", "ask"]);
});

test("who presses something else meanwhile does not ask", async () => {
  const { came, button, wait } = recording();
  button().click();
  document.dispatchEvent(new Event("pointerdown"));
  document.querySelector("#ask").disabled = false;
  await wait(250);
  equal(came, ["stop"]);
});
