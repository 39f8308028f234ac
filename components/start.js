// Starts the page's scripts in the visitor's language.

import { startKeeping } from "./inputs/kept.js";
import { watchLevel } from "./inputs/level.js";
import { startDoctor } from "./inputs/microphone.js";
import { offerStraight } from "./inputs/straight.js";
import { leadFocus } from "./focus.js";
import { joinRadios } from "./groups.js";
import { listenToKeys } from "./keys.js";
import { translateLeftovers } from "./leftovers.js";
import { startFeed } from "./result/feed.js";
import { keepUnfolded } from "./result/unfolded.js";

// The language of `texts` that the browser wants; English where it is none of them.
export function languageOf(texts, wanted) {
  const [language] = wanted.toLowerCase().split("-");
  return Object.hasOwn(texts, language) ? language : "en";
}

// `texts` has for each language its `leftovers`, its sentences of the `microphone`, and those
// about what is `kept` and about the `feed`.
export function start(window, texts) {
  const { document, navigator } = window;
  const language = languageOf(texts, navigator.language);
  const { leftovers, microphone, kept, feed } = texts[language];
  document.documentElement.lang = language;
  if (language !== "en") {
    translateLeftovers(window, leftovers, language);
  }
  startDoctor(window, microphone, watchLevel);
  startKeeping(window, kept, language);
  if (window.MediaRecorder) offerStraight(window, microphone);
  startFeed(window, feed, language);
  joinRadios(window);
  leadFocus(window);
  listenToKeys(window);
  keepUnfolded(window);
}
