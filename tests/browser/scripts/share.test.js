import { openStore } from "scripts/inputs/store.js";
import { takeShares } from "scripts/shell/share.js";
import { equal, test } from "./testing.js";

const SCOPE = "http://page.test/below/";

// The answer to a request, null where the worker leaves it alone; `worker` may lack a store.
async function answerTo(request, worker = {}) {
  const listeners = {};
  takeShares({
    indexedDB,
    IDBKeyRange,
    File,
    URL: window.URL,
    Response: window.Response,
    crypto,
    registration: { scope: SCOPE },
    addEventListener: (name, listener) => (listeners[name] = listener),
    ...worker,
  });
  let answer = null;
  listeners.fetch({ request, respondWith: (promised) => (answer = promised) });
  return (await answer)?.headers.get("location") ?? null;
}

function shared(...files) {
  const body = new window.FormData();
  for (const file of files) body.append("media", file);
  return new window.Request(`${SCOPE}share`, { method: "POST", body });
}

test("what is shared is kept with its name, size and place, and the page is shown", async () => {
  const sound = new File([new Uint8Array([1, 2])], "memo.ogg", { type: "audio/ogg" });
  const film = new File([new Uint8Array([3])], "cat.mp4", { type: "video/mp4" });
  equal(await answerTo(shared(sound, film)), SCOPE);
  const store = await openStore(window);
  const kept = await store.list();
  equal(kept.map(({ name, size, place }) => [name, size, place]).sort(), [
    ["cat.mp4", 1, "camera"],
    ["memo.ogg", 2, "microphone"],
  ]);
  const file = await store.file(kept.find(({ name }) => name === "memo.ogg"));
  equal([file.type, ...new Uint8Array(await file.arrayBuffer())], ["audio/ogg", 1, 2]);
  for (const { id } of kept) await store.remove(id);
  store.close();
});

test("no other request is touched", async () => {
  equal(await answerTo(new window.Request(`${SCOPE}share`)), null);
  equal(await answerTo(new window.Request(`${SCOPE}upload`, { method: "POST", body: "x" })), null);
});

test("where nothing can be kept the page is told", async () => {
  const indexedDB = {
    open: () => {
      throw new DOMException("none");
    },
  };
  equal(await answerTo(shared(new File(["x"], "a.ogg")), { indexedDB }), `${SCOPE}#not-shared`);
});
