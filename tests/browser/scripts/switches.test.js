import { addressIn, placeSwitches } from "scripts/shell/switches.js";
import { equal, settled, test } from "./testing.js";

const WORDS = {
  "switch.language": "Language",
  "switch.theme": "Colours",
  "switch.auto": "Auto",
  "switch.light": "Light",
  "switch.dark": "Dark",
};
const NAMES = { en: "English", ru: "Русский" };

function browser({ href = "http://app.test/", isShut = false } = {}) {
  const stored = {};
  const visited = [];
  const query = {
    theme: "light",
    choose(theme) {
      this.theme = theme;
    },
  };
  return {
    stored,
    visited,
    query,
    document,
    URL,
    MutationObserver,
    matchMedia: () => query,
    location: { href, replace: (to) => visited.push(to), reload: () => visited.push("again") },
    localStorage: {
      setItem(name, value) {
        if (isShut) throw new DOMException("denied", "SecurityError");
        stored[name] = value;
      },
    },
  };
}

function placed(given) {
  document.body.innerHTML = '<div id="switches"><div class="switches"></div></div>';
  const window = browser(given);
  placeSwitches(window, WORDS, NAMES, "en");
  return window;
}

test("each language has a button that says its name, and which one is on", () => {
  placed();
  const buttons = [...document.querySelectorAll("#language button")];
  equal(
    buttons.map((one) => [one.textContent, one.ariaLabel, one.ariaPressed, one.lang]),
    [
      ["EN", "EN: English", "true", "en"],
      ["RU", "RU: Русский", "false", "ru"],
    ],
  );
});

test("another language is remembered, and the page comes again in it", () => {
  const { stored, visited } = placed();
  document.querySelector("#language [lang=ru]").click();
  equal([stored, visited], [{ language: "ru" }, ["again"]]);
});

test("the language that is on changes nothing", () => {
  const { visited } = placed();
  document.querySelector("#language [lang=en]").click();
  equal(visited, []);
});

test("the address does not hold against the choice, and keeps all else", () => {
  const { visited } = placed({ href: "http://app.test/?lang=en&task=own" });
  document.querySelector("#language [lang=ru]").click();
  equal(visited, ["http://app.test/?task=own"]);
});

test("where nothing can be remembered the address says it", () => {
  equal(addressIn(browser({ isShut: true }), "ru"), "http://app.test/?lang=ru");
});

test("the colours show what is chosen, and a choice is remembered and applied", () => {
  const { stored, query } = placed();
  const colours = document.querySelector("#theme");
  equal([colours.value, colours.ariaLabel], ["light", "Colours"]);
  colours.value = "dark";
  colours.dispatchEvent(new Event("change"));
  equal([stored, query.theme], [{ theme: "dark" }, "dark"]);
});

test("they come back when the place is made anew", async () => {
  placed();
  document.querySelector("#switches").innerHTML = '<div class="switches"></div>';
  await settled();
  equal(document.querySelectorAll("#language button").length, 2);
});
