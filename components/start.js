// Starts the page's scripts in the visitor's language.

import { takeAnything } from "./inputs/anywhere.js";
import { startKeeping } from "./inputs/kept.js";
import { watchLevel } from "./inputs/level.js";
import { startDoctor } from "./inputs/microphone.js";
import { offerStraight } from "./inputs/straight.js";
import { offerTries } from "./inputs/tries.js";
import { watchUploads } from "./inputs/uploading.js";
import { leadFocus } from "./focus.js";
import { joinRadios } from "./groups.js";
import { listenToKeys } from "./keys.js";
import { translateLeftovers } from "./leftovers.js";
import { startFeed } from "./result/feed.js";
import { Uploads } from "./result/media.js";
import { tellOfPlayers } from "./result/players.js";
import { keepListening } from "./result/spoken.js";
import { keepUnfolded } from "./result/unfolded.js";
import { registerShares } from "./shell/register.js";
import { placeSwitches } from "./shell/switches.js";
import { startSignIn } from "./signin.js";

// The language of `texts` that the browser wants; English where it is none of them.
export function languageOf(texts, wanted) {
  const [language] = wanted.toLowerCase().split("-");
  return Object.hasOwn(texts, language) ? language : "en";
}

// The name of each language in itself.
const namesIn = (texts) =>
  Object.fromEntries(
    Object.entries(texts).map(([code, { switches }]) => [code, switches["switch.name"]]),
  );

// `texts` has for each language its `leftovers`, its sentences of the `microphone`, those about
// what is `kept` about the `feed`, what there is to try (`tries`), an `upload` and to sign in (`signin`), and the words
// of the `switches`.
export function start(window, texts) {
  const { document, navigator } = window;
  const language = languageOf(texts, navigator.language);
  const { leftovers, microphone, kept, feed, tries, upload, signin, switches } = texts[language];
  document.documentElement.lang = language;
  startSignIn(window, signin); // first: what it takes out of the address is nobody else's
  if (language !== "en") {
    translateLeftovers(window, leftovers, language);
  }
  startDoctor(window, microphone, watchLevel);
  startKeeping(window, kept, language);
  if (window.MediaRecorder) offerStraight(window, microphone);
  takeAnything(window);
  const uploads = new Uploads();
  watchUploads(window, upload, language, uploads);
  offerTries(window, tries);
  tellOfPlayers(window, feed);
  startFeed(window, feed, language, uploads);
  joinRadios(window);
  leadFocus(window);
  listenToKeys(window);
  keepUnfolded(window);
  keepListening(window);
  registerShares(window);
  placeSwitches(window, switches, namesIn(texts), language);
}
