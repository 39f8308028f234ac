import { advice, sentences, wayOut } from "scripts/inputs/advice.js";
import { each, equal, test } from "./testing.js";

const WORDS = {
  "microphone.insecure.what": "No https.",
  "microphone.insecure.next": "Open this:",
  "microphone.insecure.local": "Open {address}.",
  "microphone.failed.what": "It failed ({error}).",
  "microphone.failed.next": "Try again.",
  "microphone.framed.what": "Framed.",
  "microphone.framed.next": "Open it alone:",
  "camera.failed.what": "The camera failed ({error}).",
  "camera.failed.next": "Film again.",
};
const PAGE = new URL("http://page.test/path?x=1#y");
const said = (place, trouble, { at = PAGE, error } = {}) =>
  sentences(WORDS, place, trouble, { location: at, error });

test("an http page is likely to be there over https too", () => {
  equal(wayOut("insecure", PAGE), "https://page.test/path?x=1");
});

test("https is not offered where it is hardly served", () => {
  each(
    ["http://page.test:7860/", "http://192.168.1.2/", "http://[fe80::1]/"].map((url) => [
      new URL(url),
      undefined,
    ]),
    (location) => wayOut("insecure", location),
  );
});

test("a framed page is offered alone, as it is", () => {
  equal(wayOut("framed", PAGE), PAGE.href);
});

test("no other trouble ends at another address", () => {
  equal(wayOut("denied", PAGE), undefined);
});

test("a trouble has a sentence and a way out", () => {
  equal(said("microphone", "insecure"), ["No https.", "Open this:"]);
});

test("without an https address the one of this computer is named, with its port", () => {
  const [, next] = said("microphone", "insecure", { at: new URL("http://10.0.0.1:7860/") });
  equal(next, "Open http://localhost:7860.");
  const [, bare] = said("microphone", "insecure", { at: new URL("http://10.0.0.1/") });
  equal(bare, "Open http://localhost.");
});

test("the browser's error is named", () => {
  equal(said("microphone", "failed", { error: "OddError" })[0], "It failed (OddError).");
});

test("the camera has its own words, and the microphone's where it has none", () => {
  equal(said("camera", "failed")[1], "Film again.");
  equal(said("camera", "framed")[0], "Framed.");
});

test("the way out is a link to a tab of its own, shown without its query", () => {
  const parts = advice(document, WORDS, "microphone", "insecure", { location: PAGE });
  const link = parts.at(-1);
  equal(
    [link.tagName, link.textContent, link.href, link.target, link.rel],
    ["A", "https://page.test/path", "https://page.test/path?x=1", "_blank", "noopener"],
  );
});

test("what has no way out has no link", () => {
  const box = document.createElement("div");
  box.append(...advice(document, WORDS, "microphone", "failed", { location: PAGE, error: "<b>" }));
  equal(box.innerHTML, "<b>It failed (&lt;b&gt;).</b> <span>Try again.</span>");
});
