// The level of a recording while it is made: a bar in a corner of `home()`, drawn from the
// very stream that is recorded, and what is wrong with the sound, told to `tell` by its name,
// or null once all is well. No sample leaves the page.
(words, stream, home, tell) => {
  const TICK_MS = 50;
  const CALM_MS = 400; // between two pictures, for who wants less motion
  const FLOOR_DB = -60; // the left end of the bar; full scale is the right one
  const QUIET_DB = -30; // speech of which no peak comes higher is hard to understand
  const LOUD_DB = -1;
  const CLIPPED = 0.98; // of full scale; a few such samples in one window are no accident
  const DEAD = 1e-4; // three steps of 16 bits: what a closed input gives, and no open one
  const FALL_DB_S = 15; // how fast the mark of the peak comes down
  const [track] = stream.getAudioTracks();
  if (!track || !window.AudioContext) return;

  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 4096; // longer than a tick, so that nothing is missed
  const source = context.createMediaStreamSource(stream);
  source.connect(analyser);
  context.resume().catch(() => {}); // closed before it ran: the recording was very short
  const samples = new Float32Array(analyser.fftSize);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  const part = (tag, name) => Object.assign(document.createElement(tag), { className: name });
  const meter = part("div", "level");
  const word = part("span", "word");
  const bar = part("span", "bar");
  const fill = part("i", "fill");
  const mark = part("i", "mark");
  bar.append(fill, mark);
  meter.append(word, bar);
  for (const [name, value] of Object.entries({
    role: "meter",
    "aria-label": words["microphone.level.label"],
    "aria-valuemin": 0,
    "aria-valuemax": 100,
  })) {
    meter.setAttribute(name, value);
  }

  const decibels = (value) => 20 * Math.log10(Math.max(value, 1e-6));
  const percent = (level) => Math.round(100 * Math.min(1, Math.max(0, 1 - level / FLOOR_DB)));
  const draw = (rms, held) => {
    const state = held < QUIET_DB ? "quiet" : held > LOUD_DB ? "loud" : "good";
    fill.style.width = `${percent(rms)}%`;
    mark.style.left = `${percent(held)}%`;
    meter.setAttribute("aria-valuenow", percent(rms));
    if (meter.dataset.state !== state) {
      meter.dataset.state = state;
      word.textContent = words[`microphone.level.${state}`];
      meter.setAttribute("aria-valuetext", word.textContent);
    }
    // Gradio may have made its recorder anew.
    if (!meter.isConnected) home()?.append(meter);
  };

  let now = performance.now();
  let alive = now; // when a sound came last
  let spoke = 0; // for how long there was something to hear, pauses not counted
  let drawn = 0;
  let held = FLOOR_DB;
  let best = -Infinity;
  let clipping = 0;
  let lost = false;
  let told = null;

  const measure = (passed) => {
    analyser.getFloatTimeDomainData(samples);
    let [sum, peak, over] = [0, 0, 0];
    for (const sample of samples) {
      const size = Math.abs(sample);
      sum += sample * sample;
      if (size > peak) peak = size;
      if (size >= CLIPPED) over += 1;
    }
    const level = decibels(peak);
    if (peak > DEAD) alive = now;
    best = Math.max(best, level);
    spoke += passed;
    held = Math.max(level, held - (FALL_DB_S * passed) / 1000, FLOOR_DB);
    // A leaky count: one bang says nothing, and a warning stays long enough to be read.
    clipping = Math.min(8, Math.max(0, clipping + (over > 2 ? 1 : -0.1)));
    return decibels(Math.sqrt(sum / samples.length));
  };
  const trouble = () => {
    if (track.muted) return "muted";
    // Who has been heard may pause, and some systems cut a pause down to nothing.
    if (now - alive > (best > QUIET_DB ? 6000 : 2000)) return "dead";
    if (clipping >= 3) return "loud";
    return spoke > 4000 && best < QUIET_DB ? "quiet" : null;
  };
  const say = (name) => {
    if (name !== told) tell(name);
    told = name;
  };
  const tick = () => {
    const before = now;
    now = performance.now();
    if (track.readyState === "ended") {
      clearInterval(timer);
      meter.remove();
      source.disconnect(); // named here too, else it may be collected while it is listened to
      context.close();
      say(lost ? "lost" : null);
      return;
    }
    // While it is paused, or before the browser lets sound through, silence means nothing.
    const rests = home()?.querySelector(".resume-button")?.offsetParent || context.state !== "running";
    let rms = FLOOR_DB;
    if (rests) [alive, held] = [now, FLOOR_DB];
    else rms = measure(now - before);
    say(trouble());
    if (calm.matches && now - drawn < CALM_MS) return;
    drawn = now;
    draw(rms, held);
  };
  track.addEventListener("ended", () => (lost = true)); // not sent when the page itself stops it
  const timer = setInterval(tick, TICK_MS);
  draw(FLOOR_DB, FLOOR_DB);
}
