import { linkIn, takeAnything } from "scripts/inputs/anywhere.js";
import { each, equal, test } from "./testing.js";

function page() {
  document.body.innerHTML = `
    <div id="status"><p data-stage="no_media"></p></div>
    <div id="source"><input type="radio"><input type="radio"><input type="radio"></div>
    <div id="audio-file"><input type="file"></div>
    <div id="video-url"><textarea></textarea></div><p>words</p><textarea id="own"></textarea>
    <div id="many"><button class="label-wrap open"></button>
    <div id="many-files"><input type="file" multiple></div></div>`;
  takeAnything(window);
}

function happens(name, place, transfer) {
  const given = { bubbles: true, cancelable: true };
  const event =
    name === "paste"
      ? new ClipboardEvent(name, { ...given, clipboardData: transfer })
      : new DragEvent(name, { ...given, dataTransfer: transfer });
  document.querySelector(place).dispatchEvent(event);
  return event.defaultPrevented;
}

function holding(file, text) {
  const transfer = new DataTransfer();
  for (const name of file ? file.split(" ") : []) transfer.items.add(new File(["x"], name));
  if (text) transfer.setData("text/plain", text);
  return transfer;
}

test("only a whole https address is a link", () => {
  each(
    [
      ["https://v.example/1", "https://v.example/1"],
      [" https://v.example/1\n", "https://v.example/1"],
      ["see https://v.example/1", null],
      ["http://v.example/1", null],
      ["", null],
    ],
    linkIn,
  );
});

test("while a file is held over the page it shows that it would take it", () => {
  page();
  happens("dragover", "p", holding("a.mp3"));
  equal(document.documentElement.classList.contains("dragging"), true);
  happens("drop", "p", holding("a.mp3"));
  equal(document.documentElement.classList.contains("dragging"), false);
});

test("words that are dragged are none of its business", () => {
  page();
  equal(happens("dragover", "p", holding(null, "words")), false);
  equal(happens("drop", "p", holding(null, "words")), false);
});

test("a file is given to the field of files, wherever it is dropped or pasted", async () => {
  for (const name of ["drop", "paste"]) {
    page();
    const given = new Promise((resolve) => {
      document.querySelector("#audio-file").addEventListener("change", resolve);
    });
    equal(happens(name, "#own", holding("a.mp3")), true);
    equal((await given).target.files[0].name, "a.mp3");
  }
});

test("several, and a zip, are given to the field of many", async () => {
  for (const [files, count] of [
    ["a.mp3 b.mp3", 2],
    ["notes.ZIP", 1],
  ]) {
    page();
    const given = new Promise((resolve) => {
      document.querySelector("#many-files").addEventListener("change", resolve);
    });
    equal(happens("drop", "#own", holding(files)), true);
    equal((await given).target.files.length, count);
  }
});

test("words that are pasted into a field are the field's", () => {
  page();
  equal(happens("paste", "#own", holding(null, "https://v.example/1")), false);
});
