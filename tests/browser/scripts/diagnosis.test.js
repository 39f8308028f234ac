import { facts, troubleBefore, troubleOf } from "scripts/inputs/diagnosis.js";
import { createDevices } from "./fakes.js";
import { each, equal, test } from "./testing.js";

const BOTH = ["audioinput", "videoinput"];
const FINE = {
  isSecure: true,
  canRecord: true,
  isFramed: false,
  isAllowed: true,
  permissions: ["granted"],
  kinds: BOTH,
};
const before = (place, changes) => troubleBefore(place, { ...FINE, ...changes });
const refused = (place, permissions, message = "") =>
  troubleOf(place, { name: "NotAllowedError", message }, { ...FINE, permissions });
const PLACES = ["microphone", "camera"];

test("where nothing is in the way nothing is said", () => {
  for (const place of PLACES) equal(before(place, {}), undefined);
});

test("a permission that is still to be asked for is no trouble", () => {
  for (const place of PLACES) {
    equal(before(place, { permissions: ["prompt", undefined] }), undefined);
  }
});

test("what stands in the way for any device is known beforehand", () => {
  for (const place of PLACES) {
    each(
      [
        [{ isSecure: false }, "insecure"],
        [{ canRecord: false }, "unsupported"],
        [{ isFramed: true, isAllowed: false }, "framed"],
        [{ permissions: ["denied"] }, "denied"],
      ],
      (changes) => before(place, changes),
    );
  }
});

test("the first thing in the way is the one to be told", () => {
  const worst = { isSecure: false, canRecord: false, permissions: ["denied"], kinds: [] };
  equal(before("microphone", worst), "insecure");
  equal(before("microphone", { ...worst, isSecure: true }), "unsupported");
  equal(before("microphone", { ...worst, isSecure: true, canRecord: true }), "denied");
});

test("one of two permissions that is denied is enough", () => {
  equal(before("camera", { permissions: ["granted", "denied"] }), "denied");
  equal(before("camera", { permissions: ["denied", "prompt"] }), "denied");
});

test("recording takes a microphone, filming a camera and a microphone", () => {
  each(
    [
      ["microphone", ["videoinput"], "none"],
      ["microphone", ["audioinput"], undefined],
      ["camera", ["audioinput"], "none"],
      ["camera", ["videoinput"], "silent"],
      ["camera", [], "none"],
    ],
    (place, kinds) => before(place, { kinds }),
  );
});

test("where the browser does not say what a frame allows, missing devices are its doing", () => {
  const hidden = { isFramed: true, isAllowed: undefined };
  equal(before("microphone", { ...hidden, kinds: [] }), "framed");
  equal(before("camera", { ...hidden, kinds: ["videoinput"] }), "framed");
  equal(before("camera", { ...hidden, kinds: BOTH }), undefined);
});

test("a frame that allows it is no trouble", () => {
  equal(before("microphone", { isFramed: true }), undefined);
  equal(before("microphone", { isFramed: true, kinds: [] }), "none");
});

test("a question that was closed is dismissed, one that got a no is denied", () => {
  each(
    [
      ["microphone", ["prompt"], "dismissed"],
      ["microphone", ["denied"], "denied"],
      ["microphone", [undefined], "denied"],
      ["camera", ["prompt", "granted"], "dismissed"],
      ["camera", ["granted", "prompt"], "dismissed"],
      ["camera", ["granted", "denied"], "denied"],
      ["camera", ["prompt", "denied"], "denied"],
      ["camera", [undefined, "granted"], "denied"],
    ],
    refused,
  );
});

test("a refusal in spite of every permission is the system's", () => {
  equal(refused("microphone", ["granted"]), "system");
  equal(refused("camera", ["granted", "granted"]), "system");
});

test("a browser that names the system is believed", () => {
  equal(refused("microphone", ["prompt"], "Permission denied by system"), "system");
});

test("a refusal is the frame's where the browser does not say what it allows", () => {
  const known = { ...FINE, isFramed: true, isAllowed: undefined, permissions: ["prompt"] };
  equal(troubleOf("microphone", { name: "NotAllowedError" }, known), "framed");
});

test("each of the browser's errors is told", () => {
  each(
    [
      ["NotAllowedError", "system"],
      ["SecurityError", "system"],
      ["NotFoundError", "none"],
      ["NotReadableError", "busy"],
      ["AbortError", "busy"],
      ["InvalidStateError", "failed"],
      ["OverconstrainedError", "failed"],
    ],
    (name) => troubleOf("microphone", { name, message: "" }, FINE),
  );
});

test("a device that is not found has the reason that is known", () => {
  const known = { ...FINE, permissions: ["granted", "granted"], kinds: ["videoinput"] };
  equal(troubleOf("camera", { name: "NotFoundError" }, known), "silent");
  equal(troubleOf("camera", { name: "NotAllowedError" }, known), "silent");
});

test("a device that does not start is busy whatever else is known", () => {
  equal(troubleOf("microphone", { name: "NotReadableError" }, { ...FINE, kinds: [] }), "busy");
});

test("the facts are those of the browser", async () => {
  const { window } = createDevices({ permissions: { microphone: "prompt", camera: "denied" } });
  window.document = { permissionsPolicy: { allowsFeature: () => true } };
  const known = { ...FINE, permissions: ["prompt"] };
  equal(await facts(window, "microphone"), known);
  equal(await facts(window, "camera"), { ...known, permissions: ["denied", "prompt"] });
});

test("a frame must allow all that a place needs", async () => {
  const { window } = createDevices();
  window.document = { permissionsPolicy: { allowsFeature: (name) => name === "camera" } };
  equal((await facts(window, "camera")).isAllowed, false);
  equal((await facts(window, "microphone")).isAllowed, false);
});

test("the policy's older name is known, and a browser without any", async () => {
  const { window } = createDevices();
  window.document = { featurePolicy: { allowsFeature: () => true } };
  equal((await facts(window, "camera")).isAllowed, true);
  window.document = {};
  equal((await facts(window, "camera")).isAllowed, undefined);
});

test("a page that stands in another one is framed", async () => {
  const { window } = createDevices();
  window.top = {};
  equal((await facts(window, "microphone")).isFramed, true);
});

test("a browser that does not know a permission says nothing of it", async () => {
  const { window } = createDevices({ permissions: {} });
  equal((await facts(window, "camera")).permissions, [undefined, undefined]);
});

test("an http page has neither devices nor permissions", async () => {
  const { window } = createDevices();
  window.isSecureContext = false;
  window.navigator = {};
  const known = await facts(window, "microphone");
  equal([known.canRecord, known.kinds, known.permissions], [false, [], [undefined]]);
  equal(troubleBefore("microphone", known), "insecure");
});

test("a browser without a recorder cannot record", async () => {
  const { window } = createDevices();
  delete window.MediaRecorder;
  equal((await facts(window, "microphone")).canRecord, false);
});
