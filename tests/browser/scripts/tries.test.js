import { offerTries } from "scripts/inputs/tries.js";
import { equal, settled, test } from "./testing.js";

const WORDS = { "try.title": "Try", "try.speech-en": "English" };

function page(fetch) {
  document.body.innerHTML = `
    <div id="status"><p data-stage="no_media"></p></div>
    <div id="source"><input type="radio"><input type="radio"><input type="radio"></div>
    <div id="audio-file"><input type="file"></div><div id="video"><input type="file"></div>
    <button id="ask">Ask</button>
    <div id="tries"><div class="tries" data-files='{"speech-en.mp3": "examples/1/speech-en.mp3"}'></div></div>`;
  offerTries(
    {
      ...{ document, fetch, File, Event, DataTransfer, MutationObserver },
      setInterval: (...given) => setInterval(...given),
      clearInterval: (...given) => clearInterval(...given),
    },
    WORDS,
  );
  return document.querySelector("#tries button");
}

test("an example is offered by its name", () => {
  const button = page();
  equal(
    [document.querySelector("#tries span").textContent, button.textContent],
    ["Try", "English"],
  );
});

test("a press gives its file to the page and asks", async () => {
  const asked = [];
  const button = page((address) => {
    asked.push(address);
    return Promise.resolve(new Response(new Blob(["x"], { type: "audio/mpeg" })));
  });
  const input = document.querySelector("#audio-file input");
  const given = new Promise((resolve) => {
    input.addEventListener("change", () => resolve(input.files[0]));
  });
  const pressed = new Promise((resolve) => {
    document.querySelector("#ask").addEventListener("click", () => resolve("asked"));
  });
  button.click();
  const { name, type } = await given;
  document.querySelector("#audio-file").innerHTML = '<p class="file-preview"></p>';
  equal([asked, name, type], [["examples/1/speech-en.mp3"], "speech-en.mp3", "audio/mpeg"]);
  equal(await pressed, "asked");
});

test("a film goes where films go", async () => {
  const button = page(() => Promise.resolve(new Response(new Blob(["x"], { type: "video/mp4" }))));
  const given = new Promise((resolve) => {
    document.querySelector("#video").addEventListener("change", resolve);
  });
  button.click();
  equal((await given).target.files[0].type, "video/mp4");
});

test("one that cannot be had can be tried again", async () => {
  const button = page(() => Promise.reject(new TypeError("gone")));
  window.addEventListener("unhandledrejection", (event) => event.preventDefault());
  button.click();
  equal(button.disabled, true);
  await settled();
  equal(button.disabled, false);
});
