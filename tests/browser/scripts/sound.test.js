import { Listener, loudness, measure } from "scripts/inputs/sound.js";
import { each, equal, test } from "./testing.js";

const SPEECH = { peak: -10, clipped: 0 };
const WHISPER = { peak: -40, clipped: 0 };
const NOTHING = { peak: -120, clipped: 0 };
const DISTORTED = { peak: 0, clipped: 100 };
const TICK_MS = 50;

// Hears `window` again and again for `duration`, and tells what is wrong then.
function hear(listener, window, duration = TICK_MS) {
  const start = listener.time ?? 0;
  for (let now = start + TICK_MS; now <= start + duration; now += TICK_MS) {
    listener.hear(window, now);
    listener.time = now;
  }
  return listener.trouble;
}

function rest(listener, duration) {
  listener.time = (listener.time ?? 0) + duration;
  listener.rest(listener.time);
  return listener.trouble;
}

test("a window of full scale is at 0 dB, and clipped", () => {
  equal(measure(new Float32Array(4).fill(1)), { peak: 0, level: 0, clipped: 4 });
});

test("a window of nothing is far below the floor, not at minus infinity", () => {
  equal(measure(new Float32Array(4)), { peak: -120, level: -120, clipped: 0 });
});

test("the peak of a window is its largest sample, whatever its sign", () => {
  equal(Math.round(measure(Float32Array.of(0.1, -0.5, 0.2, 0)).peak), -6);
});

test("the level of a window is the mean of its power", () => {
  equal(Math.round(measure(Float32Array.of(0.5, -0.5, 0, 0)).level), -9);
});

test("samples below 98 per cent are not clipped", () => {
  equal(measure(Float32Array.of(0.97, -0.97, 0.985, -0.985)).clipped, 2);
});

test("a peak is quiet, good or loud", () => {
  each(
    [
      [-60, "quiet"],
      [-31, "quiet"],
      [-30, "good"],
      [-1, "good"],
      [-0.5, "loud"],
    ],
    loudness,
  );
});

test("speech has nothing wrong with it", () => {
  equal(hear(new Listener(0), SPEECH, 20_000), null);
});

test("an input that gives nothing is dead after two seconds and not before", () => {
  const listener = new Listener(0);
  equal(hear(listener, NOTHING, 2000), null);
  equal(hear(listener, NOTHING), "dead");
});

test("who was heard may be silent for six seconds and not longer", () => {
  const listener = new Listener(0);
  hear(listener, SPEECH, 1000);
  equal(hear(listener, NOTHING, 6000), null);
  equal(hear(listener, NOTHING), "dead");
});

test("a whisper before is no reason to wait longer for the next sound", () => {
  const listener = new Listener(0);
  hear(listener, WHISPER, 1000);
  equal(hear(listener, NOTHING, 2050), "dead");
});

test("the noise of an open input is not dead", () => {
  equal(hear(new Listener(0), { peak: -79, clipped: 0 }, 3000), null);
});

test("an input that comes back is not dead any more", () => {
  const listener = new Listener(0);
  equal(hear(listener, NOTHING, 3000), "dead");
  equal(hear(listener, SPEECH), null);
});

test("one click is not too loud", () => {
  equal(hear(new Listener(0), DISTORTED), null);
});

test("a click now and then is not too loud", () => {
  const listener = new Listener(0);
  for (let clicks = 0; clicks < 20; clicks += 1) {
    equal(hear(listener, DISTORTED), null);
    equal(hear(listener, SPEECH, 1000), null);
  }
});

test("what is distorted three times in a row is too loud", () => {
  const listener = new Listener(0);
  equal(hear(listener, DISTORTED, 2 * TICK_MS), null);
  equal(hear(listener, DISTORTED), "loud");
});

test("two clipped samples in a window are no distortion", () => {
  equal(hear(new Listener(0), { peak: 0, clipped: 2 }, 2000), null);
  equal(hear(new Listener(0), { peak: 0, clipped: 3 }, 2000), "loud");
});

test("too loud is said for long enough to be read, and not for ever", () => {
  const listener = new Listener(0);
  hear(listener, DISTORTED, 60_000);
  equal(hear(listener, SPEECH, 2000), "loud");
  equal(hear(listener, SPEECH, 1000), null);
});

test("quiet is said after four seconds and not before", () => {
  const listener = new Listener(0);
  equal(hear(listener, WHISPER, 4000), null);
  equal(hear(listener, WHISPER), "quiet");
});

test("quiet is over with the first word that can be heard", () => {
  const listener = new Listener(0);
  equal(hear(listener, WHISPER, 5000), "quiet");
  equal(hear(listener, SPEECH), null);
  equal(hear(listener, WHISPER, 5000), null);
});

test("while it rests nothing is wrong", () => {
  for (const before of [NOTHING, WHISPER, DISTORTED]) {
    const listener = new Listener(0);
    hear(listener, before, 5000);
    equal(rest(listener, 50), null);
  }
});

test("before anything was heard nothing is wrong", () => {
  equal(new Listener(0).trouble, null);
});

test("a rest is no time in which something could be heard", () => {
  const listener = new Listener(0);
  hear(listener, WHISPER, 1000);
  rest(listener, 60_000);
  equal(hear(listener, NOTHING, 2000), null);
  equal(hear(listener, WHISPER, 1000), null);
  equal(hear(listener, WHISPER), "quiet");
});

test("a rest ends what was too loud before it", () => {
  const listener = new Listener(0);
  hear(listener, DISTORTED, 1000);
  rest(listener, 50);
  equal(hear(listener, SPEECH), null);
});

test("the held peak comes down by 15 dB a second, to the floor", () => {
  const listener = new Listener(0);
  hear(listener, SPEECH);
  equal(listener.held, -10);
  hear(listener, NOTHING, 1000);
  equal(Math.round(listener.held), -25);
  hear(listener, NOTHING, 5000);
  equal(listener.held, -60);
});

test("the held peak goes up at once, and is none in a rest", () => {
  const listener = new Listener(0);
  hear(listener, WHISPER);
  hear(listener, SPEECH);
  equal([listener.held, listener.rests], [-10, false]);
  rest(listener, 50);
  equal([listener.held, listener.rests], [-60, true]);
});
