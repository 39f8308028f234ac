import { lightLines, seek } from "scripts/result/cues.js";
import { equal, test } from "./testing.js";

function card() {
  document.body.innerHTML = `
    <article class="card"><div class="timed"><audio></audio><ol>
    <li data-start="0.5" data-end="2"><button>0:00</button></li>
    <li data-start="2" data-end="4"><button>0:02</button> <span
      ><span data-start="2" data-end="2.5">One </span
      ><span data-start="2.6" data-end="3">two</span></span></li></ol></div></article>`;
  const player = document.querySelector("audio");
  const played = [];
  Object.defineProperty(player, "currentTime", { value: 0, writable: true });
  player.play = () => played.push(player.currentTime);
  return { card: document.querySelector(".card"), player, played };
}

test("a press plays from its time on", () => {
  const { card: one, played } = card();
  seek(one, one.querySelectorAll("button")[1]);
  equal(played, [2]);
});

test("without a player a press does nothing", () => {
  const { card: one, player } = card();
  player.remove();
  seek(one, one.querySelector("button"));
});

test("the line that is spoken is lit, and no other", () => {
  const { player } = card();
  lightLines(window);
  const lit = () => [...document.querySelectorAll("li")].map((one) => one.ariaCurrent);
  for (const [now, lines] of [
    [0.2, [null, null]],
    [1, ["true", null]],
    [2, [null, "true"]],
    [9, [null, null]],
  ]) {
    player.currentTime = now;
    player.dispatchEvent(new Event("timeupdate"));
    equal(lit(), lines);
  }
});

const words = () =>
  [...document.querySelectorAll("span[data-start]")].map((one) => one.ariaCurrent);

test("in the line that is spoken the word is lit", () => {
  const { player } = card();
  lightLines(window);
  for (const [now, lit] of [
    [1, [null, null]],
    [2.1, ["true", null]],
    [2.55, [null, null]],
    [2.6, [null, "true"]],
    [3.5, [null, null]],
  ]) {
    player.currentTime = now;
    player.dispatchEvent(new Event("seeked"));
    equal(words(), lit);
  }
});

test("between two events of a player that plays the words are followed", async () => {
  const { player } = card();
  const frames = [];
  let isPaused = false;
  Object.defineProperty(player, "paused", { get: () => isPaused });
  const fake = { document, requestAnimationFrame: (next) => frames.push(next) };
  lightLines(fake);
  player.currentTime = 2.1;
  player.dispatchEvent(new Event("timeupdate"));
  player.dispatchEvent(new Event("timeupdate"));
  equal(frames.length, 1);
  player.currentTime = 2.7;
  frames.pop()();
  equal(words(), [null, "true"]);
  isPaused = true;
  frames.pop()();
  equal(frames.length, 0);
});
