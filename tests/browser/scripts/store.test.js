import { nameOf, openStore } from "scripts/inputs/store.js";
import { each, equal, test } from "./testing.js";

const FIRST = { id: "a", place: "microphone", type: "audio/webm;codecs=opus", began: 1000 };
const SECOND = { id: "b", place: "camera", type: "video/mp4", began: 2000 };
const bytes = (...values) => new Uint8Array(values).buffer;
const open = () => openStore(window, `test-${crypto.randomUUID()}`);

async function withBoth() {
  const store = await open();
  for (const one of [FIRST, SECOND]) await store.begin(one);
  await store.append("a", bytes(1, 2), 1000);
  await store.append("b", bytes(9), 500);
  await store.append("a", bytes(3), 2000);
  return store;
}

test("a recording is one file of all that was written of it, in its order", async () => {
  const store = await withBoth();
  const file = await store.file(FIRST);
  equal([...new Uint8Array(await file.arrayBuffer())], [1, 2, 3]);
  equal(file.type, FIRST.type);
});

test("the newest recording is listed first, with its length", async () => {
  const store = await withBoth();
  equal(
    (await store.list()).map(({ id, length }) => [id, length]),
    [
      ["b", 500],
      ["a", 2000],
    ],
  );
});

test("a recording without any sound yet is none", async () => {
  const store = await open();
  await store.begin(FIRST);
  equal(await store.list(), []);
});

test("what is removed is gone with its chunks, and the others stay", async () => {
  const store = await withBoth();
  await store.remove("a");
  equal(
    (await store.list()).map(({ id }) => id),
    ["b"],
  );
  equal((await store.file(FIRST)).size, 0);
  equal((await store.file(SECOND)).size, 1);
});

test("what is written of a removed recording does not bring it back", async () => {
  const store = await withBoth();
  await store.remove("a");
  await store.append("a", bytes(4), 3000);
  equal((await store.list()).length, 1);
  equal((await store.file(FIRST)).size, 0);
});

test("what was written is there when the store is opened again", async () => {
  const name = `test-${crypto.randomUUID()}`;
  const store = await openStore(window, name);
  await store.begin(FIRST);
  await store.append("a", bytes(1), 1000);
  store.close();
  equal((await (await openStore(window, name)).list()).length, 1);
});

test("a file that was shared keeps its own name", async () => {
  const store = await open();
  equal((await store.file({ ...FIRST, name: "memo.ogg" })).name, "memo.ogg");
});

test("a file is called by its day, its time and its container", () => {
  const began = new Date(2026, 10, 6, 14, 2, 9).getTime();
  each(
    [
      ["audio/webm;codecs=opus", "recording-2026-11-06-14-02-09.webm"],
      ["video/mp4", "recording-2026-11-06-14-02-09.mp4"],
    ],
    (type) => nameOf({ type, began }),
  );
});
