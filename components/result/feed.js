// No answer is lost: what has come of each is kept in the visitor's own browser from its first
// words on, and the next one has a card of its own.

import { answerOf, leftAlone, openAnswers, recordOf } from "./answers.js";
import { codeAt, fileAt, unfoldCode } from "./code.js";
import { askAgain, reveal, startComparing } from "./compare.js";
import { lightLines, seek } from "./cues.js";
import { allOf, fileName, save, saveBlob, textOf } from "./files.js";
import { followUp } from "./follow.js";
import { createHistory } from "./history.js";
import { giveAgain, isWanted, mediaOf, want } from "./media.js";
import { askForProof, showProofs } from "./proof.js";
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
  // The answers on the page, by their ids: one, or those of a comparison with its table. Of each
  // {answer, release, written, later}.
  let newest = new Map();

  const history = createHistory(document, {
    words,
    language,
    home: () => document.querySelector("#history .history"),
    actions: {
      async clear() {
        await store?.clear();
        history.show([]);
        for (const one of newest.values()) write(one);
      },
      async exportAll(answers) {
        const all = [...shown(), ...answers];
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
  const shown = () =>
    [...newest.values()].map(({ answer }) => answer).filter(({ id }) => !deleted.has(id));
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

  const write = (one) => {
    window.clearTimeout(one.later);
    one.later = null;
    one.written = window.performance.now();
    if (!deleted.has(one.answer.id)) store?.put(one.answer);
  };
  // The last words before the page is left.
  window.addEventListener("pagehide", () => {
    for (const one of newest.values()) if (one.later !== null) write(one);
  });
  // While this tab hears of it, no other takes it for left.
  const hold = (id) => {
    let release;
    const held = new Promise((resolve) => {
      release = resolve;
    });
    navigator.locks?.request(lockOf(id), () => held);
    return release;
  };
  const look = () => {
    history.place();
    const cards = [...document.querySelectorAll("#newest .card")];
    if (cards.length === 0) return;
    if (!cards.some(({ dataset }) => newest.has(dataset.id))) {
      for (const answer of shown().reverse()) history.add(answer);
      for (const { release } of newest.values()) release();
      newest = new Map();
      const isCalm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      cards[0].scrollIntoView({ block: "start", behavior: isCalm ? "auto" : "smooth" });
    }
    for (const card of cards) follow(answerOf(card));
    history.use();
  };
  // What has come of an answer since it was looked at.
  const follow = (now) => {
    let one = newest.get(now.id);
    if (now.html === one?.answer.html) return;
    if (!one) {
      one = { release: hold(now.id), written: 0, later: null };
      newest.set(now.id, one);
    }
    one.answer = now;
    if (now.state !== "running") {
      one.release();
      write(one);
      if (isWanted(window)) keepMedia();
    } else if (one.later === null) {
      const wait = Math.max(one.written + EVERY - window.performance.now(), 0);
      one.later = window.setTimeout(write, wait, one);
    }
  };
  const remove = async (card) => {
    const { id } = card.dataset;
    deleted.add(id);
    if (newest.has(id)) card.hidden = true;
    else history.remove(id);
    await store?.remove(id);
  };
  const copyText = async (button, text) => {
    await navigator.clipboard.writeText(text);
    button.textContent = words["card.copied"];
    window.setTimeout(() => {
      button.textContent = words["card.copy"];
    }, COPIED);
  };
  const copy = (card, button) => copyText(button, recordOf(card).text);
  const snippet = (_, button) => copyText(button, codeAt(button));
  // It is called what the code calls it: a browser would take the name that it has on the server.
  const file = async (_, link, click) => {
    click.preventDefault();
    const blob = await fileAt(window, link);
    if (blob) saveBlob(window, link.download, blob);
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
  const followCard = async (card) => followUp(window, card, await mediaFor(card));
  const other = async (card) => {
    await mediaFor(card);
    focusOn(window, ...FIELDS.other);
  };
  const acts = {
    again: (_, button) => askAgain(window, button),
    code: unfoldCode,
    copy,
    download,
    file,
    follow: followCard,
    other,
    proof: (card, button) => askForProof(window, card, button),
    reveal,
    seek,
    snippet,
    delete: remove,
    room: () => room.open(),
  };
  lightLines(window);
  startComparing(window);
  showProofs(window);

  document.addEventListener("click", (click) => {
    const button = click.target.closest?.("[data-act]");
    if (!button) return;
    const { act } = button.dataset;
    if (button.closest(".ways")) focusOn(window, ...FIELDS[act]);
    else acts[act]?.(button.closest(".card"), button, click);
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
    const kept = (await store.list()).filter(({ id }) => !newest.has(id));
    history.mark(await store.withMedia());
    history.show(kept.map((one) => (isLeft(one) ? leftAlone(document, words, one) : one)));
  } catch {
    // Some browsers give a private window no store: what is on the page stays there.
  }
  look();
}
