// The level of a recording while it is made, drawn from the very stream that is recorded.
// No sample leaves the page.

import { createMeter } from "./meter.js";
import { FLOOR_DB, Listener, measure } from "./sound.js";

const TICK_MS = 50;
const CALM_MS = 400; // between two pictures, for who wants less motion

// Shows the meter in `home()` until the stream ends, and calls `tell` with the name of what is
// wrong with the sound, or with null once all is well. While `isPaused()` silence means nothing.
export function watchLevel(window, stream, { words, home, isPaused, tell }) {
  const [track] = stream.getAudioTracks();
  if (!track || !window.AudioContext) return;

  const context = new window.AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 4096; // longer than a tick, so that nothing is missed
  const source = context.createMediaStreamSource(stream);
  source.connect(analyser);
  context.resume().catch(() => {}); // closed before it ran: the recording was very short
  const samples = new Float32Array(analyser.fftSize);
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

  const meter = createMeter(window.document, words);
  const listener = new Listener(window.performance.now());
  let drawn = -Infinity;
  let isLost = false;
  let told = null;

  const say = (trouble) => {
    if (trouble !== told) tell(trouble);
    told = trouble;
  };
  const listen = (now) => {
    // Before the browser lets sound through, silence means as little as in a pause.
    if (isPaused() || context.state !== "running") {
      listener.rest(now);
      return FLOOR_DB;
    }
    analyser.getFloatTimeDomainData(samples);
    const heard = measure(samples);
    listener.hear(heard, now);
    return heard.level;
  };
  const end = () => {
    window.clearInterval(timer);
    meter.element.remove();
    source.disconnect(); // named here too, else it may be collected while it is listened to
    context.close();
    say(isLost ? "lost" : null);
  };
  const tick = () => {
    if (track.readyState === "ended") {
      end();
      return;
    }
    const now = window.performance.now();
    const level = listen(now);
    say(track.muted ? "muted" : listener.trouble);
    if (calm.matches && now - drawn < CALM_MS) return;
    drawn = now;
    if (listener.rests) meter.rest();
    else meter.draw(level, listener.held);
    // Gradio may have made its recorder anew.
    if (!meter.element.isConnected) home()?.append(meter.element);
  };
  track.addEventListener("ended", () => (isLost = true)); // not sent when the page itself stops it
  const timer = window.setInterval(tick, TICK_MS);
  tick();
}
