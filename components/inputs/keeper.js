// Keeps what is recorded on the page, second by second, beside whatever records it: Gradio has
// a recording only once it is over, and then in memory.

const EVERY = 1000; // milliseconds between two writes: as much as a crash may cost
const TYPES = {
  microphone: ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"],
  camera: ["video/webm;codecs=vp8,opus", "video/mp4"],
};

const twins = new WeakSet(); // the recorders made here

// Calls `began` with each recorder of the page once it has started.
export function watchRecorders(window, began) {
  const { prototype } = window.MediaRecorder;
  const { start } = prototype;
  prototype.start = function startWatched(...given) {
    start.apply(this, given);
    if (!twins.has(this)) began(this);
  };
}

// Keeps what `recorder` records in `store`, pauses left out. The answer is {id, place, ended}:
// `ended` is fulfilled once all of it is written, and fails where it cannot be.
export function keep(window, store, recorder) {
  const place = recorder.stream.getVideoTracks().length > 0 ? "camera" : "microphone";
  const { MediaRecorder } = window;
  const type = TYPES[place].find((one) => MediaRecorder.isTypeSupported(one)) ?? "";
  const twin = new MediaRecorder(recorder.stream, type ? { mimeType: type } : {});
  twins.add(twin);

  const id = window.crypto.randomUUID();
  let passed = 0; // milliseconds before the last pause
  let since = window.performance.now();
  const length = () => passed + (since === null ? 0 : window.performance.now() - since);
  const pause = () => {
    passed = length();
    since = null;
    if (twin.state === "recording") twin.pause();
  };
  const resume = () => {
    since ??= window.performance.now();
    if (twin.state === "paused") twin.resume();
  };
  const stop = () => {
    passed = length();
    since = null;
    if (twin.state !== "inactive") twin.stop();
  };
  for (const [name, follow] of Object.entries({ pause, resume, stop })) {
    recorder.addEventListener(name, follow);
  }

  const ended = new Promise((resolve, reject) => {
    let written = store.begin({ id, place, type: type || twin.mimeType, began: Date.now() });
    const fail = (error) => {
      stop(); // what cannot be kept need not be recorded twice
      reject(error);
    };
    twin.addEventListener("dataavailable", ({ data }) => {
      const now = length();
      if (data.size > 0) {
        written = written.then(async () => store.append(id, await data.arrayBuffer(), now));
      }
      written.catch(fail);
    });
    twin.addEventListener("stop", () => written.then(resolve, fail));
    twin.start(EVERY);
  });
  return { id, place, ended };
}

// Keeps the screen awake until the answer's function is called: a phone that falls asleep stops
// to record. A page that is hidden loses the lock, and gets it again when it is back.
export function stayAwake({ document, navigator }) {
  let lock = null;
  let isOver = false;
  const take = async () => {
    if (isOver || document.visibilityState !== "visible") return;
    try {
      lock = await navigator.wakeLock?.request("screen");
      if (isOver) lock?.release();
    } catch {
      lock = null; // the battery is low, or the browser does not want to
    }
  };
  document.addEventListener("visibilitychange", take);
  take();
  return () => {
    isOver = true;
    document.removeEventListener("visibilitychange", take);
    lock?.release();
  };
}
