// What another app shares with this page goes where recordings are kept, in the visitor's own
// browser, and nowhere else. This runs in a service worker, which does this one thing: it keeps
// no pages and touches no other request.

import { openStore } from "../inputs/store.js";

const ADDRESS = "share";
const FIELD = "media";

async function keepAll(worker, request) {
  const form = await request.formData();
  const store = await openStore(worker);
  try {
    for (const file of form.getAll(FIELD)) {
      const { name, size, type } = file;
      const id = worker.crypto.randomUUID();
      const place = type.startsWith("video/") ? "camera" : "microphone";
      await store.begin({ id, place, type, began: Date.now(), name, size });
      try {
        await store.append(id, await file.arrayBuffer(), 0);
      } catch (error) {
        await store.remove(id);
        throw error;
      }
    }
  } finally {
    store.close();
  }
}

export function takeShares(worker) {
  const { scope } = worker.registration;
  worker.addEventListener("fetch", (event) => {
    const { method, url } = event.request;
    if (method !== "POST" || url !== new worker.URL(ADDRESS, scope).href) return;
    event.respondWith(
      keepAll(worker, event.request).then(
        () => worker.Response.redirect(scope, 303),
        () => worker.Response.redirect(`${scope}#not-shared`, 303), // no room, as a rule
      ),
    );
  });
}
