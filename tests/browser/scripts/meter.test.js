import { createMeter } from "scripts/inputs/meter.js";
import { equal, test } from "./testing.js";

const WORDS = {
  "microphone.level.label": "Level",
  "microphone.level.quiet": "too quiet",
  "microphone.level.good": "fine",
  "microphone.level.loud": "too loud",
};

const attributes = (element, ...names) => names.map((name) => element.getAttribute(name));

test("it is a meter with a name, from 0 to 100", () => {
  const { element } = createMeter(document, WORDS);
  equal(attributes(element, "role", "aria-label", "aria-valuemin", "aria-valuemax"), [
    "meter",
    "Level",
    "0",
    "100",
  ]);
});

test("the bar ends at the level, the mark stands at the held peak", () => {
  const { element, draw } = createMeter(document, WORDS);
  draw(-30, -15);
  equal(element.querySelector(".fill").style.width, "50%");
  equal(element.querySelector(".mark").style.left, "75%");
  equal(attributes(element, "aria-valuenow"), ["50"]);
});

test("what is below the floor or above full scale stays inside", () => {
  const { element, draw } = createMeter(document, WORDS);
  draw(-120, 6);
  equal(element.querySelector(".fill").style.width, "0%");
  equal(element.querySelector(".mark").style.left, "100%");
});

test("its word is that of the held peak, to be seen and heard", () => {
  const { element, draw } = createMeter(document, WORDS);
  for (const [held, state] of [
    [-40, "quiet"],
    [-10, "good"],
    [0, "loud"],
  ]) {
    draw(-60, held);
    const word = WORDS[`microphone.level.${state}`];
    equal(element.dataset.state, state);
    equal(element.querySelector(".word").textContent, word);
    equal(attributes(element, "aria-valuetext"), [word]);
  }
});

test("at rest it has no word", () => {
  const { element, draw, rest } = createMeter(document, WORDS);
  draw(-10, -10);
  rest();
  equal(element.dataset.state, undefined);
  equal(element.textContent, "");
  equal(attributes(element, "aria-valuenow", "aria-valuetext"), ["0", null]);
});

test("a word that stays is not written anew", () => {
  const { element, draw } = createMeter(document, WORDS);
  draw(-20, -10);
  const written = element.querySelector(".word").firstChild;
  draw(-25, -12);
  equal(element.querySelector(".word").firstChild === written, true);
});
