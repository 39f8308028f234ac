import { translateLeftovers, translator } from "scripts/leftovers.js";
import { each, equal, settled, test } from "./testing.js";

const WORDS = {
  Trim: "Обрезать",
  undo: "отменить",
  "Adjust playback speed to {n}x": "Скорость: {n}×",
};

function show(html) {
  document.body.innerHTML = html;
  translateLeftovers(window, WORDS, "ru");
}

test("a text of Gradio's is found, all else is not", () => {
  each(
    [
      ["Trim", "Обрезать"],
      ["Trim it", undefined],
      ["", undefined],
      [null, undefined],
      ["constructor", undefined],
      ["x Adjust playback speed to 2x", undefined],
    ],
    translator(WORDS, "ru"),
  );
});

test("a number is written as the language does", () => {
  equal(translator(WORDS, "ru")("Adjust playback speed to 1.5x"), "Скорость: 1,5×");
  equal(translator(WORDS, "en")("Adjust playback speed to 1.5x"), "Скорость: 1.5×");
});

test("the page speaks the language, with its spaces as they were", () => {
  show("<button> Trim\n</button><p>Anything else</p>");
  equal(document.body.innerHTML, "<button> Обрезать\n</button><p>Anything else</p>");
});

test("names and hints are translated too", () => {
  show('<input aria-label="Trim" title="undo" placeholder="Trim" value="Trim">');
  equal(
    document.body.innerHTML,
    '<input aria-label="Обрезать" title="отменить" placeholder="Обрезать" value="Trim">',
  );
});

test("what comes later is translated", async () => {
  show("<main></main>");
  document.querySelector("main").innerHTML = '<p>Trim</p><p title="undo"></p>';
  await settled();
  equal(document.querySelector("main").innerHTML, '<p>Обрезать</p><p title="отменить"></p>');
});

test("a text that changes later is translated", async () => {
  show("<p>…</p>");
  document.querySelector("p").firstChild.nodeValue = "Trim";
  await settled();
  equal(document.body.innerHTML, "<p>Обрезать</p>");
});

test("a hint that changes later is translated", async () => {
  show("<p>…</p>");
  document.querySelector("p").setAttribute("title", "Adjust playback speed to 0.5x");
  await settled();
  equal(document.body.innerHTML, '<p title="Скорость: 0,5×">…</p>');
});

test("an answer is left alone", () => {
  const answer = '<div class="prose"><p title="undo">Trim</p>Trim</div>';
  show(`${answer}<p>Trim</p>`);
  equal(document.body.innerHTML, `${answer}<p>Обрезать</p>`);
});

test("the button that copies an answer, and stands in it, is Gradio's", () => {
  show('<div class="prose"><button title="undo">Trim</button></div>');
  equal(document.querySelector("button").outerHTML, '<button title="отменить">Trim</button>');
});

test("an answer that comes later is left alone", async () => {
  show('<div class="prose"><p>…</p></div>');
  const [answer, first] = [".prose", "p"].map((one) => document.querySelector(one));
  first.firstChild.nodeValue = "Trim";
  first.setAttribute("title", "undo");
  answer.append("undo", Object.assign(document.createElement("b"), { textContent: "undo" }));
  await settled();
  equal(answer.innerHTML, '<p title="undo">Trim</p>undo<b>undo</b>');
});
