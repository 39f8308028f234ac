// Presses that Gradio 6.31 takes as they come: a second one on Record asks for the microphone
// twice, and leaves a dead player and an open microphone; Stop at once makes a clip that
// nothing can decode.

const TWICE = 700; // milliseconds within which two presses are one
const SHORTEST = 700; // the shortest recording that has a sound in it
const TICK = 50;

const RECORD = "#record .record-button";
const STOP = "#record .stop-button";

// Holds presses that come too early. To be called whenever a recorder has started: the answer.
export function holdPresses(window) {
  const { document, performance } = window;
  const devices = window.navigator.mediaDevices;
  let asked = 0; // how many questions for a device have no answer yet
  let pressed = -Infinity;
  let started = -Infinity;
  let waiting = null;

  if (devices?.getUserMedia) {
    const ask = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async (wanted) => {
      asked += 1;
      try {
        return await ask(wanted);
      } catch (error) {
        pressed = -Infinity; // nothing came of that press: the next one is the first
        throw error;
      } finally {
        asked -= 1;
      }
    };
  }
  const isTooEarly = () => started < pressed || performance.now() - started < SHORTEST;
  const swallow = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const record = (event) => {
    const now = performance.now();
    if (asked > 0 || now - pressed < TWICE) swallow(event);
    else pressed = now;
  };
  // It is stopped as soon as there is something to stop.
  const stop = (event, button) => {
    if (!isTooEarly()) return;
    swallow(event);
    waiting ??= window.setInterval(() => {
      if (button.isConnected && isTooEarly()) return;
      window.clearInterval(waiting);
      waiting = null;
      button.click();
    }, TICK);
  };
  const held = (event) => {
    if (event.target.closest(RECORD)) record(event);
    const button = event.target.closest(STOP);
    if (button) stop(event, button);
  };
  document.addEventListener("click", held, { capture: true });
  return () => {
    started = performance.now();
  };
}
