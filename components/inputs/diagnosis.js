// What keeps a device from recording: a trouble's name, from what the browser tells.

// What each place records with.
export const NEEDS = { microphone: ["microphone"], camera: ["camera", "microphone"] };

async function permission(permissions, name) {
  try {
    return (await permissions.query({ name })).state;
  } catch {
    return undefined; // some browsers do not know these names, and http pages have none
  }
}

// What the browser tells about `place` before it is used. `isAllowed` is whether the frame
// around the page lets it, undefined where the browser does not say: only Chromium does.
export async function facts(window, place) {
  const { document, navigator } = window;
  const devices = navigator.mediaDevices;
  const policy = document.permissionsPolicy ?? document.featurePolicy;
  const needs = NEEDS[place];
  const canRecord = Boolean(devices?.getUserMedia && window.MediaRecorder);
  return {
    isSecure: window.isSecureContext,
    canRecord,
    isFramed: window.top !== window.self,
    isAllowed: policy && needs.every((name) => policy.allowsFeature(name)),
    permissions: await Promise.all(needs.map((name) => permission(navigator.permissions, name))),
    kinds: canRecord ? (await devices.enumerateDevices()).map(({ kind }) => kind) : [],
  };
}

// Without permission of the frame around it a page sees no device either, and some browsers
// do not tell the one from the other.
const mayBeTheFrame = ({ isFramed, isAllowed }) => isFramed && isAllowed === undefined;

// The trouble that is known before anybody records, or undefined.
export function troubleBefore(place, known) {
  const { isSecure, canRecord, isFramed, isAllowed, permissions, kinds } = known;
  if (!isSecure) return "insecure";
  if (!canRecord) return "unsupported";
  if (isFramed && isAllowed === false) return "framed";
  if (permissions.includes("denied")) return "denied";
  const lacksCamera = place === "camera" && !kinds.includes("videoinput");
  const lacksMicrophone = !kinds.includes("audioinput");
  if (!lacksCamera && !lacksMicrophone) return undefined;
  if (mayBeTheFrame(known)) return "framed";
  return place === "camera" && !lacksCamera ? "silent" : "none";
}

function troubleOfRefusal(known, error) {
  if (mayBeTheFrame(known)) return "framed";
  if (/system/i.test(error.message)) return "system";
  if (known.permissions.every((state) => state === "granted")) return "system";
  return known.permissions.includes("prompt") ? "dismissed" : "denied";
}

// The trouble that made `getUserMedia` fail with `error`.
export function troubleOf(place, error, known) {
  switch (error.name) {
    case "NotAllowedError":
    case "SecurityError":
      return troubleBefore(place, known) ?? troubleOfRefusal(known, error);
    case "NotFoundError":
      return troubleBefore(place, known) ?? "none";
    case "NotReadableError":
    case "AbortError": // Firefox's, for a device that does not start
      return "busy";
    default:
      return "failed";
  }
}
