// What a person has unfolded stays so: Gradio writes a page anew with each view of an
// answer, and takes away what it has not written itself, `open` among it.

export function keepUnfolded(window) {
  const { document } = window;
  const unfolded = new WeakSet();

  document.addEventListener("click", ({ target }) => {
    const details = target.closest?.("summary")?.parentElement;
    if (!details?.matches("details[data-thought]")) return;
    // The click has not had its effect yet.
    if (details.open) unfolded.delete(details);
    else unfolded.add(details);
  });

  new window.MutationObserver((changes) => {
    for (const { target } of changes) {
      if (unfolded.has(target) && !target.open) target.open = true;
    }
  }).observe(document, { attributes: true, attributeFilter: ["open"], subtree: true });
}
