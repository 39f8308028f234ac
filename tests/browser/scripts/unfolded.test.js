import { keepUnfolded } from "scripts/result/unfolded.js";
import { equal, settled, test } from "./testing.js";

const FOLDED = "<details data-thought><summary>Thinking</summary><div>Hm.</div></details>";

function show(html) {
  document.body.innerHTML = html;
  keepUnfolded(window);
  return document.querySelector("details");
}

// What Gradio does to an element that it has written itself, and writes again.
async function writtenAnew(details) {
  details.removeAttribute("open");
  await settled();
  return details.open;
}

test("what a person has unfolded stays so when it is written anew", async () => {
  const details = show(FOLDED);
  details.querySelector("summary").click();
  equal(details.open, true);
  equal(await writtenAnew(details), true);
  equal(await writtenAnew(details), true);
});

test("what a person has folded up again stays so", async () => {
  const details = show(FOLDED);
  const summary = details.querySelector("summary");
  summary.click();
  await writtenAnew(details);
  summary.click();
  await settled();
  equal(details.open, false);
  equal(await writtenAnew(details), false);
});

test("what nobody has unfolded is left folded", async () => {
  equal(await writtenAnew(show(FOLDED)), false);
});

test("the thought of another answer is folded again", async () => {
  show(FOLDED).querySelector("summary").click();
  document.body.innerHTML = FOLDED;
  await settled();
  equal(document.querySelector("details").open, false);
});

test("what else there is to unfold is left alone", async () => {
  const details = show("<details><summary>Else</summary></details>");
  details.querySelector("summary").click();
  equal(await writtenAnew(details), false);
});
