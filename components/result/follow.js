// A question that follows others about the same media: what was asked and answered before is
// sent with it.

import { recordOf } from "./answers.js";

const FIELD = "#earlier :is(textarea, input)";
const PROMPT = "#prompt textarea";

// Has the next question follow `card`, whose media lies on the page as `media`.
export function followUp(window, card, media) {
  const { document } = window;
  const field = document.querySelector(FIELD);
  field.value = JSON.stringify({ media, turns: recordOf(card).turns });
  field.dispatchEvent(new window.Event("input", { bubbles: true }));
  document.querySelector(PROMPT).focus();
}
