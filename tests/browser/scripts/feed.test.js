import { openAnswers } from "scripts/result/answers.js";
import { startFeed } from "scripts/result/feed.js";
import { equal, settled, test } from "./testing.js";

const WORDS = new Proxy({}, { get: (_, name) => String(name) });
const card = (id, state, words) => `
  <article class="card" data-id="${id}" data-began="2026-11-26T14:02:00Z" data-state="${state}"
    data-record='{"text": "${words}"}'><h2>Question ${id}</h2><span class="asked"></span>
    <span class="state"></span><section class="answer">${words}</section><div class="fault"></div>
    <button data-act="copy">card.copy</button><button data-act="delete">x</button></article>`;

async function page() {
  document.body.innerHTML =
    '<div id="newest"></div><div id="history"><div class="history"></div></div>';
  indexedDB.deleteDatabase("show-and-tell-answers");
  await startFeed(window, WORDS, "en");
  return async (...given) => {
    document.querySelector("#newest").innerHTML = card(...given);
    await settled();
  };
}
const before = () => [...document.querySelectorAll("#history li b")].map((one) => one.textContent);

test("an answer makes way for the next, and is still there", async () => {
  const show = await page();
  await show(1, "running", "One");
  await show(1, "done", "One two");
  equal(before(), []);
  await show(2, "running", "");
  equal(before(), ["Question 1"]);
});

test("the last words before the page is left are kept", async () => {
  const show = await page();
  await show(1, "running", "One");
  await show(1, "running", "One two");
  window.dispatchEvent(new Event("pagehide"));
  const store = await openAnswers(window);
  const [{ text }] = await store.list();
  store.close();
  equal(text, "One two");
});

test("what was deleted is not among those before", async () => {
  const show = await page();
  await show(1, "done", "One");
  document.querySelector('[data-act="delete"]').click();
  equal(document.querySelector(".card").hidden, true);
  await show(2, "done", "Two");
  equal(before(), []);
});
