// The whole job by keyboard: Ctrl+Enter, or ⌘+Enter, asks and Escape stops, wherever one is.

const ASK = "#ask:not([disabled])";
const STOP = "#stop:not([disabled])";

export function listenToKeys(window) {
  const { document } = window;
  document.addEventListener("keydown", (event) => {
    // In the middle of a letter that takes several keys, they are of the letter.
    if (event.isComposing || event.defaultPrevented) return;
    const asks = event.key === "Enter" && (event.ctrlKey || event.metaKey);
    const button = document.querySelector(asks ? ASK : STOP);
    if (!button || !(asks || event.key === "Escape")) return;
    event.preventDefault();
    button.click();
  });
}
