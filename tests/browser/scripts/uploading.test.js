import { progressIn, sizeIn, watchUploads } from "scripts/inputs/uploading.js";
import { each, equal, test } from "./testing.js";

const WORDS = {
  "upload.title": "Uploading",
  "upload.share": "{share}, {sent} of {total}",
  "upload.left": "{share}, {sent} of {total}, {left} left",
};

test("a size is told in the largest unit that it has", () => {
  each(
    [
      ["en", 0, "0 byte"],
      ["en", 2048, "2 kB"],
      ["en", 3 * 1024 * 1024, "3 MB"],
      ["ru", 3.5 * 1024 * 1024, "3,5 МБ"],
    ],
    (...given) => sizeIn(...given).replace(/\u00a0/g, " "),
  );
});

test("what is left is told once there is something to go by", () => {
  const shown = (sent, spent) =>
    progressIn(WORDS, "en", { sent, total: 4096, spent }).replace(/\u00a0/g, " ");
  equal(shown(1024, 500), "25%, 1 kB of 4 kB");
  equal(shown(1024, 2000), "25%, 1 kB of 4 kB, 6 sec left");
  equal(shown(4096, 9000), "100%, 4 kB of 4 kB");
});

function browser() {
  document.body.innerHTML = '<div id="uploading"><div class="uploading"></div></div>';
  const asked = [];
  const bodies = [];
  class XMLHttpRequest extends EventTarget {
    upload = new EventTarget();
    status = 200;
    open(...given) {
      asked.push(given);
    }
    setRequestHeader(...given) {
      asked.push(given);
    }
    getResponseHeader() {
      return "application/json";
    }
    send(body) {
      bodies.push(body);
      this.response = new Blob([JSON.stringify([`path ${bodies.length}`])]);
      if (bodies.length === this.refused) this.status = 507;
      this.upload.dispatchEvent(new ProgressEvent("progress", { loaded: 1, total: 4 }));
      asked.push(document.querySelector("#uploading").textContent);
      this.dispatchEvent(new Event(this.fails ? "error" : "load"));
    }
  }
  const window = { document, performance, setTimeout, Headers, Response, FormData, XMLHttpRequest };
  window.fetch = (...given) => Promise.resolve(given);
  const noted = [];
  watchUploads(window, WORDS, "en", { note: (...given) => noted.push(given) });
  return { window, asked, noted, bodies };
}

test("an upload is sent as it was to be, and says how far it is", async () => {
  const { window, asked, noted } = browser();
  const body = new FormData();
  body.append("files", new File(["x"], "a.mp3"));
  const given = { method: "POST", body, headers: { "x-one": "1" } };
  const response = await window.fetch("/gradio_api/upload?upload_id=1", given);
  equal(await response.json(), ["path 1"]);
  const said = "Uploading 25%, 1 byte of 4 byte";
  equal(asked, [["POST", "/gradio_api/upload?upload_id=1"], ["x-one", "1"], said]);
  equal(document.querySelector("#uploading").textContent, "");
  equal(
    noted.map(([path, { name }]) => [path, name]),
    [["path 1", "a.mp3"]],
  );
});

const together = () => {
  const body = new FormData();
  for (const name of ["a.mp3", "b.mp3", "c.mp3"]) body.append("files", new File(["xx"], name));
  return { method: "POST", body };
};

test("files that are given together are sent one by one, as one upload", async () => {
  const { window, asked, noted, bodies } = browser();
  const response = await window.fetch("/gradio_api/upload", together());
  equal(await response.json(), ["path 1", "path 2", "path 3"]);
  equal(
    bodies.map((body) => body.getAll("files").map(({ name }) => name)),
    [["a.mp3"], ["b.mp3"], ["c.mp3"]],
  );
  const told = asked.filter((one) => typeof one === "string");
  equal(
    told,
    ["17%, 1 byte", "50%, 3 byte", "83%, 5 byte"].map((one) => `Uploading ${one} of 6 byte`),
  );
  equal(noted.length, 3);
});

test("of files that are given together none is sent after one that is refused", async () => {
  const { window, bodies } = browser();
  window.XMLHttpRequest.prototype.refused = 2;
  const response = await window.fetch("/gradio_api/upload", together());
  equal([response.status, bodies.length], [507, 2]);
});

test("an upload that fails fails as one of fetch does", async () => {
  const { window } = browser();
  window.XMLHttpRequest.prototype.fails = true;
  let failed = null;
  await window.fetch("/upload", { method: "POST" }).catch((error) => {
    failed = error.constructor.name;
  });
  equal(failed, "TypeError");
});

test("whatever else is asked for is asked for as before", async () => {
  const { window, asked } = browser();
  equal(await window.fetch("/gradio_api/queue/join", { method: "POST" }), [
    "/gradio_api/queue/join",
    { method: "POST" },
  ]);
  equal(asked, []);
});
