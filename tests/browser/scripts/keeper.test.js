import { keep, stayAwake, watchRecorders } from "scripts/inputs/keeper.js";
import { equal, settled, test } from "./testing.js";

// A browser whose recorders the test drives, and a store that notes what it is told.
function browser({ types = ["audio/webm;codecs=opus", "video/mp4"], full = Infinity } = {}) {
  const made = [];
  let now = 0;
  class MediaRecorder extends EventTarget {
    static isTypeSupported = (type) => types.includes(type);
    state = "inactive";
    calls = [];
    constructor(stream, options = {}) {
      super();
      Object.assign(this, { stream, mimeType: options.mimeType ?? "audio/own" });
      made.push(this);
    }
    go(name, state) {
      this.calls.push(name);
      this.state = state;
      this.dispatchEvent(new Event(name));
    }
    start() {
      this.go("start", "recording");
    }
    pause() {
      this.go("pause", "paused");
    }
    resume() {
      this.go("resume", "recording");
    }
    // What is left comes before the end.
    stop() {
      if (this.rest) this.give(...this.rest);
      this.go("stop", "inactive");
    }
    give(...values) {
      const data = new Blob([new Uint8Array(values)]);
      this.dispatchEvent(Object.assign(new Event("dataavailable"), { data }));
    }
  }
  const told = [];
  const store = {
    begin: async ({ place, type }) => told.push(["begin", place, type]),
    append: async (_, bytes, length) => {
      if (told.length >= full) throw new DOMException("", "QuotaExceededError");
      told.push(["append", [...new Uint8Array(bytes)], length]);
    },
  };
  const window = { MediaRecorder, crypto, performance: { now: () => now } };
  const later = (milliseconds) => {
    now += milliseconds;
  };
  return { window, store, told, made, later };
}

const stream = (pictures = 0) => ({ getVideoTracks: () => Array(pictures).fill({}) });

function kept(options, pictures = 0) {
  const all = browser(options);
  const recorder = new all.window.MediaRecorder(stream(pictures));
  recorder.start();
  const keeping = keep(all.window, all.store, recorder);
  return { ...all, recorder, twin: all.made[1], keeping };
}

test("what comes is written, with the length up to then", async () => {
  const { twin, told, later, recorder, keeping } = kept();
  later(1000);
  twin.give(1, 2);
  later(500);
  twin.rest = [3];
  recorder.stop();
  await keeping.ended;
  equal(told, [
    ["begin", "microphone", "audio/webm;codecs=opus"],
    ["append", [1, 2], 1000],
    ["append", [3], 1500],
  ]);
});

test("a stream with a picture is a film", async () => {
  const { told, keeping } = kept({}, 1);
  await settled();
  equal([keeping.place, told[0]], ["camera", ["begin", "camera", "video/mp4"]]);
});

test("where no type is known the browser's own is taken", async () => {
  const { told } = kept({ types: [] });
  await settled();
  equal(told, [["begin", "microphone", "audio/own"]]);
});

test("it pauses, goes on and ends with the recorder, and pauses do not count", async () => {
  const { twin, recorder, told, later, keeping } = kept();
  later(1000);
  recorder.pause();
  later(5000);
  recorder.resume();
  later(1000);
  twin.rest = [1];
  recorder.stop();
  await keeping.ended;
  equal(twin.calls, ["start", "pause", "resume", "stop"]);
  equal(told.at(-1), ["append", [1], 2000]);
});

test("where there is no room it ends, and says so", async () => {
  const { twin, keeping } = kept({ full: 1 });
  twin.give(1);
  const error = await keeping.ended.catch((one) => one.name);
  equal([error, twin.state], ["QuotaExceededError", "inactive"]);
});

test("every recorder of the page is noticed, and none that was made here", () => {
  const { window, store } = browser();
  const began = [];
  watchRecorders(window, (recorder) => began.push(recorder));
  const recorder = new window.MediaRecorder(stream());
  recorder.start();
  keep(window, store, recorder);
  equal(began.length, 1);
  equal(began[0] === recorder && recorder.state, "recording");
});

function screen(visibilityState = "visible") {
  const page = Object.assign(new EventTarget(), { visibilityState });
  const locks = [];
  const request = async (kind) => {
    const lock = { kind, isHeld: true, release: () => (lock.isHeld = false) };
    locks.push(lock);
    return lock;
  };
  return { page, locks, window: { document: page, navigator: { wakeLock: { request } } } };
}

test("the screen stays awake until it may sleep", async () => {
  const { window, locks } = screen();
  const sleep = stayAwake(window);
  await settled();
  equal(
    locks.map(({ kind, isHeld }) => [kind, isHeld]),
    [["screen", true]],
  );
  sleep();
  equal(locks[0].isHeld, false);
});

test("a page that comes back is kept awake again, and not after the end", async () => {
  const { window, page, locks } = screen("hidden");
  const sleep = stayAwake(window);
  await settled();
  equal(locks.length, 0);
  page.visibilityState = "visible";
  page.dispatchEvent(new Event("visibilitychange"));
  await settled();
  equal(locks.length, 1);
  sleep();
  page.dispatchEvent(new Event("visibilitychange"));
  await settled();
  equal(locks.length, 1);
});

test("a browser that lets nobody keep it awake records all the same", async () => {
  const refusing = { request: () => Promise.reject(new DOMException("", "NotAllowedError")) };
  for (const wakeLock of [undefined, refusing]) {
    const { page } = screen();
    stayAwake({ document: page, navigator: { wakeLock } })();
    await settled();
  }
});
