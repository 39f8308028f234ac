// What is said of a trouble: what it is, the way out, and where that leads to.

const address = (scheme, { host, pathname, search }) => `${scheme}//${host}${pathname}${search}`;

// Where a trouble ends, if another address is all it takes.
export function wayOut(trouble, location) {
  if (trouble === "framed") return location.href;
  const { hostname, port } = location;
  // A port of its own, or a bare number for a name: https is hardly served there.
  const isServed = !port && /[^\d.]/.test(hostname) && !hostname.includes(":");
  return trouble === "insecure" && isServed ? address("https:", location) : undefined;
}

// The two sentences about `trouble` at `place`. `error` is the name of the browser's.
export function sentences(words, place, trouble, { location, error = "" }) {
  // While recording it is the microphone alone that is listened to.
  const about = `${place}.${trouble}.what` in words ? place : "microphone";
  const next = trouble === "insecure" && !wayOut(trouble, location) ? "local" : "next";
  const port = location.port && `:${location.port}`;
  return ["what", next].map((part) =>
    words[`${about}.${trouble}.${part}`]
      .replace("{error}", error)
      .replace("{address}", `http://localhost${port}`),
  );
}

// The sentences, and the link, as elements.
export function advice(document, words, place, trouble, { location, error }) {
  const element = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
  const [what, next] = sentences(words, place, trouble, { location, error });
  const parts = [element("b", what), " ", element("span", next)];
  const target = wayOut(trouble, location);
  if (target) {
    const link = element("a", target.split(/[?#]/)[0]);
    parts.push(" ", Object.assign(link, { href: target, target: "_blank", rel: "noopener" }));
  }
  return parts;
}
