// The microphone doctor, and the camera's: says in a sentence why recording cannot work, or
// does not, and the way out. It speaks before anybody presses Record where the browser knows
// already, when the browser refuses, and while a recording is made; `watch` hears the latter.
(words, watch) => {
  const NEEDS = { microphone: ["microphone"], camera: ["camera", "microphone"] };
  const PLACES = Object.keys(NEEDS);
  const HOMES = { microphone: "#record", camera: "#video" };
  const devices = navigator.mediaDevices;
  const policy = document.permissionsPolicy ?? document.featurePolicy; // Chromium alone has one
  const isFramed = window.top !== window.self;
  // What is known beforehand, what the last attempt met, and what is heard of a recording.
  const known = {};
  const met = {};
  const heard = {};

  const permission = async (name) => {
    try {
      return await navigator.permissions.query({ name });
    } catch {
      return undefined; // some browsers do not know these names
    }
  };

  const examine = async (place) => {
    if (!window.isSecureContext) return "insecure";
    if (!devices?.getUserMedia || !window.MediaRecorder) return "unsupported";
    const needs = NEEDS[place];
    if (isFramed && policy && !needs.every((name) => policy.allowsFeature(name))) return "framed";
    const permissions = await Promise.all(needs.map(permission));
    if (permissions.some((one) => one?.state === "denied")) return "denied";
    const kinds = (await devices.enumerateDevices()).map(({ kind }) => kind);
    const lacks = (kind) => !kinds.includes(kind);
    if (place === "camera" && lacks("videoinput")) return isFramed && !policy ? "framed" : "none";
    if (lacks("audioinput")) {
      // Without permission of the frame around it a page sees no device either.
      if (isFramed && !policy) return "framed";
      return place === "camera" ? "silent" : "none";
    }
    return undefined;
  };

  const refused = async (place, error) => {
    const reason = await examine(place);
    if (reason) return reason;
    if (isFramed && !policy) return "framed";
    if (/system/i.test(error.message)) return "system";
    const states = (await Promise.all(NEEDS[place].map(permission))).map((one) => one?.state);
    if (states.every((state) => state === "granted")) return "system";
    return states.includes("prompt") ? "dismissed" : "denied";
  };
  const diagnose = async (place, error) => {
    if (["NotAllowedError", "SecurityError"].includes(error.name)) return refused(place, error);
    if (error.name === "NotFoundError") return (await examine(place)) ?? "none";
    // Firefox says AbortError for a device that does not start.
    if (["NotReadableError", "AbortError"].includes(error.name)) return "busy";
    return "failed";
  };

  const address = (scheme) => `${scheme}//${location.host}${location.pathname}${location.search}`;
  const link = (name) => {
    if (name === "framed") return location.href;
    // A port of its own, or a bare number for a name: https is hardly served there.
    const isGuess = !location.port && /[^\d.]/.test(location.hostname) && !location.hostname.includes(":");
    return name === "insecure" && isGuess ? address("https:") : undefined;
  };
  const sentence = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
  const advice = (place, name, error) => {
    const target = link(name);
    // While recording it is the microphone alone that is listened to.
    const about = words[`${place}.${name}.what`] ? place : "microphone";
    const next = name === "insecure" && !target ? "local" : "next";
    const fill = (part) =>
      words[`${about}.${name}.${part}`]
        .replace("{error}", error?.name ?? "")
        .replace("{address}", `http://localhost${location.port && ":"}${location.port}`);
    const parts = [sentence("b", fill("what")), " ", sentence("span", fill(next))];
    if (target) {
      const anchor = sentence("a", target.split(/[?#]/)[0]);
      Object.assign(anchor, { href: target, target: "_blank", rel: "noopener" });
      parts.push(" ", anchor);
    }
    return parts;
  };

  const isWanted = (place) =>
    place === "microphone" || document.querySelector('#video [data-testid="webcam-video"]');
  const show = (place) => {
    // Gradio may have made it anew, so it is looked for each time.
    const box = document.querySelector(`#${place}-doctor .doctor`);
    if (!box) return;
    const name = isWanted(place) ? (heard[place] ?? met[place]?.name ?? known[place]) : undefined;
    // Of what went wrong just now a screen reader speaks at once.
    const role = name && !heard[place] && met[place] ? "alert" : "note";
    if (box.dataset.trouble === name && (!name || box.dataset.role === role)) return;
    box.replaceChildren();
    delete box.dataset.trouble;
    if (!name) return;
    const note = document.createElement("div");
    note.setAttribute("role", role);
    note.append(...advice(place, name, met[place]?.error));
    box.append(note);
    Object.assign(box.dataset, { trouble: name, role });
  };
  const again = async () => {
    for (const place of PLACES) {
      known[place] = await examine(place);
      delete met[place];
      show(place);
    }
  };

  const began = (place, stream) => {
    delete known[place];
    delete met[place];
    const tell = (name) => {
      heard[place] = name;
      show(place);
    };
    tell(undefined);
    watch(words, stream, () => document.querySelector(HOMES[place]), tell);
  };
  const failed = async (place, error) => {
    met[place] = { name: await diagnose(place, error), error };
    delete heard[place];
    show(place);
  };
  if (devices?.getUserMedia) {
    const ask = devices.getUserMedia.bind(devices);
    // Gradio 6.31 lists the microphones, and then takes the default one whatever is chosen.
    const heed = (wanted) => {
      const list = document.querySelector("#record .mic-select");
      if (!(list?.selectedIndex > 0) || wanted?.audio !== true || wanted.video) return ask(wanted);
      return ask({ ...wanted, audio: { deviceId: { exact: list.value } } }).catch((error) => {
        // Pulled out since the list was made.
        if (error.name === "OverconstrainedError") return ask(wanted);
        throw error;
      });
    };
    devices.getUserMedia = (wanted) => {
      const place = wanted?.video ? "camera" : "microphone";
      const asked = heed(wanted);
      asked.then(
        (stream) => began(place, stream),
        (error) => failed(place, error),
      );
      return asked;
    };
    devices.addEventListener("devicechange", again);
    for (const name of NEEDS.camera) {
      permission(name).then((status) => status?.addEventListener("change", again));
    }
  }
  new MutationObserver(() => PLACES.forEach(show)).observe(document.body, {
    subtree: true,
    childList: true,
  });
  again();
}
