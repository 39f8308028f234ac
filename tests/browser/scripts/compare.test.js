import { askAgain, holdAgainst, reveal, startComparing } from "scripts/result/compare.js";
import { equal, test } from "./testing.js";

const FAILED = { models: ["a", "b"], failed: ["b"] };

function compared() {
  document.body.innerHTML = `
    <div id="again"><textarea></textarea></div>
    <div class="compared blind">
      <article class="card" data-media="m1"><button class="retry">Retry</button></article>
      <article class="card comparison">
        <div class="against"><select><option>a</option><option>b</option></select></div>
        <p data-against="a">against a</p><p data-against="b" hidden>against b</p>
      </article>
    </div>`;
  const [, table] = document.querySelectorAll(".card");
  table.dataset.record = JSON.stringify({ exports: { json: JSON.stringify(FAILED) } });
  return { table, retry: document.querySelector(".retry") };
}
const hidden = (table) => [...table.querySelectorAll("p")].map((part) => part.hidden);

test("only what is held against the chosen reference is seen", () => {
  const { table } = compared();
  holdAgainst(table, "b");
  equal(hidden(table), [true, false]);
  holdAgainst(table, "a");
  equal(hidden(table), [false, true]);
});

test("choosing a reference holds the answers against it", () => {
  startComparing({ document });
  const { table } = compared();
  const select = table.querySelector("select");
  select.value = "b";
  select.dispatchEvent(new Event("change", { bubbles: true }));
  equal(hidden(table), [true, false]);
});

test("a choice of another field holds nothing against anything", () => {
  startComparing({ document });
  const { table } = compared();
  document.body.append(document.createElement("select"));
  document.body.lastChild.dispatchEvent(new Event("change", { bubbles: true }));
  equal(hidden(table), [false, true]);
});

test("a retry tells the page which media, and what the comparison has so far", () => {
  const { retry } = compared();
  const field = document.querySelector("#again textarea");
  const told = [];
  field.addEventListener("input", () => told.push(JSON.parse(field.value)));
  askAgain(window, retry);
  equal(
    told.map(({ media, compared: so }) => [media, so]),
    [["m1", FAILED]],
  );
});

test("a second retry of the same is another value, else the page would not notice it", async () => {
  const { retry } = compared();
  const field = document.querySelector("#again textarea");
  askAgain(window, retry);
  const first = field.value;
  await new Promise((resolve) => {
    setTimeout(resolve, 5);
  });
  askAgain(window, retry);
  equal(field.value === first, false);
});

test("the names that were hidden are shown", () => {
  const { table } = compared();
  reveal(table);
  equal(document.querySelector(".compared").className, "compared");
});
