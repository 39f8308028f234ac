import { languageOf, start } from "scripts/start.js";
import { createDevices } from "./fakes.js";
import { each, equal, settled, test } from "./testing.js";

const TEXTS = {
  en: {
    leftovers: {},
    feed: {},
    tries: {},
    signin: {},
    switches: {},
    microphone: { "microphone.none.what": "None.", "microphone.none.next": "" },
  },
  ru: {
    leftovers: { Trim: "Обрезать" },
    feed: {},
    tries: {},
    signin: {},
    switches: {},
    microphone: { "microphone.none.what": "Нет.", "microphone.none.next": "" },
  },
};

async function started(language) {
  const root = document.documentElement;
  root.lang = "en";
  document.body.innerHTML =
    '<p>Trim</p><div id="microphone-doctor"><div class="doctor"></div></div>';
  const { window } = createDevices({ kinds: [] });
  window.navigator.language = language;
  window.matchMedia = () => ({ theme: "auto" });
  window.URL = URL;
  start(window, TEXTS);
  await settled();
  const [text, doctor] = ["p", "b"].map((one) => document.querySelector(one).textContent);
  return [root.lang, text, doctor];
}

test("the language is the browser's, or English", () => {
  each(
    [
      ["ru", "ru"],
      ["ru-RU", "ru"],
      ["RU-ru", "ru"],
      ["en-GB", "en"],
      ["fr", "en"],
      ["rue", "en"],
      ["constructor", "en"],
    ],
    (wanted) => languageOf(TEXTS, wanted),
  );
});

test("a Russian browser gets a Russian page", async () => {
  equal(await started("ru-RU"), ["ru", "Обрезать", "Нет."]);
});

test("any other browser gets an English one", async () => {
  equal(await started("fr-FR"), ["en", "Trim", "None."]);
});
