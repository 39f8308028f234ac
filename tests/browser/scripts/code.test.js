import { codeAt, fileAt, foldCode, unfoldCode } from "scripts/result/code.js";
import { equal, test } from "./testing.js";

function card() {
  document.body.innerHTML = `
    <article class="card"><button data-act="code" aria-expanded="false">Code</button>
    <div class="source" hidden>
    <details><summary>cURL</summary><button data-act="snippet">Copy</button><pre>curl \\
  -H 'x'</pre></details>
    <a data-act="file" href="gradio_api/file=/tmp/a/secret.mp3" download="media.mp3" data-gone="It is gone.">Get</a>
    </div></article>`;
  return document.querySelector(".card");
}
const state = (one) => [
  one.querySelector(".source").hidden,
  one.querySelector('[data-act="code"]').getAttribute("aria-expanded"),
];

test("a press shows the code, and another folds it up", () => {
  const one = card();
  const button = one.querySelector('[data-act="code"]');
  unfoldCode(one, button);
  equal(state(one), [false, "true"]);
  unfoldCode(one, button);
  equal(state(one), [true, "false"]);
});

test("what is copied is the code beside the button, line by line", () => {
  equal(codeAt(card().querySelector('[data-act="snippet"]')), "curl \\\n  -H 'x'");
});

test("a card is kept folded up, and without the place of its file", () => {
  const one = card();
  unfoldCode(one, one.querySelector('[data-act="code"]'));
  foldCode(one);
  equal(state(one), [true, "false"]);
  equal([one.innerHTML.includes("secret"), one.textContent.includes("It is gone.")], [false, true]);
});

test("a card without code is kept as it is", () => {
  document.body.innerHTML = '<article class="card">Words</article>';
  foldCode(document.querySelector(".card"));
  equal(document.querySelector(".card").textContent, "Words");
});

test("the file that was sent is had from the server", async () => {
  const link = card().querySelector("a");
  const asked = [];
  const fetch = (url) => {
    asked.push(url === link.href);
    return Promise.resolve(new Response("ID3"));
  };
  equal([await (await fileAt({ fetch }, link)).text(), asked], ["ID3", [true]]);
  equal(link.isConnected, true);
});

async function gone(fetch) {
  const link = card().querySelector("a");
  equal([await fileAt({ fetch }, link), link.isConnected], [null, false]);
  equal(document.querySelector('.source [role="status"]').textContent, "It is gone.");
}

test("a file that the server has no longer is told in the place of the link", () =>
  gone(() => Promise.resolve(new Response("", { status: 403 }))));

test("a server that is not there is told so, too", () =>
  gone(() => Promise.reject(new TypeError("offline"))));
