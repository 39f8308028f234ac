// Signing in with OpenRouter (OAuth 2 with PKCE, RFC 7636): the browser goes there with the hash
// of a secret and comes back with a code, which the server gives with the secret for a key. What
// is kept meanwhile lies in this tab alone, and no longer than until it is looked at.

import { once } from "./inputs/given.js";

const KEPT = "signin";
const PLACE = "#sign-in .sign-in";
const FIELD = "#came-back :is(textarea, input)";
// The server's first word, with which it sets the page up: what was written before is lost.
const SET_UP = "#status [data-stage]";
// What OpenRouter and we put into the address; "error" is how it says that somebody declined.
const OURS = ["code", "state", "error", "error_description"];

// Bytes in base64url, without padding.
export function written(window, bytes) {
  const text = window.btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// 43 letters that nobody guesses.
const secret = (window) => written(window, window.crypto.getRandomValues(new Uint8Array(32)));

export async function challengeOf(window, verifier) {
  const bytes = new window.TextEncoder().encode(verifier);
  return written(window, new Uint8Array(await window.crypto.subtle.digest("SHA-256", bytes)));
}

function keep(window, asked) {
  try {
    window.sessionStorage.setItem(KEPT, JSON.stringify(asked));
    return true;
  } catch {
    return false; // a browser may give a page no storage
  }
}

// What was kept, which is gone with that.
function takeKept(window) {
  try {
    const kept = window.sessionStorage.getItem(KEPT);
    window.sessionStorage.removeItem(KEPT);
    return JSON.parse(kept);
  } catch {
    return null;
  }
}

// This page as it is come back to. Of its address only the language is told: a question that a
// link has set up is nobody else's business, and the tab remembers it.
function ownAddress({ URL, location }, state) {
  const address = new URL(location.pathname, location.origin);
  const language = new URL(location.href).searchParams.get("lang");
  if (language) address.searchParams.set("lang", language);
  address.searchParams.set("state", state);
  return address.href;
}

// Goes to the page `at` to sign in; what keeps the browser from that is the answer.
export async function leave(window, at) {
  if (window.top !== window.self) return "framed";
  if (!window.crypto?.subtle) return "insecure";
  const [verifier, state] = [secret(window), secret(window)];
  const address = new window.URL(at);
  for (const [name, value] of [
    ["callback_url", ownAddress(window, state)],
    ["code_challenge", await challengeOf(window, verifier)],
    ["code_challenge_method", "S256"],
  ]) {
    address.searchParams.set(name, value);
  }
  if (!keep(window, { verifier, state })) return "forgotten";
  window.location.assign(address.href);
  return null;
}

// What came of it, taken out of the address and the tab; null where nobody has left.
export function takeBack(window) {
  const address = new window.URL(window.location.href);
  const { searchParams } = address;
  const [code, state] = [searchParams.get("code"), searchParams.get("state")];
  const asked = takeKept(window);
  if (code !== null || state !== null) {
    for (const name of OURS) searchParams.delete(name);
    window.history.replaceState(window.history.state, "", address.href);
    if (!asked || state !== asked.state) return { trouble: "foreign" };
    if (code) return { code, verifier: asked.verifier };
  }
  return asked && { trouble: "declined" };
}

// Tells the server, once there is a field for that; where there is none, nobody signs in.
async function tell(window, what) {
  const { document } = window;
  await once(window, () => document.querySelector(SET_UP));
  const field = document.querySelector(FIELD);
  if (!field) return;
  field.value = JSON.stringify(what);
  field.dispatchEvent(new window.Event("input", { bubbles: true }));
}

// Offers to sign in where the page has a place for that, however late Gradio makes it, and sees
// to who comes back.
export function startSignIn(window, words) {
  const { document } = window;
  const back = takeBack(window);
  if (back) tell(window, back);

  const offer = (at) => {
    const button = Object.assign(document.createElement("button"), {
      type: "button",
      textContent: words["signin.button"],
    });
    button.addEventListener("click", async () => {
      const trouble = await leave(window, at);
      if (trouble) await tell(window, { trouble });
    });
    const { host } = new window.URL(at);
    const note = Object.assign(document.createElement("small"), {
      textContent: words["signin.note"].replace("{host}", host),
    });
    return [button, note];
  };
  const place = () => {
    const home = document.querySelector(PLACE);
    if (home && !home.firstChild) home.append(...offer(home.dataset.at));
  };
  new window.MutationObserver(place).observe(document.body, { subtree: true, childList: true });
  place();
}
