import { askForChosen, withChosen } from "scripts/inputs/choice.js";
import { each, equal, test } from "./testing.js";

const list = (selectedIndex) => ({ selectedIndex, value: ["default", "usb"][selectedIndex] });
const refusal = (name) => Object.assign(new Error(), { name });

// Answers with what it is asked for, but for the microphone that is gone.
function browser(name) {
  const asked = [];
  const ask = async (wanted) => {
    asked.push(wanted);
    if (wanted.audio.deviceId || name === "NotAllowedError") throw refusal(name);
    return "a stream";
  };
  return { ask, asked };
}

test("the chosen microphone is asked for, and no other", () => {
  equal(withChosen(list(1), { audio: true }), { audio: { deviceId: { exact: "usb" } } });
});

test("what else is wanted stays", () => {
  equal(withChosen(list(1), { audio: true, video: false }), {
    audio: { deviceId: { exact: "usb" } },
    video: false,
  });
});

test("all else is asked for as it is", () => {
  each(
    [
      [list(0), { audio: true }],
      [list(-1), { audio: true }],
      [null, { audio: true }],
      [list(1), { audio: true, video: true }],
      [list(1), { audio: { deviceId: "other" } }],
      [list(1), { video: true }],
      [list(1), undefined],
    ].map((given) => [...given, given[1]]),
    withChosen,
  );
});

test("the stream of the chosen microphone is what comes back", async () => {
  const asked = [];
  const ask = async (wanted) => asked.push(wanted) && "a stream";
  equal(await askForChosen(ask, list(1), { audio: true }), "a stream");
  equal(asked, [{ audio: { deviceId: { exact: "usb" } } }]);
});

test("for a microphone that was pulled out the default one steps in", async () => {
  const { ask, asked } = browser("OverconstrainedError");
  equal(await askForChosen(ask, list(1), { audio: true }), "a stream");
  equal(asked, [{ audio: { deviceId: { exact: "usb" } } }, { audio: true }]);
});

test("a refusal is not asked again", async () => {
  const { ask, asked } = browser("NotAllowedError");
  const error = await askForChosen(ask, list(1), { audio: true }).catch((one) => one);
  equal([error.name, asked.length], ["NotAllowedError", 1]);
});

test("who chose nothing is not asked twice", async () => {
  const { ask, asked } = browser("OverconstrainedError");
  const wanted = { audio: { deviceId: "other" } };
  const error = await askForChosen(ask, list(1), wanted).catch((one) => one);
  equal([error.name, asked.length], ["OverconstrainedError", 1]);
});
