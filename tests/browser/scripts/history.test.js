import { createHistory } from "scripts/result/history.js";
import { equal, test } from "./testing.js";

const WORDS = Object.fromEntries(
  ["title", "search", "none", "note", "delete", "export", "sure", "media", "full"].map((name) => [
    `history.${name}`,
    name === "sure" ? "really {count}" : name,
  ]),
);
WORDS["card.failed"] = "no whole answer";
const answer = (id, question, text) => ({
  ...{ id, question, text, model: "maker/model", began: Date.now() },
  html: `<article class="card">${text}</article>`,
});
const ONE = answer("1", "What is said?", "Hello");
const TWO = { ...answer("2", "Who speaks?", "Nobody"), name: "The Second" };

function shown(...answers) {
  document.body.innerHTML = '<div class="home"></div>';
  const acts = [];
  const actions = {
    clear: () => acts.push("cleared"),
    exportAll: (all) => acts.push(all.map(({ id }) => id)),
    keepMedia: (isOn) => acts.push(isOn),
  };
  const home = () => document.querySelector(".home");
  const history = createHistory(document, { words: WORDS, language: "en", home, actions });
  history.place();
  history.show(answers);
  return { history, acts };
}
const questions = () =>
  [...document.querySelectorAll("li:not([hidden]) b")].map((one) => one.textContent);
const button = (text) =>
  [...document.querySelectorAll("button")].find((one) => one.textContent.startsWith(text));

test("without an answer there is nothing to be seen", () => {
  shown();
  equal(document.querySelector("section").hidden, true);
});

test("with the first answer on the page it can be chosen to keep the media", () => {
  const { history, acts } = shown();
  history.use();
  equal(
    [document.querySelector("section").hidden, document.querySelector("header").hidden],
    [false, true],
  );
  document.querySelector("label input").click();
  document.querySelector("label input").click();
  equal(acts, [true, false]);
});

test("it is marked of which answers the media are kept, now and later, and that there is no room", () => {
  const { history } = shown(ONE);
  history.mark(["2"], true);
  history.add(TWO);
  const marked = [...document.querySelectorAll("li")].map((one) => "media" in one.dataset);
  equal(marked, [true, false]);
  equal(document.querySelector("section > p[role=status]:last-child").hidden, false);
  history.mark(["1"]);
  equal(document.querySelector('[data-answer="1"]').dataset.media, "");
  equal(document.querySelector("section > p[role=status]:last-child").hidden, true);
});

test("of each answer its beginning is shown, and what became of it where that is not all", () => {
  shown({ ...ONE, state: "done" }, { ...TWO, state: "failed", text: "" });
  const begins = [...document.querySelectorAll("li i")].map((one) => one.textContent);
  equal(begins, ["Hello", "no whole answer"]);
});

test("a new answer comes first, and one that is deleted goes", () => {
  const { history } = shown(ONE);
  history.add(TWO);
  equal(questions(), ["Who speaks?", "What is said?"]);
  history.remove("1");
  equal(questions(), ["Who speaks?"]);
});

test("an answer is built once it is opened", async () => {
  shown(ONE);
  equal(document.querySelectorAll(".card").length, 0);
  document.querySelector("details").open = true;
  await new Promise((resolve) => {
    setTimeout(resolve, 50);
  });
  equal(document.querySelector(".card").textContent, "Hello");
});

test("answers are found by their words, their question and their model", () => {
  shown(ONE, TWO);
  const search = document.querySelector("[type=search]");
  for (const [wanted, found] of [
    ["hello", ["What is said?"]],
    ["WHO", ["Who speaks?"]],
    ["maker", ["What is said?", "Who speaks?"]],
    ["second", ["Who speaks?"]],
    ["else", []],
  ]) {
    search.value = wanted;
    search.dispatchEvent(new Event("input"));
    equal(questions(), found);
    equal(document.querySelector("[role=status]").hidden, found.length > 0);
  }
});

test("all are deleted by a second press alone, and saved by one", () => {
  const { acts } = shown(ONE, TWO);
  button("export").click();
  button("delete").click();
  equal(acts, [["1", "2"]]);
  button("really 2").click();
  equal(acts, [["1", "2"], "cleared"]);
});
