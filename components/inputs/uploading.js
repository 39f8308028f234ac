// How far an upload is: Gradio says only that there is one.

import { lengthIn } from "./offers.js";

const HOME = "#uploading .uploading";
const EMPTY = '#status [data-stage="no_media"]';
const SETTLED = 5000; // milliseconds in which the page has heard that the file is there
const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];

// "3.1 MB", as the language writes it.
export function sizeIn(language, bytes) {
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const format = { style: "unit", unit: UNITS[unit], maximumFractionDigits: unit > 1 ? 1 : 0 };
  return new Intl.NumberFormat(language, format).format(value);
}

// "42%, 3.1 MB of 7.4 MB, 12 sec left"; `spent` is in milliseconds.
export function progressIn(words, language, { sent, total, spent }) {
  const share = new Intl.NumberFormat(language, { style: "percent" }).format(sent / total);
  const known = sent > 0 && sent < total && spent > 1000;
  const text = known ? words["upload.left"] : words["upload.share"];
  return text
    .replace("{share}", share)
    .replace("{sent}", sizeIn(language, sent))
    .replace("{total}", sizeIn(language, total))
    .replace("{left}", known ? lengthIn(language, (spent / sent) * (total - sent)) : "");
}

const isUpload = (input, init) =>
  init?.method === "POST" && /\/upload(\?|$)/.test(String(input?.url ?? input));

// Sends as fetch does, and calls `progress(sent, total)` meanwhile.
function send(window, input, { body, headers, credentials, signal }, progress) {
  return new Promise((resolve, reject) => {
    const request = new window.XMLHttpRequest();
    request.open("POST", String(input?.url ?? input));
    request.withCredentials = credentials === "include";
    request.responseType = "blob";
    for (const [name, value] of new window.Headers(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", ({ loaded, total }) => progress(loaded, total));
    request.addEventListener("load", () => {
      const { status, response } = request;
      const type = request.getResponseHeader("content-type") ?? "";
      resolve(new window.Response(response, { status, headers: { "content-type": type } }));
    });
    for (const end of ["error", "abort"]) {
      request.addEventListener(end, () => reject(new TypeError(end)));
    }
    signal?.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

// A form for each file: the server takes one at a time, each up to its limit.
function apart(window, body) {
  const files = body?.getAll?.("files") ?? [];
  if (files.length < 2) return [body];
  return files.map((file) => {
    const form = new window.FormData();
    form.append("files", file, file.name);
    return form;
  });
}

// Shows it for each upload from now on, and has `uploads` note which file lies where then.
export function watchUploads(window, words, language, uploads) {
  const { document, performance } = window;
  const { fetch } = window;
  let running = 0;
  const show = (text) => {
    const home = document.querySelector(HOME);
    if (!home) return;
    if (text === null) {
      home.replaceChildren();
      return;
    }
    if (!home.firstChild) {
      // The numbers are for the eye: a screen reader hears once that it goes on.
      const spoken = document.createElement("b");
      spoken.setAttribute("role", "status");
      spoken.textContent = words["upload.title"];
      const seen = document.createElement("span");
      seen.setAttribute("aria-hidden", "true");
      home.append(spoken, " ", seen);
    }
    home.lastChild.textContent = text;
  };
  const settle = (until) => {
    if (running > 0) return;
    const isHeardOf = !document.querySelector(EMPTY) || performance.now() > until;
    if (isHeardOf) show(null);
    else window.setTimeout(settle, 100, until);
  };
  const note = async (response, body) => {
    if (!response.ok) return;
    const [paths, files] = [await response.json(), body.getAll("files")];
    paths.forEach((path, at) => uploads.note(path, files[at]));
  };
  window.fetch = async (input, init) => {
    if (!isUpload(input, init)) return fetch(input, init);
    const began = performance.now();
    const bodies = apart(window, init.body);
    const sizes = bodies.map((body) => body?.get?.("files")?.size ?? 0);
    const all = sizes.reduce((sum, size) => sum + size, 0);
    const places = [];
    running += 1;
    show("");
    try {
      for (const [at, body] of bodies.entries()) {
        const before = sizes.slice(0, at).reduce((sum, size) => sum + size, 0);
        const response = await send(window, input, { ...init, body }, (sent, total) => {
          const whole = bodies.length > 1 ? all : total;
          const done = Math.min(before + sent, whole);
          const spent = performance.now() - began;
          show(progressIn(words, language, { sent: done, total: whole, spent }));
        });
        await note(response.clone(), body);
        if (bodies.length === 1 || !response.ok) return response;
        places.push(...(await response.json()));
      }
      const headers = { "content-type": "application/json" };
      return new window.Response(JSON.stringify(places), { status: 200, headers });
    } finally {
      running -= 1;
      settle(performance.now() + SETTLED);
    }
  };
}
