// A file may be dropped or pasted anywhere: what it is, is found by its bytes, on the server.

import { choose, give, giveMany } from "./given.js";

const FIELDS = ":is(input,textarea,[contenteditable])";
const LINK = "#video-url :is(input, textarea)";

const holdsFiles = (transfer) => [...(transfer?.types ?? [])].includes("Files");

// The address of a page, if that is all there is in `text`.
export function linkIn(text) {
  const word = text.trim();
  return /^https:\/\/\S+$/.test(word) ? word : null;
}

async function giveLink(window, link) {
  const field = await choose(window, "link", LINK);
  field.value = link;
  field.dispatchEvent(new window.Event("input", { bubbles: true }));
}

// Gives one file to be asked about, and several, or what holds several, together.
function giveAll(window, files) {
  const isMany = files.length > 1 || /\.zip$/i.test(files[0].name);
  return isMany ? giveMany(window, files) : give(window, "file", files[0]);
}

// Takes whatever is dropped or pasted, in the place of Gradio's fields, which take some kinds
// alone, and of the browser, which would open it and leave the page.
export function takeAnything(window) {
  const { document } = window;
  const root = document.documentElement;
  const over = (event) => {
    if (!holdsFiles(event.dataTransfer)) return;
    event.preventDefault();
    root.classList.add("dragging");
  };
  const drop = (event) => {
    root.classList.remove("dragging");
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    giveAll(window, files);
  };
  const leave = ({ relatedTarget }) => {
    if (relatedTarget === null) root.classList.remove("dragging");
  };
  const paste = (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length > 0) {
      event.preventDefault();
      giveAll(window, files);
      return;
    }
    const link = linkIn(event.clipboardData?.getData("text/plain") ?? "");
    if (!link || event.target.closest?.(FIELDS)) return;
    event.preventDefault();
    giveLink(window, link);
  };
  const capture = { capture: true };
  document.addEventListener("dragenter", over, capture);
  document.addEventListener("dragover", over, capture);
  document.addEventListener("dragleave", leave, capture);
  document.addEventListener("drop", drop, capture);
  document.addEventListener("paste", paste, capture);
}
