import { keepListening } from "scripts/result/spoken.js";
import { equal, test } from "./testing.js";

// A card with its player, which has `time` and notes what is done with it.
function carded(id, { live = false, time = 0, paused = false } = {}) {
  document.body.innerHTML = `<article class="card" data-id="${id}">
    <figure data-extra="sound"><audio${live ? " data-live" : ""}></audio></figure></article>`;
  const player = document.querySelector("audio");
  const done = [];
  let at = time;
  Object.defineProperties(player, {
    paused: { get: () => paused },
    currentTime: {
      get: () => at,
      set: (to) => {
        at = to;
        done.push(to);
      },
    },
    play: { value: () => done.push("play") },
  });
  return { player, done, told: (kind) => player.dispatchEvent(new Event(kind)) };
}
let now = 0;
function listening() {
  keepListening({ document, performance: { now: () => now } });
}

test("who listens goes on where they were when the answer is complete", () => {
  listening();
  carded("1", { live: true, time: 2.5 }).told("timeupdate");
  const { done, told } = carded("1");
  told("loadedmetadata");
  equal(done.slice(0, 2), [2.5, "play"]);
});

test("who has not listened, or has stopped, is not spoken to", () => {
  listening();
  carded("2", { live: true, time: 2.5, paused: true }).told("timeupdate");
  const quiet = carded("2");
  quiet.told("loadedmetadata");
  equal(quiet.done, []);
  const stopped = carded("2", { live: true, time: 2.5 });
  stopped.told("timeupdate");
  stopped.told("pause");
  const still = carded("2");
  still.told("loadedmetadata");
  equal(still.done, []);
});

test("another answer does not begin to speak, nor one that is complete much later", () => {
  listening();
  carded("3", { live: true, time: 2.5 }).told("timeupdate");
  const another = carded("4");
  another.told("loadedmetadata");
  equal(another.done, []);
  carded("5", { live: true, time: 2.5 }).told("timeupdate");
  now += 5000;
  const late = carded("5");
  late.told("loadedmetadata");
  equal(late.done, []);
});
