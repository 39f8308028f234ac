// "Stop and ask": from speaking to an answer in two presses, the first of which is Record.

import { pressAsk } from "./given.js";
import { watchRecorders } from "./keeper.js";

const STOPS = "#record .stop-button, #record .stop-button-paused";
const PLACE = "#record .controls .wrapper";

// Offers it beside Gradio's own Stop while the microphone records.
export function offerStraight(window, words) {
  const { document } = window;
  const button = Object.assign(document.createElement("button"), {
    type: "button",
    className: "straight",
    textContent: words["microphone.straight"],
  });
  button.addEventListener("click", async () => {
    button.disabled = true;
    const stops = [...document.querySelectorAll(STOPS)];
    stops.find((one) => one.offsetParent)?.click();
    // Ask sleeps until the recording has arrived. Who presses anything else meanwhile has
    // thought better of it, and is not to pay.
    let isWanted = true;
    const changeMind = () => {
      isWanted = false;
    };
    document.addEventListener("pointerdown", changeMind);
    await pressAsk(window, () => isWanted);
    document.removeEventListener("pointerdown", changeMind);
  });
  watchRecorders(window, (recorder) => {
    if (recorder.stream.getVideoTracks().length > 0) return;
    button.disabled = false;
    document.querySelector(PLACE)?.append(button);
    recorder.addEventListener("stop", () => button.remove());
  });
}
