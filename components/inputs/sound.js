// What is wrong with a sound while it is recorded, from its samples and the time.
// Levels are in decibels of full scale, times in milliseconds.

export const FLOOR_DB = -60; // what is quieter is not told apart
const QUIET_DB = -30; // speech of which no peak comes higher is hard to understand
const LOUD_DB = -1;
const DEAD_DB = -80; // three steps of 16 bits: what a closed input gives, and no open one
const CLIPPED = 0.98; // of full scale
const FALL_DB_S = 15; // how fast the held peak comes down
const DEAD_MS = 2000;
const PAUSE_MS = 6000;
const QUIET_MS = 4000;

const decibels = (value) => 20 * Math.log10(Math.max(value, 1e-6));

// One window of samples: its peak, its level, and how many of its samples are clipped.
export function measure(samples) {
  let [sum, peak, clipped] = [0, 0, 0];
  for (const sample of samples) {
    const size = Math.abs(sample);
    sum += sample * sample;
    if (size > peak) peak = size;
    if (size >= CLIPPED) clipped += 1;
  }
  return { peak: decibels(peak), level: decibels(Math.sqrt(sum / samples.length)), clipped };
}

// How loud a peak is, in a word.
export function loudness(peak) {
  if (peak < QUIET_DB) return "quiet";
  return peak > LOUD_DB ? "loud" : "good";
}

// Hears one window after the other, and knows what is wrong with them all.
export class Listener {
  rests = true; // whether nothing could be heard just now
  held = FLOOR_DB; // the last peak, which comes down slowly
  #now;
  #alive; // when a sound came last
  #spoke = 0; // for how long there was something to hear, rests not counted
  #best = -Infinity;
  #clipping = 0;

  constructor(now) {
    this.#now = now;
    this.#alive = now;
  }

  // Nothing can be heard now, which says nothing about the sound.
  rest(now) {
    this.#now = now;
    this.#alive = now;
    this.#clipping = 0;
    this.held = FLOOR_DB;
    this.rests = true;
  }

  hear({ peak, clipped }, now) {
    const passed = now - this.#now;
    this.#now = now;
    this.rests = false;
    if (peak > DEAD_DB) this.#alive = now;
    this.#spoke += passed;
    this.#best = Math.max(this.#best, peak);
    this.held = Math.max(peak, this.held - (FALL_DB_S * passed) / 1000, FLOOR_DB);
    // A few clipped samples in one window are no accident. The count leaks: one bang says
    // nothing, and a warning stays long enough to be read.
    this.#clipping = Math.min(8, Math.max(0, this.#clipping + (clipped > 2 ? 1 : -0.1)));
  }

  // "dead", "loud", "quiet", or null where all is well or nothing can be heard.
  get trouble() {
    if (this.rests) return null;
    const wasHeard = this.#best > QUIET_DB;
    // Who has been heard may pause, and some systems cut a pause down to nothing.
    if (this.#now - this.#alive > (wasHeard ? PAUSE_MS : DEAD_MS)) return "dead";
    if (this.#clipping >= 3) return "loud";
    return this.#spoke > QUIET_MS && !wasHeard ? "quiet" : null;
  }
}
