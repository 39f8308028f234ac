// Answers in the visitor's own browser: they outlive a reload and the server. None leaves it.

import { foldCode } from "./code.js";

const NAME = "show-and-tell-answers";
const ANSWERS = "answers";
const MEDIA = "media";

const result = (request) =>
  new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error));
  });

// What is kept of a card: {id, began, state, question, model, name, text, html}; `began` is in
// milliseconds since 1970. Its ids stay behind: those are the newest card's alone.
export function answerOf(card) {
  const copy = card.cloneNode(true);
  delete copy.dataset.media; // where the server has it
  for (const one of copy.querySelectorAll("[data-live]:is(audio, video)")) one.remove();
  for (const one of copy.querySelectorAll("[id]")) one.removeAttribute("id");
  for (const one of copy.querySelectorAll("details[open]")) one.removeAttribute("open");
  foldCode(copy);
  const { id, began, state } = card.dataset;
  const words = (selector) => copy.querySelector(selector)?.textContent.trim() ?? "";
  return {
    id,
    began: Date.parse(began),
    state,
    question: words("h2"),
    model: copy.querySelector(".asked")?.dataset.model ?? "",
    name: words(".asked"),
    text: words(".answer"),
    html: copy.outerHTML,
  };
}

// What a card carries for copies and downloads; null where it has nothing of that yet.
export function recordOf(card) {
  return card.dataset.record ? JSON.parse(card.dataset.record) : null;
}

// `answer` as its page left it before it was complete.
export function leftAlone(document, words, answer) {
  const template = document.createElement("template");
  template.innerHTML = answer.html;
  const card = template.content.firstElementChild;
  Object.assign(card.dataset, { state: "left" });
  card.setAttribute("aria-busy", "false");
  card.querySelector(".state").textContent = words["card.failed"];
  const said = Object.assign(document.createElement("div"), { className: "error" });
  said.append(Object.assign(document.createElement("b"), { textContent: words["card.left"] }));
  card.querySelector(".fault").replaceChildren(said);
  return { ...answer, state: "left", html: card.outerHTML };
}

// The store in `indexedDB`; fails where the browser has none to give.
export async function openAnswers({ indexedDB }, name = NAME) {
  const opening = indexedDB.open(name, 2);
  opening.addEventListener("upgradeneeded", ({ oldVersion }) => {
    if (oldVersion < 1) opening.result.createObjectStore(ANSWERS, { keyPath: "id" });
    opening.result.createObjectStore(MEDIA);
  });
  const database = await result(opening);
  const records = (of, mode) => database.transaction(of, mode).objectStore(of);
  const answers = (mode) => records(ANSWERS, mode);
  const media = (mode) => records(MEDIA, mode);

  return {
    close: () => database.close(),
    put: (answer) => result(answers("readwrite").put(answer)),
    async remove(id) {
      await result(answers("readwrite").delete(id));
      await result(media("readwrite").delete(id));
    },
    async clear() {
      await result(answers("readwrite").clear());
      await result(media("readwrite").clear());
    },
    // The file that an answer is about, and of which there is one.
    keepMedia: (id, file) => result(media("readwrite").put(file, id)),
    media: (id) => result(media("readonly").get(id)),
    withMedia: () => result(media("readonly").getAllKeys()),
    clearMedia: () => result(media("readwrite").clear()),
    // The newest first.
    async list() {
      const all = await result(answers("readonly").getAll());
      return all.sort((one, other) => other.began - one.began);
    },
  };
}
