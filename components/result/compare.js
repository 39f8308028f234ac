// Several models' answers side by side: what they are held against is chosen, and who answered
// what is shown to who wants to know.

import { recordOf } from "./answers.js";

// Of the parts of `card` those that are for another reference than `key` go.
export function holdAgainst(card, key) {
  for (const part of card.querySelectorAll("[data-against]")) {
    part.hidden = part.dataset.against !== key;
  }
}

const AGAIN = "#again :is(textarea, input)";

// Has what failed in the comparison around `button` be asked again.
export function askAgain(window, button) {
  const { document } = window;
  const compared = button.closest(".compared");
  const { media } = compared.querySelector(".card").dataset;
  const { exports } = recordOf(compared.querySelector(".comparison"));
  const field = document.querySelector(AGAIN);
  const at = Date.now(); // it is another one, also when it fails again
  field.value = JSON.stringify({ media, at, compared: JSON.parse(exports.json) });
  field.dispatchEvent(new window.Event("input", { bubbles: true }));
}

export function startComparing({ document }) {
  document.addEventListener("change", ({ target }) => {
    if (target.matches?.(".comparison .against select")) {
      holdAgainst(target.closest(".card"), target.value);
    }
  });
}

// Shows who answered what in the comparison that `card` is the table of.
export function reveal(card) {
  card.closest(".compared").classList.remove("blind");
}
