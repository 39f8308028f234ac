// No answer is lost: what has come of each is kept in the visitor's own browser from its first
// words on, and the next one has a card of its own.

import { answerOf, leftAlone, openAnswers, recordOf } from "./answers.js";
import { lightLines, seek } from "./cues.js";
import { allOf, fileName, save, textOf } from "./files.js";
import { followUp } from "./follow.js";
import { createHistory } from "./history.js";
import { giveAgain, isWanted, mediaOf, want } from "./media.js";
import { createRoom } from "./room.js";

const EVERY = 1000; // milliseconds between two writes of an answer that is on its way
const COPIED = 2000;

const lockOf = (id) => `answer ${id}`;

// Where another press leads to, and the fold that it is in.
const FIELDS = { key: ["#api-key input", "#connection"], other: ["#model input", null] };
const UNFOLDED = 60; // frames in which Gradio makes what is in a fold, at the latest

async function focusOn(window, selector, fold) {
  const { document } = window;
  if (fold && !document.querySelector(`${fold} .label-wrap.open`)) {
    document.querySelector(`${fold} .label-wrap`).click();
  }
  for (let frame = 0; frame < UNFOLDED; frame += 1) {
    const field = document.querySelector(selector);
    if (field?.offsetParent) {
      field.focus();
      return;
    }
    await new Promise((next) => {
      window.requestAnimationFrame(next);
    });
  }
}

// Keeps answers from now on, and shows those that are kept; `uploads` has what they are about.
export async function startFeed(window, words, language, uploads) {
  const { document, navigator } = window;
  const deleted = new Set();
  let store = null;
  let newest = null;
  let release = () => {};
  let written = 0;
  let later = null;

  const history = createHistory(document, {
    words,
    language,
    home: () => document.querySelector("#history .history"),
    actions: {
      async clear() {
        await store?.clear();
        history.show([]);
        if (newest && !deleted.has(newest.id)) write();
      },
      async exportAll(answers) {
        const all = newest && !deleted.has(newest.id) ? [newest, ...answers] : answers;
        save(window, fileName(Date.now(), "html"), "html", await allOf(window, all));
      },
      async keepMedia(isOn) {
        want(window, isOn);
        if (isOn) await keepMedia();
        else {
          await store?.clearMedia();
          history.mark([]);
        }
      },
    },
    keepsMedia: isWanted(window),
  });
  // What the newest answer is about.
  const keepMedia = async () => {
    const card = document.querySelector("#newest .card");
    const file = card && mediaOf(uploads, card);
    if (!store || !file || deleted.has(card.dataset.id)) return;
    let isFull = false;
    try {
      await store.keepMedia(card.dataset.id, file);
    } catch {
      isFull = true;
    }
    history.mark(await store.withMedia(), isFull);
  };
  const room = createRoom(window, words);

  const write = () => {
    window.clearTimeout(later);
    later = null;
    written = window.performance.now();
    if (!deleted.has(newest.id)) store?.put(newest);
  };
  // The last words before the page is left.
  window.addEventListener("pagehide", () => {
    if (later !== null) write();
  });
  // While this tab hears of it, no other takes it for left.
  const hold = (id) => {
    release();
    const held = new Promise((resolve) => {
      release = resolve;
    });
    navigator.locks?.request(lockOf(id), () => held);
  };
  const look = () => {
    history.place();
    const card = document.querySelector("#newest .card");
    if (!card) return;
    const now = answerOf(card);
    if (now.html === newest?.html) return;
    if (now.id !== newest?.id) {
      if (newest && !deleted.has(newest.id)) history.add(newest);
      hold(now.id);
      const isCalm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      card.scrollIntoView({ block: "start", behavior: isCalm ? "auto" : "smooth" });
    }
    newest = now;
    history.use();
    if (now.state !== "running") {
      release();
      write();
      if (isWanted(window)) keepMedia();
    } else if (later === null) {
      const wait = Math.max(written + EVERY - window.performance.now(), 0);
      later = window.setTimeout(write, wait);
    }
  };
  const remove = async (card) => {
    const { id } = card.dataset;
    deleted.add(id);
    if (newest?.id === id) card.hidden = true;
    else history.remove(id);
    await store?.remove(id);
  };
  const copy = async (card, button) => {
    await navigator.clipboard.writeText(recordOf(card).text);
    button.textContent = words["card.copied"];
    window.setTimeout(() => {
      button.textContent = words["card.copy"];
    }, COPIED);
  };
  const download = async (card, { dataset: { kind } }) => {
    const answer = answerOf(card);
    const text = await textOf(window, card, answer, kind);
    save(window, fileName(answer.began, kind), kind, text);
  };
  // Where the server has what a card is about: of one of those before, it is given anew.
  const mediaFor = async (card) =>
    card.dataset.media ??
    giveAgain(window, uploads, await store.media(card.closest("[data-answer]").dataset.answer));
  const follow = async (card) => followUp(window, card, await mediaFor(card));
  const other = async (card) => {
    await mediaFor(card);
    focusOn(window, ...FIELDS.other);
  };
  const acts = { copy, download, follow, other, seek, delete: remove, room: () => room.open() };
  lightLines(window);

  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-act]");
    if (!button) return;
    const { act } = button.dataset;
    if (button.closest(".ways")) focusOn(window, ...FIELDS[act]);
    else acts[act]?.(button.closest(".card"), button);
  });
  new window.MutationObserver(look).observe(document.body, {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true,
    attributeFilter: ["data-id", "data-state", "data-record"],
  });

  try {
    store = await openAnswers(window);
    const { held } = (await navigator.locks?.query()) ?? { held: [] };
    const names = new Set(held.map(({ name }) => name));
    const isLeft = ({ state, id }) => state === "running" && !names.has(lockOf(id));
    const kept = (await store.list()).filter(({ id }) => id !== newest?.id);
    history.mark(await store.withMedia());
    history.show(kept.map((one) => (isLeft(one) ? leftAlone(document, words, one) : one)));
  } catch {
    // Some browsers give a private window no store: what is on the page stays there.
  }
  look();
}
