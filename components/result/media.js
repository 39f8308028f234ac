// What the answers are about, in the visitor's own browser: what was uploaded from this page, and,
// where the visitor wants that, what belongs to the answers that are kept.

import { give } from "../inputs/given.js";

const LARGEST = 20 * 1024 * 1024; // bytes of one file
const REMEMBERED = 8; // uploads: more than one page holds at a time
const WANTED = "keep-media"; // in localStorage

// Which file lies at which place on the server.
export class Uploads {
  #files = new Map();

  note(path, file) {
    this.#files.delete(path);
    this.#files.set(path, file);
    for (const one of [...this.#files.keys()].slice(0, -REMEMBERED)) this.#files.delete(one);
  }

  at(path) {
    return this.#files.get(path) ?? null;
  }

  get latest() {
    return [...this.#files.keys()].at(-1) ?? "";
  }
}

export const isWanted = ({ localStorage }) => localStorage.getItem(WANTED) !== null;

export function want({ localStorage }, isOn) {
  if (isOn) localStorage.setItem(WANTED, "");
  else localStorage.removeItem(WANTED);
}

// The file that a card is about, if it was uploaded from here and is small enough to be kept.
export function mediaOf(uploads, card) {
  const file = uploads.at(card.dataset.media ?? "");
  return file && file.size <= LARGEST ? file : null;
}

// Gives `file` to the page anew; the answer is where the server has it now.
export async function giveAgain(window, uploads, file) {
  await give(window, "file", file);
  return uploads.latest;
}
