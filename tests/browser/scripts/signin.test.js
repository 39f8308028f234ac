import { challengeOf, leave, startSignIn, takeBack, written } from "scripts/signin.js";
import { each, equal, settled, test } from "./testing.js";

const AT = "https://router.test/auth";
const WORDS = { "signin.button": "Sign in", "signin.note": "To {host}." };
const KEPT = "signin";

// A window whose address and storage the test sees.
function browser({
  href = "https://page.test/app/?task=own&prompt=secret",
  kept,
  isFramed = false,
  hasCrypto = true,
  isShut = false,
} = {}) {
  const stored = kept ? { [KEPT]: JSON.stringify(kept) } : {};
  const [visited, replaced] = [[], []];
  const refuse = () => {
    if (isShut) throw new DOMException("denied", "SecurityError");
  };
  const { href: address, origin, pathname } = new URL(href);
  const window = {
    URL,
    Event,
    MutationObserver,
    TextEncoder: globalThis.TextEncoder,
    document,
    btoa: (text) => globalThis.btoa(text),
    crypto: {
      getRandomValues: (bytes) => crypto.getRandomValues(bytes),
      subtle: hasCrypto ? crypto.subtle : undefined,
    },
    setInterval: (call, after) => setInterval(call, after / 100),
    clearInterval: (id) => clearInterval(id),
    location: { href: address, origin, pathname, assign: (to) => visited.push(new URL(to)) },
    history: {
      state: { of: "Gradio" },
      replaceState: (...given) => replaced.push(given),
    },
    get sessionStorage() {
      refuse();
      return {
        getItem: (name) => stored[name] ?? null,
        setItem: (name, value) => {
          stored[name] = value;
        },
        removeItem: (name) => delete stored[name],
      };
    },
  };
  window.self = window;
  window.top = isFramed ? {} : window;
  return { window, stored, visited, replaced };
}

const MINE = { verifier: "v".repeat(43), state: "mine" };

test("the challenge is that of the example in RFC 7636", async () => {
  equal(
    await challengeOf(browser().window, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  );
});

test("bytes are written in letters that an address can hold, without padding", () => {
  each(
    [
      [[251, 255, 190], "-_--"],
      [[0], "AA"],
      [[], ""],
    ],
    (bytes) => written(browser().window, bytes),
  );
});

test("who leaves takes the challenge along, and the secret stays in the tab", async () => {
  const { window, stored, visited } = browser();
  equal(await leave(window, AT), null);
  const [address] = visited;
  const { verifier, state } = JSON.parse(stored[KEPT]);
  equal([address.origin + address.pathname, verifier.length, state.length], [AT, 43, 43]);
  equal(Object.fromEntries(address.searchParams), {
    callback_url: `https://page.test/app/?state=${state}`,
    code_challenge: await challengeOf(window, verifier),
    code_challenge_method: "S256",
  });
  equal(address.href.includes(verifier), false);
});

test("nobody leaves with the same secret twice", async () => {
  const { window, stored, visited } = browser();
  const seen = [];
  for (let times = 0; times < 2; times += 1) {
    await leave(window, AT);
    seen.push(...Object.values(JSON.parse(stored[KEPT])));
  }
  equal([new Set(seen).size, visited.length], [4, 2]);
});

test("of the address the language alone is told", async () => {
  const { window, visited } = browser({ href: "https://page.test/?lang=ru&prompt=secret" });
  await leave(window, AT);
  const back = new URL(visited[0].searchParams.get("callback_url"));
  equal([...back.searchParams.keys()], ["lang", "state"]);
});

test("where a browser cannot, it says why, and nobody leaves", async () => {
  const given = [{ isFramed: true }, { hasCrypto: false }, { isShut: true }];
  const troubles = [];
  for (const one of given) {
    const { window, visited } = browser(one);
    troubles.push(await leave(window, AT), visited.length);
  }
  equal(troubles, ["framed", 0, "insecure", 0, "forgotten", 0]);
});

test("who comes back has their code with the secret, which are gone from address and tab", () => {
  const href = "https://page.test/app/?lang=ru&state=mine&code=abc#here";
  const { window, stored, replaced } = browser({ href, kept: MINE });
  equal(takeBack(window), { code: "abc", verifier: MINE.verifier });
  equal(stored, {});
  equal(replaced, [[{ of: "Gradio" }, "", "https://page.test/app/?lang=ru#here"]]);
});

test("a wrong state, a missing one, and one that nobody asked for, are refused without the code", () => {
  each(
    [
      ["?state=other&code=abc", MINE, { trouble: "foreign" }],
      ["?code=abc", MINE, { trouble: "foreign" }],
      ["?state=&code=abc", MINE, { trouble: "foreign" }],
      ["?state=mine&code=abc", undefined, { trouble: "foreign" }],
      ["?state=undefined&code=abc", { verifier: "v" }, { trouble: "foreign" }],
      ["?code=abc", undefined, { trouble: "foreign" }],
    ],
    (query, kept) => {
      const { window, stored, replaced } = browser({ href: `https://page.test/${query}`, kept });
      const told = takeBack(window);
      equal([stored, replaced.map(([, , to]) => to)], [{}, ["https://page.test/"]]);
      return told;
    },
  );
});

test("who comes back without a code has declined", () => {
  each(
    [
      ["?state=mine", { trouble: "declined" }],
      ["?state=mine&error=access_denied&error_description=no", { trouble: "declined" }],
      ["", { trouble: "declined" }],
    ],
    (query) => {
      const { window, stored } = browser({ href: `https://page.test/${query}`, kept: MINE });
      const told = takeBack(window);
      equal(stored, {});
      return told;
    },
  );
});

test("who never left is told nothing, and keeps their address", () => {
  each(
    [
      [{}, null],
      [{ isShut: true }, null],
    ],
    (given) => {
      const { window, replaced } = browser(given);
      const told = takeBack(window);
      equal(replaced, []);
      return told;
    },
  );
});

function placed(window, { field = true } = {}) {
  document.body.innerHTML = `<div id="status"></div>
    <div id="sign-in"><div class="sign-in" data-at="${AT}"></div></div>
    ${field ? '<div id="came-back"><textarea></textarea></div>' : ""}`;
  const told = [];
  document.querySelector("textarea")?.addEventListener("input", ({ target }) => {
    told.push(JSON.parse(target.value));
  });
  startSignIn(window, WORDS);
  return told;
}

const setUp = () => {
  document.querySelector("#status").innerHTML = '<p data-stage="no_media"></p>';
};
// Waits for what the script does in its own time; a test that waits in vain fails.
async function until(isSo) {
  while (!isSo()) await settled();
}
// Some of the script's own ticks, in which it may do what it should not.
async function meanwhile() {
  for (let ticks = 0; ticks < 10; ticks += 1) await settled();
}

test("a press on the button goes there, and the note says where", async () => {
  const { window, visited } = browser();
  placed(window);
  const [button, note] = document.querySelector(".sign-in").children;
  equal(
    [button.textContent, button.type, note.textContent],
    ["Sign in", "button", "To router.test."],
  );
  button.click();
  await until(() => visited.length);
  equal(visited[0].origin + visited[0].pathname, AT);
});

test("the button comes back when its place is made anew", async () => {
  placed(browser().window);
  document.querySelector("#sign-in").innerHTML = `<div class="sign-in" data-at="${AT}"></div>`;
  await settled();
  equal(document.querySelectorAll("#sign-in button").length, 1);
});

test("what came is told once the server has set the page up, and not before", async () => {
  const { window } = browser({ href: "https://page.test/?state=mine&code=abc", kept: MINE });
  const told = placed(window);
  await meanwhile();
  equal(told, []);
  setUp();
  await until(() => told.length);
  equal(told, [{ code: "abc", verifier: MINE.verifier }]);
});

test("a press that leads nowhere is told", async () => {
  const told = placed(browser({ hasCrypto: false }).window);
  setUp();
  document.querySelector("#sign-in button").click();
  await until(() => told.length);
  equal(told, [{ trouble: "insecure" }]);
});

test("where nobody signs in, a code in the address is taken out of it and told to nobody", async () => {
  const { window, replaced } = browser({ href: "https://page.test/?code=abc" });
  const told = placed(window, { field: false });
  setUp();
  await meanwhile();
  equal([told, replaced.length], [[], 1]);
});
