// Recordings in the visitor's own browser, written while they are made: what is there outlives
// a reload, a crash and a server that was started anew. None of it leaves the browser.

const NAME = "show-and-tell";
const RECORDINGS = "recordings";
const CHUNKS = "chunks";

const result = (request) =>
  new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error));
  });

const finished = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.addEventListener("complete", () => resolve());
    for (const end of ["error", "abort"]) {
      transaction.addEventListener(end, () => reject(transaction.error));
    }
  });

// All chunks of one recording: their keys are its id and their number.
const ofOne = (range, id) => range.bound([id, 0], [id, Infinity]);

const two = (number) => String(number).padStart(2, "0");

// A file's name of a recording that began then, by the visitor's clock.
export function nameOf({ type, began }) {
  const at = new Date(began);
  const day = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map(two).join("-");
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join("-");
  const ending = type.split(";")[0].split("/")[1];
  return `recording-${day}-${time}.${ending}`;
}

// The store in `indexedDB`; fails where the browser has none to give.
export async function openStore({ indexedDB, IDBKeyRange, File }, name = NAME) {
  const opening = indexedDB.open(name, 1);
  opening.addEventListener("upgradeneeded", () => {
    opening.result.createObjectStore(RECORDINGS, { keyPath: "id" });
    opening.result.createObjectStore(CHUNKS);
  });
  const database = await result(opening);
  const both = (mode) => database.transaction([RECORDINGS, CHUNKS], mode);

  return {
    close: () => database.close(),

    // Note a recording {id, place, type, began}; `began` is in milliseconds since 1970.
    // A shared file has its `name` and its `size` in bytes as well.
    async begin(recording) {
      const transaction = database.transaction(RECORDINGS, "readwrite");
      transaction.objectStore(RECORDINGS).put({ ...recording, length: 0, chunks: 0 });
      await finished(transaction);
    },

    // Add `bytes` to a recording, which is now `length` milliseconds long.
    async append(id, bytes, length) {
      const transaction = both("readwrite");
      const recordings = transaction.objectStore(RECORDINGS);
      const known = await result(recordings.get(id));
      if (!known) return; // deleted meanwhile
      transaction.objectStore(CHUNKS).put(bytes, [id, known.chunks]);
      recordings.put({ ...known, length, chunks: known.chunks + 1 });
      await finished(transaction);
    },

    // What has been recorded, the newest first; what has no sound or picture yet is nothing.
    async list() {
      const all = database.transaction(RECORDINGS).objectStore(RECORDINGS).getAll();
      const some = (await result(all)).filter(({ chunks }) => chunks > 0);
      return some.sort((one, other) => other.began - one.began);
    },

    // A recording as one file, as far as it came; what was shared has its own name.
    async file({ id, type, began, name: own }) {
      const chunks = database.transaction(CHUNKS).objectStore(CHUNKS);
      const parts = await result(chunks.getAll(ofOne(IDBKeyRange, id)));
      return new File(parts, own ?? nameOf({ type, began }), { type });
    },

    async remove(id) {
      const transaction = both("readwrite");
      transaction.objectStore(RECORDINGS).delete(id);
      transaction.objectStore(CHUNKS).delete(ofOne(IDBKeyRange, id));
      await finished(transaction);
    },
  };
}
