import { askForProof, showProofs } from "scripts/result/proof.js";
import { equal, test } from "./testing.js";

function cards() {
  document.body.innerHTML = `
    <div id="proof"><textarea></textarea></div>
    <div id="newest">
      <article class="card" data-id="a"><div class="proof" tabindex="-1"></div></article>
      <article class="card" data-id="b"><div class="proof" tabindex="-1"
        ><button data-generation="gen-1">Ask</button></div></article>
    </div>`;
  const field = document.querySelector("textarea");
  const told = [];
  field.addEventListener("input", () => told.push(JSON.parse(field.value)));
  return { told, last: document.querySelector('[data-id="b"]') };
}
const shown = () => [...document.querySelectorAll(".proof")].map((one) => one.textContent.trim());
const tell = (detail) => window.dispatchEvent(new window.CustomEvent("proof", { detail }));

test("a press tells the server which answer is meant, and is taken once", () => {
  const { told, last } = cards();
  const button = last.querySelector("button");
  askForProof(window, last, button);
  equal(
    told.map(({ card, generation }) => [card, generation]),
    [["b", "gen-1"]],
  );
  equal(button.disabled, true);
});

test("what was told is shown on its card, which gets the focus", () => {
  cards();
  showProofs(window);
  tell({ card: "b", html: "<p>one sound</p>" });
  equal(shown(), ["", "one sound"]);
  equal(document.activeElement.closest(".card").dataset.id, "b");
});

test("what was told of a card that is gone is shown nowhere", () => {
  cards();
  showProofs(window);
  tell({ card: 'c"]', html: "<p>one sound</p>" });
  equal(shown(), ["", "Ask"]);
});
