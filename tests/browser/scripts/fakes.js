// What stands in for the browser at its boundaries: clock, sound and devices.

export class Clock {
  now = 0;
  #timers = new Map();
  #made = 0;

  get running() {
    return this.#timers.size;
  }

  setInterval(call, interval) {
    this.#made += 1;
    this.#timers.set(this.#made, { call, interval, due: this.now + interval });
    return this.#made;
  }

  clearInterval(id) {
    this.#timers.delete(id);
  }

  advance(duration) {
    const end = this.now + duration;
    for (;;) {
      const [next] = [...this.#timers.values()].sort((one, other) => one.due - other.due);
      if (!next || next.due > end) break;
      this.now = next.due;
      next.due += next.interval;
      next.call();
    }
    this.now = end;
  }
}

export class Track extends EventTarget {
  muted = false;
  readyState = "live";

  // As the page ends it: without an event.
  stop() {
    this.readyState = "ended";
  }

  pull() {
    this.stop();
    this.dispatchEvent(new Event("ended"));
  }
}

export class Stream {
  constructor(...tracks) {
    this.tracks = tracks;
  }

  getAudioTracks() {
    return this.tracks;
  }
}

// A window with a clock that the test moves, and a sound that it turns: `loudness` is the
// amplitude of every sample.
export function createListening({ isCalm = false, state = "running", loudness = 0.3 } = {}) {
  const clock = new Clock();
  const sound = { loudness };
  const contexts = [];
  const queries = [];
  class AudioContext {
    state = state;
    calls = [];
    analyser = {
      fftSize: 2048,
      getFloatTimeDomainData: (samples) => samples.fill(sound.loudness),
    };

    constructor() {
      contexts.push(this);
    }

    createAnalyser() {
      return this.analyser;
    }

    createMediaStreamSource(stream) {
      this.stream = stream;
      return {
        connect: (node) => this.calls.push(node === this.analyser ? "connect" : "connect?"),
        disconnect: () => this.calls.push("disconnect"),
      };
    }

    resume() {
      this.calls.push("resume");
      return Promise.reject(new DOMException("closed", "InvalidStateError"));
    }

    close() {
      this.calls.push("close");
      return Promise.resolve();
    }
  }
  const window = {
    AudioContext,
    document,
    performance: { now: () => clock.now },
    setInterval: (call, interval) => clock.setInterval(call, interval),
    clearInterval: (id) => clock.clearInterval(id),
    matchMedia: (query) => {
      queries.push(query);
      return { matches: isCalm };
    },
  };
  return { window, clock, sound, contexts, queries };
}

// Devices that there are, that are allowed, and that answer as the test says.
export function createDevices({
  kinds = ["audioinput", "videoinput"],
  permissions = { microphone: "granted", camera: "granted" },
  answer = () => Promise.resolve(new Stream()),
} = {}) {
  const asked = [];
  const statuses = Object.fromEntries(
    Object.entries(permissions).map(([name, state]) => [
      name,
      Object.assign(new EventTarget(), { state }),
    ]),
  );
  const mediaDevices = Object.assign(new EventTarget(), {
    kinds,
    getUserMedia(wanted) {
      asked.push(wanted);
      return answer(wanted);
    },
    enumerateDevices() {
      return Promise.resolve(this.kinds.map((kind) => ({ kind })));
    },
  });
  const query = ({ name }) =>
    name in statuses
      ? Promise.resolve(statuses[name])
      : Promise.reject(new TypeError(`no permission is called ${name}`));
  const frame = {};
  const timers = new Clock();
  const window = {
    document,
    setTimeout: (call, after) => timers.setInterval(call, after),
    clearTimeout: (id) => timers.clearInterval(id),
    MediaRecorder: function MediaRecorder() {},
    MutationObserver,
    isSecureContext: true,
    location: new URL("https://page.test/?x=1#y"),
    navigator: { mediaDevices, permissions: { query } },
    self: frame,
    top: frame,
  };
  return { window, asked, mediaDevices, statuses, timers };
}
