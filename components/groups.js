// Gradio's radio buttons are each a group of their own: five stops of Tab, and none has a name.

const GROUPS = "fieldset:has(input[type=radio])";

function join(document) {
  for (const group of document.querySelectorAll(GROUPS)) {
    const label = group.querySelector("[data-testid=block-info]")?.textContent.trim() ?? "";
    if (group.getAttribute("role") !== "radiogroup") group.setAttribute("role", "radiogroup");
    if (group.getAttribute("aria-label") !== label) group.setAttribute("aria-label", label);
    for (const radio of group.querySelectorAll("input[type=radio]")) {
      const isChosen = radio.checked;
      if (radio.name === group.id) continue;
      radio.name = group.id;
      radio.checked = isChosen;
    }
  }
}

// Makes one of each set of them, now and whenever the page changes.
export function joinRadios(window) {
  const { document } = window;
  new window.MutationObserver(() => join(document)).observe(document.body, {
    subtree: true,
    childList: true,
    attributeFilter: ["name"],
  });
  join(document);
}
