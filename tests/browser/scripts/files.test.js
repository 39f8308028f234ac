import { fileName, pageOf, save, textOf } from "scripts/result/files.js";
import { equal, test } from "./testing.js";

test("a file is called by the visitor's clock", () => {
  equal(fileName(new Date(2026, 10, 26, 14, 2, 5), "srt"), "answer-2026-11-26-14-02-05.srt");
});

test("a page of answers needs nothing but itself", () => {
  const page = pageOf("ru", "<b>What?</b>", ".card { color: red; }", ["<article>1</article>"]);
  const parsed = new DOMParser().parseFromString(page, "text/html");
  equal(parsed.documentElement.lang, "ru");
  equal(parsed.title, "<b>What?</b>");
  equal(parsed.querySelectorAll("article").length, 1);
  equal(parsed.querySelectorAll("script, link, [src], [href]").length, 0);
});

test("of a card the browser saves what the server made of it", async () => {
  document.body.innerHTML = `<article class="card" data-record='{"exports": {"txt": "Words"}}'>`;
  equal(textOf(window, document.querySelector(".card"), null, "txt"), "Words");
  const saved = [];
  const fake = {
    document: {
      createElement: () => ({
        click() {
          saved.push([this.href, this.download]);
        },
      }),
    },
    URL: {
      createObjectURL: (blob) => {
        saved.push(blob);
        return "blob:1";
      },
    },
    Blob,
    setTimeout: () => {},
  };
  save(fake, "a.txt", "txt", "Words");
  const [blob, click] = saved;
  equal(
    [await blob.text(), blob.type, click],
    ["Words", "text/plain;charset=utf-8", ["blob:1", "a.txt"]],
  );
});
