// No recording is lost: what was recorded here is in the visitor's own browser until it has
// its answer, and what a page did not get to ask about is offered by the next.

import { give, pressAsk } from "./given.js";
import { keep, stayAwake, watchRecorders } from "./keeper.js";
import { createOffers } from "./offers.js";
import { holdPresses } from "./presses.js";
import { openStore } from "./store.js";

const ASK = "#ask, #retry, #anyway";
const DONE = '#status [data-stage="done"]';
const GONE = 60_000; // milliseconds after which a download has surely begun

// What is seen on each tab while there is something on it.
const FULL = {
  record: "#record #waveform",
  "audio-file": "#audio-file .file-preview",
  video: "#video video[src]",
};
const RECORDED_ON = { microphone: "record", camera: "video" };
const GIVEN_ON = { microphone: "audio-file", camera: "video" };

const SETTLED = 10_000; // milliseconds in which a page has a recording that was stopped

// Where the worker of shell/share.js sends a page to that it could keep nothing for.
const UNSHARED = "#not-shared";

const lockOf = (id) => `recording ${id}`;

// Which recording lies on which tab, so that it needs no offer, and what a run is about.
class Whereabouts {
  #document;
  #on = new Map(); // by the tabs
  #full = new Set();
  #asked = null;
  #isRunning = false;

  constructor(document) {
    this.#document = document;
  }

  get ready() {
    return [...this.#on.values()];
  }

  put(id, tab) {
    this.#on.set(tab, id);
  }

  // It has its answer, or never came to lie there.
  take(id) {
    for (const [tab, one] of this.#on) if (one === id) this.#on.delete(tab);
  }

  isFull(tab) {
    return this.#document.querySelector(FULL[tab]) !== null;
  }

  // Looks at the tabs again: whether one was cleared since.
  look() {
    let isChanged = false;
    for (const tab of Object.keys(FULL)) {
      const isFull = this.isFull(tab);
      if (this.#full.has(tab) && !isFull) isChanged = this.#on.delete(tab) || isChanged;
      if (isFull) this.#full.add(tab);
      else this.#full.delete(tab);
    }
    return isChanged;
  }

  // A question is asked: about the recording on the tab that is seen, if there is one.
  ask() {
    const seen = Object.keys(FULL).find((tab) => this.#document.getElementById(tab)?.offsetParent);
    this.#asked = this.#on.get(seen) ?? null;
    this.#isRunning = false;
  }

  // The recording that has got its answer since the last look, if one has.
  answered() {
    const isDone = this.#document.querySelector(DONE) !== null;
    // The end of the run before is still to be seen when this one begins.
    if (!isDone) this.#isRunning = true;
    if (!isDone || !this.#isRunning) return null;
    const asked = this.#asked;
    this.#asked = null;
    return asked;
  }
}

// Keeps recordings from now on, and offers those that are kept.
export async function startKeeping(window, words, language) {
  const { document, navigator } = window;
  if (!window.MediaRecorder) return; // and so nothing can be recorded
  const where = new Whereabouts(document);
  const busy = new Set(); // the ids of what is recorded or given just now
  const recorders = new Set();
  const releases = new Map(); // by id: what lets go of its lock
  const awaited = new Set(); // the ids of what other tabs have
  let store = null;

  // While one tab has a recording, no other offers it.
  const hold = (id) => {
    const held = new Promise((resolve) => {
      releases.set(id, resolve);
    });
    navigator.locks.request(lockOf(id), () => held);
  };
  // Another tab is done with it, or gone: a page that was left lets go a moment later.
  const awaitEnd = (id) => {
    if (awaited.has(id)) return;
    awaited.add(id);
    navigator.locks.request(lockOf(id), () => awaited.delete(id)).then(list);
  };
  const list = async () => {
    const [kept, { held }] = await Promise.all([store.list(), navigator.locks.query()]);
    const names = new Set(held.map(({ name }) => name));
    const isElsewhere = ({ id }) => names.has(lockOf(id)) && !releases.has(id);
    const here = new Set([...busy, ...where.ready]);
    offers.show(kept.filter((one) => !here.has(one.id) && !isElsewhere(one)));
    for (const { id } of kept.filter(isElsewhere)) awaitEnd(id);
  };
  const remove = async (id) => {
    await store.remove(id);
    where.take(id);
    releases.get(id)?.();
    releases.delete(id);
    await list();
  };
  const offers = createOffers(document, {
    words,
    language,
    home: () => document.querySelector("#kept .kept"),
    actions: {
      ask: async (recording) => {
        const { id, place } = recording;
        const file = await store.file(recording);
        hold(id);
        busy.add(id);
        await list();
        await give(window, place, file);
        where.put(id, GIVEN_ON[place]);
        busy.delete(id);
        await pressAsk(window);
      },
      download: async (recording) => {
        const file = await store.file(recording);
        const href = window.URL.createObjectURL(file);
        Object.assign(document.createElement("a"), { href, download: file.name }).click();
        window.setTimeout(() => window.URL.revokeObjectURL(href), GONE);
      },
      delete: ({ id }) => remove(id),
    },
  });

  const record = async (recorder) => {
    const { id, place, ended } = keep(window, store, recorder);
    const tab = RECORDED_ON[place];
    hold(id);
    busy.add(id);
    try {
      await ended;
    } catch {
      offers.say("failed"); // no room, as a rule
    }
    busy.delete(id);
    where.put(id, tab);
    // A clip that Gradio could do nothing with never comes to lie there.
    window.setTimeout(() => {
      if (where.isFull(tab)) return;
      where.take(id);
      list();
    }, SETTLED);
    await list();
  };
  const pressed = holdPresses(window);
  watchRecorders(window, (recorder) => {
    pressed();
    offers.say(null);
    recorders.add(recorder);
    const sleep = stayAwake(window);
    recorder.addEventListener("stop", () => {
      recorders.delete(recorder);
      sleep();
    });
    if (store) record(recorder);
  });
  window.addEventListener("beforeunload", (event) => {
    if (recorders.size > 0) event.preventDefault();
  });
  const asked = ({ target }) => {
    if (target.closest(ASK)) where.ask();
  };
  document.addEventListener("click", asked, { capture: true });

  offers.show([]);
  try {
    store = await openStore(window);
  } catch {
    offers.say("impossible"); // some browsers give a private window no store
  }
  const look = () => {
    offers.place();
    if (!store) return;
    const id = where.answered();
    if (id) remove(id).then(() => offers.say("answered"));
    if (where.look()) list();
  };
  new window.MutationObserver(look).observe(document.body, { subtree: true, childList: true });
  look();
  if (document.location.hash === UNSHARED) offers.say("unshared");
  if (store) await list();
}
