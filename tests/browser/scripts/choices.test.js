import { settle } from "scripts/shell/choices.js";
import { each, equal, test } from "./testing.js";

const DARK = "(prefers-color-scheme: dark)";

// A window of its own with as much of a browser as there is to settle.
function browser({ search = "", wants = "en-US", isDark = false, stored = {} } = {}) {
  const system = Object.assign(new EventTarget(), { matches: isDark });
  const asked = [];
  const other = { URL, Headers: window.Headers, Event, EventTarget };
  return Object.assign(other, {
    system,
    asked,
    document: { documentElement: { dataset: {} }, baseURI: "http://app.test/" },
    navigator: { language: wants, languages: [wants, "de"] },
    location: { href: `http://app.test/${search}`, origin: "http://app.test" },
    history: {
      state: null,
      replaceState(_, __, address) {
        other.location.href = String(address);
      },
    },
    localStorage: { getItem: (name) => stored[name] ?? null },
    matchMedia: (query) => (query === DARK ? system : { media: query }),
    fetch: (resource, options) => asked.push(options?.headers?.get?.("Accept-Language") ?? null),
  });
}

const settled = (given) => {
  const one = browser(given);
  settle(one, ["en", "ru"]);
  return one;
};

test("the address says the language, else what was chosen, else the browser", () => {
  each(
    [
      [{ wants: "ru-RU" }, "ru"],
      [{ wants: "fr" }, "en"],
      [{ stored: { language: "ru" } }, "ru"],
      [{ search: "?lang=en", wants: "ru", stored: { language: "ru" } }, "en"],
      [{ search: "?lang=xx", stored: { language: "ru" } }, "ru"],
      [{ stored: { language: "xx" }, wants: "ru" }, "ru"],
    ],
    (given) => settled(given).document.documentElement.lang,
  );
});

test("a chosen language is the browser's for whoever asks it", () => {
  const { navigator } = settled({ stored: { language: "ru" } });
  equal([navigator.language, navigator.languages], ["ru", ["ru", "en-US", "de"]]);
});

test("our server is told it, and nobody else", () => {
  const one = settled({ stored: { language: "ru" } });
  one.fetch("config");
  one.fetch({ url: "http://app.test/queue", headers: {} });
  one.fetch("https://other.test/");
  equal(one.asked, ["ru", "ru", null]);
});

test("a request keeps the headers it had", () => {
  const one = settled({ stored: { language: "ru" } });
  let sent = null;
  const two = browser({ stored: { language: "ru" } });
  two.fetch = (_, { headers, method }) => {
    sent = [headers.get("X-Own"), headers.get("Accept-Language"), method];
  };
  settle(two, ["en", "ru"]);
  two.fetch("config", { method: "POST", headers: { "X-Own": "1" } });
  equal([one.asked, sent], [[], ["1", "ru", "POST"]]);
});

test("without a choice nothing is put between the page and the browser", () => {
  const one = browser();
  const before = one.fetch;
  settle(one, ["en", "ru"]);
  equal(one.fetch === before, true);
});

test("the colours are those that were chosen, else the address's, else the system's", () => {
  each(
    [
      [{}, "light"],
      [{ isDark: true }, "dark"],
      [{ stored: { theme: "dark" } }, "dark"],
      [{ stored: { theme: "light" }, isDark: true }, "light"],
      [{ search: "?__theme=dark" }, "dark"],
      [{ search: "?__theme=dark", stored: { theme: "light" } }, "light"],
      [{ search: "?__theme=dark", stored: { theme: "auto" } }, "light"],
      [{ stored: { theme: "pink" } }, "light"],
    ],
    (given) => settled(given).document.documentElement.dataset.theme,
  );
});

test("Gradio does not find the colours in the address, and all else stays there", () => {
  equal(settled({ search: "?__theme=dark&task=own" }).location.href, "http://app.test/?task=own");
});

test("whoever listens hears of another choice, and of the system's change while it is auto", () => {
  const one = settled();
  const query = one.matchMedia(DARK);
  const heard = [];
  query.addEventListener("change", () => heard.push(query.matches));
  query.choose("dark");
  query.choose("auto");
  one.system.matches = true;
  one.system.dispatchEvent(new Event("change"));
  equal(heard, [true, false, true]);
});

test("any other query is the browser's to answer", () => {
  equal(settled().matchMedia("print").media, "print");
});

test("a frame without storage goes by the browser", () => {
  const one = browser({ wants: "ru" });
  Object.defineProperty(one, "localStorage", {
    get: () => {
      throw new DOMException("denied", "SecurityError");
    },
  });
  settle(one, ["en", "ru"]);
  equal(one.document.documentElement.lang, "ru");
});
