// Three examples of our own: one press, and the answer comes.

import { give, pressAsk } from "./given.js";

const HOME = "#tries .tries";

// Offers them in their place, however late Gradio makes that.
export function offerTries(window, words) {
  const { document } = window;
  const attempt = async (button, [name, address]) => {
    button.disabled = true;
    try {
      const response = await window.fetch(address);
      const blob = await response.blob();
      // Asked at once: what it is has to be known before it has been looked at.
      const place = blob.type.startsWith("video/") ? "camera" : "file";
      await give(window, place, new window.File([blob], name, { type: blob.type }));
      await pressAsk(window);
    } finally {
      button.disabled = false;
    }
  };
  const offer = (one) => {
    const [name] = one;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: words[`try.${name.split(".")[0]}`] });
    button.addEventListener("click", () => attempt(button, one));
    return button;
  };
  const place = () => {
    const home = document.querySelector(HOME);
    if (!home || home.firstChild) return;
    const title = Object.assign(document.createElement("span"), {
      textContent: words["try.title"],
    });
    const files = Object.entries(JSON.parse(home.dataset.files));
    home.append(title, ...files.map(offer));
  };
  new window.MutationObserver(place).observe(document.body, { subtree: true, childList: true });
  place();
}
