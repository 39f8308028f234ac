import { answerOf, leftAlone, openAnswers, recordOf } from "scripts/result/answers.js";
import { equal, test } from "./testing.js";

function card(state = "running", record = "") {
  document.body.innerHTML = `
    <article class="card" data-id="7" data-began="2026-11-26T14:02:00+00:00" data-state="${state}"
      data-media="/tmp/a" data-record='${record}' aria-busy="true">
      <h2>What?</h2><p><span class="asked" data-model="maker/model">The model</span> <span class="state"></span></p>
      <section id="answer" class="answer"><p>Words</p></section>
      <div class="timed"><audio data-live src="gradio_api/file=/tmp/a"></audio></div>
      <div class="fault"></div><details open><summary>x</summary></details>
    </article>`;
  return document.querySelector(".card");
}

test("what is kept of a card is found without building it again", () => {
  const { id, began, state, question, model, name, text } = answerOf(card());
  equal(
    [id, new Date(began).toISOString(), state, question, model, name, text],
    ["7", "2026-11-26T14:02:00.000Z", "running", "What?", "maker/model", "The model", "Words"],
  );
});

test("neither the newest card's ids nor where the server has the media is kept", () => {
  const { html } = answerOf(card());
  equal([html.includes("id="), html.includes("/tmp/a")], [html.includes("data-id="), false]);
  equal(/ id=/.test(html), false);
  equal(html.includes("open"), false);
});

test("a card has its record once it is over", () => {
  equal(recordOf(card()), null);
  equal(recordOf(card("done", '{"text": "Words"}')), { text: "Words" });
});

test("an answer that its page left says so, and keeps its words", () => {
  const words = { "card.left": "You left.", "card.failed": "not whole" };
  const { state, html } = leftAlone(document, words, answerOf(card()));
  document.body.innerHTML = html;
  const text = (selector) => document.querySelector(selector).textContent;
  equal(
    [state, text(".fault"), text(".state"), text(".answer")],
    ["left", "You left.", "not whole", "Words"],
  );
  equal(document.querySelector(".card").getAttribute("aria-busy"), "false");
});

test("answers are listed, the newest first, and deleted", async () => {
  const store = await openAnswers(window, `answers-${crypto.randomUUID()}`);
  for (const began of [1, 3, 2]) await store.put({ id: String(began), began });
  equal(
    (await store.list()).map(({ id }) => id),
    ["3", "2", "1"],
  );
  await store.remove("3");
  equal(
    (await store.list()).map(({ id }) => id),
    ["2", "1"],
  );
  await store.keepMedia("1", new File(["x"], "one.mp3"));
  await store.keepMedia("2", new File(["x"], "two.mp3"));
  equal([await store.withMedia(), (await store.media("2")).name], [["1", "2"], "two.mp3"]);
  await store.remove("2");
  equal(await store.withMedia(), ["1"]);
  await store.clear();
  equal(await store.withMedia(), []);
  equal(await store.list(), []);
  store.close();
});
