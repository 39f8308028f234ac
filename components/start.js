// Starts the page's scripts in the visitor's language.

import { watchLevel } from "./inputs/level.js";
import { startDoctor } from "./inputs/microphone.js";
import { translateLeftovers } from "./leftovers.js";

// The language of `texts` that the browser wants; English where it is none of them.
export function languageOf(texts, wanted) {
  const [language] = wanted.toLowerCase().split("-");
  return Object.hasOwn(texts, language) ? language : "en";
}

// `texts` has for each language its `leftovers` and its sentences of the `microphone`.
export function start(window, texts) {
  const { document, navigator } = window;
  const language = languageOf(texts, navigator.language);
  const { leftovers, microphone } = texts[language];
  if (language !== "en") {
    document.documentElement.lang = language;
    translateLeftovers(window, leftovers, language);
  }
  startDoctor(window, microphone, watchLevel);
}
