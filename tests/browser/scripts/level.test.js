import { watchLevel } from "scripts/inputs/level.js";
import { createListening, Stream, Track } from "./fakes.js";
import { equal, test } from "./testing.js";

// Starts to watch a recording, in a home that stands in the page.
function watch(options = {}) {
  const listening = createListening(options);
  const track = new Track();
  const stream = new Stream(track);
  const home = document.createElement("div");
  document.body.append(home);
  const places = { home, isPaused: false };
  const told = [];
  watchLevel(listening.window, stream, {
    words: { "microphone.level.quiet": "quiet" },
    home: () => places.home,
    isPaused: () => places.isPaused,
    tell: (trouble) => told.push(trouble),
  });
  return { ...listening, track, stream, places, told };
}

const meter = () => document.querySelector(".level");
const value = () => Number(meter().getAttribute("aria-valuenow"));

// How often the picture changes within two seconds in which the sound always does.
function drawn({ clock, sound }) {
  let changes = 0;
  let before = value();
  for (let tick = 0; tick < 40; tick += 1) {
    sound.loudness = tick % 2 ? 0.1 : 0.5;
    clock.advance(50);
    if (value() !== before) changes += 1;
    before = value();
  }
  return changes;
}

test("the level of the stream is shown", () => {
  const { clock, sound, contexts, stream } = watch();
  clock.advance(50);
  equal([value(), meter().dataset.state], [83, "good"]);
  sound.loudness = 0.001;
  clock.advance(50);
  equal(value(), 0);
  equal(contexts[0].stream === stream, true);
  equal(contexts[0].calls, ["connect", "resume"]);
});

test("no sample falls between two looks", () => {
  const { contexts } = watch();
  equal(contexts[0].analyser.fftSize / 48_000 > 0.05, true);
});

test("there is one meter, put in its place once", () => {
  const { clock, places } = watch();
  const observer = new MutationObserver(() => {});
  observer.observe(places.home, { childList: true });
  clock.advance(10_000);
  equal(observer.takeRecords().length, 0);
  equal(document.querySelectorAll(".level").length, 1);
});

test("the meter moves where the recorder was made anew", () => {
  const { clock, places } = watch();
  const before = meter();
  places.home.remove();
  places.home = document.createElement("div");
  document.body.append(places.home);
  clock.advance(50);
  equal(meter() === before && meter().parentElement === places.home, true);
});

test("a recorder that is gone for a moment does no harm", () => {
  const { clock, places } = watch();
  places.home.remove();
  places.home = null;
  clock.advance(1000);
  equal(meter(), null);
});

test("with the recording the meter ends, and all that it needed", () => {
  const { clock, contexts, track } = watch();
  track.stop();
  clock.advance(50);
  equal(meter(), null);
  equal(contexts[0].calls, ["connect", "resume", "disconnect", "close"]);
  equal(clock.running, 0);
});

test("each recording ends its own sound", () => {
  const first = watch();
  const second = watch();
  second.track.stop();
  first.clock.advance(50);
  second.clock.advance(50);
  equal(first.contexts[0].calls.includes("close"), false);
  equal(second.contexts[0].calls.includes("close"), true);
});

test("a sound that never runs is nobody's error", async () => {
  const errors = [];
  const last = new Promise((resolve) => {
    addEventListener("unhandledrejection", ({ reason }) => {
      errors.push(String(reason));
      if (reason === "the last") resolve();
    });
  });
  watch();
  Promise.reject("the last"); // they are reported in their order
  await last;
  equal(errors, ["the last"]);
});

test("a film without sound has no level", () => {
  const { window, contexts, clock } = createListening();
  watchLevel(window, new Stream(), {});
  equal([contexts.length, clock.running], [0, 0]);
});

test("a browser without the means has no level", () => {
  const { window, clock } = createListening();
  delete window.AudioContext;
  watchLevel(window, new Stream(new Track()), {});
  equal(clock.running, 0);
});

test("a sound that is suspended is neither quiet nor dead", () => {
  const { clock, contexts, sound, told } = watch({ state: "suspended", loudness: 0 });
  equal([meter().dataset.state, meter().textContent], [undefined, ""]);
  clock.advance(20_000);
  equal([meter().dataset.state, value(), told], [undefined, 0, []]);
  contexts[0].state = "running";
  sound.loudness = 0.3;
  clock.advance(50);
  equal(meter().dataset.state, "good");
});

test("a sound that was quiet is not called so while it is suspended", () => {
  const { clock, contexts, told } = watch({ loudness: 0.003 });
  clock.advance(5000);
  equal([meter().dataset.state, told], ["quiet", ["quiet"]]);
  contexts[0].state = "interrupted";
  clock.advance(50);
  equal([meter().dataset.state, told], [undefined, ["quiet", null]]);
});

test("a pause is neither quiet nor dead", () => {
  const { clock, places, sound, told } = watch();
  clock.advance(1000);
  places.isPaused = true;
  sound.loudness = 0;
  clock.advance(20_000);
  equal([meter().dataset.state, value(), told], [undefined, 0, []]);
});

test("who is silent is told so once", () => {
  const { clock, told } = watch({ loudness: 0 });
  clock.advance(10_000);
  equal(told, ["dead"]);
});

test("what is wrong is told, and its end", () => {
  const { clock, sound, told } = watch();
  sound.loudness = 1;
  clock.advance(1000);
  sound.loudness = 0.3;
  clock.advance(5000);
  equal(told, ["loud", null]);
});

test("a muted microphone is told before anything else, even in a pause", () => {
  const { clock, places, track, told } = watch({ loudness: 0 });
  track.muted = true;
  clock.advance(10_000);
  places.isPaused = true;
  clock.advance(1000);
  equal(told, ["muted"]);
  track.muted = false;
  clock.advance(50);
  equal(told, ["muted", null]);
});

test("a microphone that is pulled out is lost", () => {
  const { clock, track, told } = watch();
  track.pull();
  clock.advance(50);
  equal(told, ["lost"]);
});

test("a recording that is stopped is not lost, and its trouble is over", () => {
  const { clock, track, told } = watch({ loudness: 0 });
  clock.advance(3000);
  track.stop();
  clock.advance(50);
  equal(told, ["dead", null]);
});

test("the picture follows the sound", () => {
  equal(drawn(watch()), 40);
});

test("who wants less motion gets a picture every 400 ms", () => {
  const calm = watch({ isCalm: true });
  equal(calm.queries, ["(prefers-reduced-motion: reduce)"]);
  equal(drawn(calm) <= 5, true);
});

test("who wants less motion is told of trouble as soon as all others", () => {
  const { clock, sound, told } = watch({ isCalm: true });
  sound.loudness = 1;
  clock.advance(200);
  equal(told, ["loud"]);
});
