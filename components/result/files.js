// Answers as files.

import { recordOf } from "./answers.js";

const GONE = 60_000; // milliseconds after which a download has surely begun
const TYPES = {
  txt: "text/plain",
  md: "text/markdown",
  srt: "application/x-subrip",
  vtt: "text/vtt",
  json: "application/json",
  csv: "text/csv",
  har: "application/json",
  html: "text/html",
};
const PAGE = `
:root { color-scheme: light; --wide: 880px; }
body { margin: 0 auto; padding: 24px 16px; max-width: 880px; font: 16px/1.5 system-ui, sans-serif;
  display: grid; gap: 16px; background: #f6f8fa; }
header button, .acts, .ways, .proof button { display: none !important; }`;

const two = (number) => String(number).padStart(2, "0");

// "answer-2026-11-26-14-02-05.txt", by the visitor's clock.
export function fileName(began, kind) {
  const at = new Date(began);
  const day = [at.getFullYear(), at.getMonth() + 1, at.getDate()];
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()];
  return `answer-${[...day, ...time].map(two).join("-")}.${kind}`;
}

// One page that needs nothing but itself: `cards` are HTML of ours.
export function pageOf(language, title, style, cards) {
  const escaped = title.replace(/[&<>]/g, (letter) => `&#${letter.charCodeAt(0)};`);
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>${escaped}</title>
<style>${style}${PAGE}</style></head>
<body>${cards.join("\n")}</body></html>
`;
}

// Has the browser save `blob`.
export function saveBlob(window, name, blob) {
  const { document, URL } = window;
  const href = URL.createObjectURL(blob);
  Object.assign(document.createElement("a"), { href, download: name }).click();
  window.setTimeout(() => URL.revokeObjectURL(href), GONE);
}

// Has the browser save `text`.
export function save(window, name, kind, text) {
  saveBlob(window, name, new window.Blob([text], { type: `${TYPES[kind]};charset=utf-8` }));
}

// One page of several `answers`.
export async function allOf(window, answers) {
  const style = await (await window.fetch(new window.URL("card.css", import.meta.url))).text();
  const [{ question }] = answers;
  const cards = answers.map(({ html }) => html);
  return pageOf(window.document.documentElement.lang, question, style, cards);
}

// The text of `card` as a file of `kind`. `answer` is what is kept of it.
export function textOf(window, card, answer, kind) {
  return kind === "html" ? allOf(window, [answer]) : recordOf(card).exports[kind];
}
