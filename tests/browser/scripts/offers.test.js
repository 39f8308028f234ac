import { createOffers, lengthIn, sizeIn, timeIn } from "scripts/inputs/offers.js";
import { each, equal, test } from "./testing.js";

const WORDS = {
  "kept.label": "Kept",
  "kept.note": "Only here.",
  "kept.microphone": "Recording of {time}, {length}",
  "kept.camera": "Film of {time}, {length}",
  "kept.shared": "Shared: {name}, {size}",
  "kept.ask": "Ask",
  "kept.delete": "Delete",
  "kept.failed": "No room.",
};
const ONE = { id: "a", place: "microphone", began: Date.now(), length: 190_000 };
const TWO = { id: "b", place: "camera", began: Date.now(), length: 400 };

function offered(...recordings) {
  document.body.innerHTML = '<div class="home"></div>';
  const acts = [];
  const actions = {
    ask: ({ id }) => acts.push(["ask", id]),
    delete: ({ id }) => acts.push(["delete", id]),
  };
  const home = () => document.querySelector(".home");
  const offers = createOffers(document, { words: WORDS, language: "en", home, actions });
  offers.show(recordings);
  offers.place();
  return { offers, acts };
}

test("each recording has its sentence and its buttons", () => {
  offered(ONE, TWO);
  const [first, second] = [...document.querySelectorAll("li b")].map((one) => one.textContent);
  equal(first.startsWith("Recording of ") && first.endsWith(", 3\u00a0min 10\u00a0sec"), true);
  equal(second.startsWith("Film of ") && second.endsWith(", 1\u00a0sec"), true);
  equal(document.querySelectorAll("li button").length, 4);
});

test("what was shared is called by its own name, whatever is in it, and its size", () => {
  offered({ ...ONE, name: "$& <b>.mp3", size: 3_240_000 });
  equal(document.querySelector("li b").textContent, "Shared: $& <b>.mp3, 3.2\u00a0MB");
});

test("a size is in kilobytes or megabytes, as the language writes it", () => {
  each(
    [
      ["en", 20_400, "20.4\u00a0kB"],
      ["en", 123_456_789, "123\u00a0MB"],
      ["ru", 3_240_000, "3,2\u00a0МБ"],
    ],
    sizeIn,
  );
});

test("a button says what it is about, and does it", () => {
  const { acts } = offered(ONE, TWO);
  const button = document.querySelector('[data-recording="b"] [data-action="delete"]');
  equal(button.textContent, "Delete");
  equal(button.getAttribute("aria-label").startsWith("Delete: Film of "), true);
  button.click();
  equal(acts, [["delete", "b"]]);
});

test("where nothing is kept neither list nor note is seen", () => {
  offered();
  equal(
    ["ul", "small"].map((one) => document.querySelector(one).hidden),
    [true, true],
  );
});

test("news are said in a line of their own, and taken back", () => {
  const { offers } = offered();
  const line = document.querySelector("[role=status]");
  offers.say("failed");
  equal(line.textContent, "No room.");
  offers.say(null);
  equal(line.textContent, "");
});

test("the list moves to where Gradio made its place anew, and is left alone otherwise", () => {
  const { offers } = offered(ONE);
  const item = document.querySelector("li");
  offers.place();
  equal(document.querySelector("li") === item, true);
  document.body.innerHTML = '<div class="home">old</div>';
  offers.place();
  equal(document.querySelector(".home li") === item, true);
});

test("a length is told in the largest units that it has", () => {
  each(
    [
      ["en", 0, "1 sec"],
      ["en", 59_400, "59 sec"],
      ["en", 60_000, "1 min"],
      ["en", 190_000, "3 min 10 sec"],
      ["en", 3_661_000, "1 hr 1 min 1 sec"],
      ["ru", 190_000, "3 мин 10 с"],
    ],
    (language, length) => lengthIn(language, length).replaceAll("\u00a0", " "),
  );
});

test("a time has its day where that is not today", () => {
  const now = new Date(2026, 10, 26, 18, 0).getTime();
  each(
    [
      ["en-GB", new Date(2026, 10, 26, 14, 2).getTime(), "14:02"],
      ["ru", new Date(2026, 10, 26, 14, 2).getTime(), "14:02"],
      ["ru", new Date(2026, 10, 25, 14, 2).getTime(), "25 ноября в 14:02"],
    ],
    (language, began) => timeIn(language, began, now),
  );
});
