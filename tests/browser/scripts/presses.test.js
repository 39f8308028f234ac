import { holdPresses } from "scripts/inputs/presses.js";
import { Clock } from "./fakes.js";
import { equal, settled, test } from "./testing.js";

// The recorder as Gradio makes it, and what of its presses comes through.
function held(answer = () => Promise.resolve()) {
  document.body.innerHTML = `<div id="record">
    <button class="record-button">Record</button><button class="stop-button">Stop</button>
  </div>`;
  const clock = new Clock();
  const came = [];
  for (const name of ["record", "stop"]) {
    const button = document.querySelector(`.${name}-button`);
    button.addEventListener("click", () => came.push(name));
  }
  const page = new EventTarget();
  const devices = { getUserMedia: answer };
  const window = {
    document: { addEventListener: (...given) => page.addEventListener(...given) },
    navigator: { mediaDevices: devices },
    performance: { now: () => clock.now },
    setInterval: (call, interval) => clock.setInterval(call, interval),
    clearInterval: (id) => clock.clearInterval(id),
  };
  // The press goes to this page's own guard, and to the buttons only past it.
  const started = holdPresses(window);
  const guard = (event) => {
    const seen = new Event("click", { cancelable: true });
    Object.defineProperty(seen, "target", { value: event.target });
    page.dispatchEvent(seen);
    if (seen.defaultPrevented) event.stopImmediatePropagation();
  };
  document.querySelector("#record").addEventListener("click", guard, { capture: true });
  const press = (name) => document.querySelector(`.${name}-button`).click();
  return { clock, came, press, started, devices };
}

test("two presses on Record within a moment are one", () => {
  const { clock, came, press } = held();
  press("record");
  clock.advance(60);
  press("record");
  equal(came, ["record"]);
});

test("a press on Record later is a press of its own", () => {
  const { clock, came, press } = held();
  press("record");
  clock.advance(800);
  press("record");
  equal(came, ["record", "record"]);
});

test("while the browser's question has no answer Record does nothing", async () => {
  let allow;
  const { clock, came, press, devices } = held(
    () =>
      new Promise((resolve) => {
        allow = resolve;
      }),
  );
  press("record");
  devices.getUserMedia({ audio: true });
  clock.advance(5000);
  press("record");
  equal(came, ["record"]);
  allow();
  await settled();
  press("record");
  equal(came, ["record", "record"]);
});

test("Stop at once waits until there is something to stop", () => {
  const { clock, came, press, started } = held();
  press("record");
  clock.advance(100);
  press("stop");
  press("stop");
  clock.advance(2000); // the device is slow
  equal(came, ["record"]);
  started();
  clock.advance(650);
  equal(came, ["record"]);
  clock.advance(100);
  equal(came, ["record", "stop"]);
  equal(clock.running, 0);
});

test("Stop later stops at once", () => {
  const { clock, came, press, started } = held();
  press("record");
  started();
  clock.advance(800);
  press("stop");
  equal(came, ["record", "stop"]);
});

test("after a refusal Record can be pressed again at once", async () => {
  const { came, press, devices } = held(() => Promise.reject(new Error("no")));
  press("record");
  await devices.getUserMedia({ audio: true }).catch(() => {});
  press("record");
  equal(came, ["record", "record"]);
});
