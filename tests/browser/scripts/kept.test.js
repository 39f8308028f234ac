import { startKeeping } from "scripts/inputs/kept.js";
import { equal, settled, test } from "./testing.js";

const WORDS = Object.fromEntries(
  ["label", "note", "microphone", "camera", "ask", "download", "delete"]
    .concat(["answered", "failed", "impossible"])
    .map((name) => [`kept.${name}`, name]),
);
const news = () => document.querySelector("#kept [role=status]")?.textContent;

function browser(more) {
  document.body.innerHTML = '<div id="kept"><div class="kept"></div></div>';
  class MediaRecorder extends EventTarget {
    start() {}
  }
  const page = new EventTarget();
  return Object.assign(page, {
    document,
    MediaRecorder,
    MutationObserver,
    IDBKeyRange,
    indexedDB,
    File,
    navigator: { locks: navigator.locks },
    performance,
    setTimeout: () => {},
    ...more,
  });
}

// A browser that refuses to open a database, as some do in a private window.
const REFUSING = {
  open() {
    const opening = new EventTarget();
    setTimeout(() => opening.dispatchEvent(new Event("error")));
    return opening;
  },
};

test("where nothing can be recorded nothing is done", async () => {
  await startKeeping(browser({ MediaRecorder: undefined, indexedDB: undefined }), WORDS, "en");
  equal(document.querySelector(".kept").childNodes.length, 0);
});

test("a browser that keeps nothing is said to, and leaving still asks while it records", async () => {
  const window = browser({ indexedDB: REFUSING });
  await startKeeping(window, WORDS, "en");
  equal(news(), "impossible");
  const leave = () => {
    const leaving = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(leaving);
    return leaving.defaultPrevented;
  };
  equal(leave(), false);
  const recorder = new window.MediaRecorder();
  recorder.start();
  equal(leave(), true);
  recorder.dispatchEvent(new Event("stop"));
  equal(leave(), false);
});

test("the list finds its place however late that comes", async () => {
  const window = browser();
  document.body.innerHTML = "";
  await startKeeping(window, WORDS, "en");
  document.body.innerHTML = '<div id="kept"><div class="kept"></div></div>';
  await settled();
  equal(document.querySelectorAll("#kept ul").length, 1);
});
