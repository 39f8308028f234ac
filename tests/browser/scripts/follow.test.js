import { followUp } from "scripts/result/follow.js";
import { equal, test } from "./testing.js";

test("the next question follows the turns of a card, about its media", () => {
  document.body.innerHTML = `
    <div id="earlier"><textarea></textarea></div><div id="prompt"><textarea></textarea></div>
    <article class="card"
      data-record='{"turns": [{"question": "What?", "answer": "This."}]}'></article>`;
  const field = document.querySelector("#earlier textarea");
  const told = [];
  field.addEventListener("input", () => told.push(JSON.parse(field.value)));
  followUp(window, document.querySelector(".card"), "/tmp/a");
  equal(told, [{ media: "/tmp/a", turns: [{ question: "What?", answer: "This." }] }]);
  equal(document.activeElement === document.querySelector("#prompt textarea"), true);
});
