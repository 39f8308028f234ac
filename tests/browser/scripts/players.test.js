import { tellOfPlayers } from "scripts/result/players.js";
import { equal, test } from "./testing.js";

const WORDS = { "card.unplayable": "It cannot be played here." };
const NONE = "data:audio/x-caf;base64,Y2FmZg==";

function page(body) {
  document.body.innerHTML = body;
  tellOfPlayers(window, WORDS);
  return new Promise((resolve) => {
    const failed = () => setTimeout(resolve);
    for (const one of document.querySelectorAll("audio, video, img")) {
      one.addEventListener("error", failed);
    }
  });
}

test("a player of what the browser cannot play says so, once", async () => {
  await page(`<audio class="preview" controls src="${NONE}"></audio>`);
  const player = document.querySelector("audio");
  player.dispatchEvent(new Event("error"));
  equal([player.hidden, document.body.innerText], [true, "It cannot be played here."]);
});

test("so does the one beside the times of an answer", async () => {
  await page(`<div class="timed"><video src="${NONE}"></video></div>`);
  equal(document.querySelector(".timed [role=note]").textContent, "It cannot be played here.");
});

test("what is none of ours is left alone", async () => {
  await page('<img class="picture" src="data:image/png;base64,AAAA">');
  equal(document.querySelector("[role=note]"), null);
});
