// The microphone doctor, and the camera's: says in a sentence why recording cannot work, or
// does not, and the way out. It speaks before anybody presses Record where the browser knows
// already, when the browser refuses, and while a recording is made.

import { advice } from "./advice.js";
import { askForChosen } from "./choice.js";
import { facts, NEEDS, troubleBefore, troubleOf } from "./diagnosis.js";

const PLACES = Object.keys(NEEDS);
// Gradio may make its elements anew, so they are looked for each time.
const RECORDERS = { microphone: "#record", camera: "#video" };
const MICROPHONES = "#record .mic-select";
const RESUME = ".resume-button";
const PATIENCE = 8000; // milliseconds in which somebody who sees a question has answered it
const CAMERA_IN_USE = '#video [data-testid="webcam-video"]';

// Attends to both for as long as the page is there. `watch` listens to a recording, as
// `watchLevel` does.
export function startDoctor(window, words, watch) {
  const { document, location } = window;
  const devices = window.navigator.mediaDevices;
  // What is known beforehand, what the last attempt met, and what is heard of a recording.
  const known = {};
  const met = {};
  const heard = {};

  const isWanted = (place) => place === "microphone" || document.querySelector(CAMERA_IN_USE);
  const troubleAt = (place) =>
    isWanted(place) ? (heard[place] ?? met[place]?.trouble ?? known[place]) : undefined;
  const note = (place, trouble, role) => {
    const { error } = met[place] ?? {};
    const element = document.createElement("div");
    element.setAttribute("role", role);
    element.append(...advice(document, words, place, trouble, { location, error }));
    return element;
  };
  const show = (place) => {
    const box = document.querySelector(`#${place}-doctor .doctor`);
    if (!box) return;
    const trouble = troubleAt(place);
    // Of what went wrong just now a screen reader speaks at once.
    const role = trouble && !heard[place] && met[place] ? "alert" : "note";
    // What stands there already is not written, and so not spoken, anew.
    if (box.dataset.trouble === trouble && (!trouble || box.dataset.role === role)) return;
    box.replaceChildren();
    delete box.dataset.trouble;
    if (!trouble) return;
    box.append(note(place, trouble, role));
    Object.assign(box.dataset, { trouble, role });
  };
  const again = async () => {
    for (const place of PLACES) {
      known[place] = troubleBefore(place, await facts(window, place));
      delete met[place];
      show(place);
    }
  };

  const began = (place, stream) => {
    const tell = (trouble) => {
      heard[place] = trouble;
      show(place);
    };
    delete known[place];
    delete met[place];
    tell(undefined);
    const home = () => document.querySelector(RECORDERS[place]);
    const isPaused = () => Boolean(home()?.querySelector(RESUME)?.offsetParent);
    watch(window, stream, { words, home, isPaused, tell });
  };
  const failed = async (place, error) => {
    const trouble = troubleOf(place, error, await facts(window, place));
    met[place] = { trouble, error: error.name };
    delete heard[place];
    show(place);
  };

  if (devices?.getUserMedia) {
    const ask = devices.getUserMedia.bind(devices);
    devices.getUserMedia = (wanted) => {
      const place = wanted?.video ? "camera" : "microphone";
      const asked = askForChosen(ask, document.querySelector(MICROPHONES), wanted);
      const unanswered = window.setTimeout(() => {
        met[place] = { trouble: "unanswered" };
        show(place);
      }, PATIENCE);
      asked
        .finally(() => window.clearTimeout(unanswered))
        .then(
          (stream) => began(place, stream),
          (error) => failed(place, error),
        );
      return asked;
    };
    devices.addEventListener("devicechange", again);
    for (const name of NEEDS.camera) {
      window.navigator.permissions
        ?.query({ name })
        .then((status) => status.addEventListener("change", again))
        .catch(() => {}); // some browsers do not know these names
    }
  }
  new window.MutationObserver(() => PLACES.forEach(show)).observe(document.body, {
    subtree: true,
    childList: true,
  });
  again();
}
