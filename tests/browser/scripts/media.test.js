import { Uploads, isWanted, mediaOf, want } from "scripts/result/media.js";
import { equal, test } from "./testing.js";

const card = (media) => ({ dataset: { media } });

test("what was uploaded is known by where the server has it", () => {
  const uploads = new Uploads();
  const [one, two] = [new File(["1"], "one"), new File(["2"], "two")];
  uploads.note("/tmp/1", one);
  uploads.note("/tmp/2", two);
  equal(
    [uploads.at("/tmp/1") === one, uploads.at("/tmp/3"), uploads.latest],
    [true, null, "/tmp/2"],
  );
  uploads.note("/tmp/1", one);
  equal(uploads.latest, "/tmp/1");
});

test("of many uploads the last are remembered", () => {
  const uploads = new Uploads();
  for (let at = 1; at <= 9; at += 1) uploads.note(`/tmp/${at}`, new File(["x"], `${at}`));
  equal([uploads.at("/tmp/1"), uploads.at("/tmp/2").name], [null, "2"]);
});

test("what is large, or was never uploaded from here, is not kept", () => {
  const uploads = new Uploads();
  const sized = (size) => ({ size });
  uploads.note("/tmp/small", sized(20 * 1024 * 1024));
  uploads.note("/tmp/large", sized(20 * 1024 * 1024 + 1));
  equal(mediaOf(uploads, card("/tmp/small")).size, 20 * 1024 * 1024);
  equal([mediaOf(uploads, card("/tmp/large")), mediaOf(uploads, card())], [null, null]);
});

test("nothing is kept unless it is wanted", () => {
  window.localStorage.clear();
  equal(isWanted(window), false);
  want(window, true);
  equal(isWanted(window), true);
  want(window, false);
  equal(isWanted(window), false);
});
