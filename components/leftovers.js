// Some of Gradio's own strings are not in its translations. `words` maps them
// to the visitor's language; whatever appears on the page is looked up in it.
// Answers, receipts and errors stand in .prose and are left alone.
(words) => {
  const attributes = ["aria-label", "title", "placeholder"];
  const patterns = Object.entries(words)
    .filter(([english]) => english.includes("{n}"))
    .map(([english, other]) => [new RegExp(`^${english.replace("{n}", "([\\d.]+)")}$`), other]);
  const found = (text) => {
    if (!text) return undefined;
    if (words[text]) return words[text];
    for (const [pattern, other] of patterns) {
      const match = pattern.exec(text);
      if (match) return other.replace("{n}", Number(match[1]).toLocaleString());
    }
    return undefined;
  };
  const translate = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      const text = node.nodeValue.trim();
      const other = found(text);
      if (other && !node.parentElement?.closest(".prose")) {
        node.nodeValue = node.nodeValue.replace(text, other);
      }
    } else if (node.nodeType === Node.ELEMENT_NODE) {
      for (const name of attributes) {
        const other = found(node.getAttribute(name));
        if (other) node.setAttribute(name, other);
      }
      node.childNodes.forEach(translate);
    }
  };
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "childList") change.addedNodes.forEach(translate);
      else translate(change.target);
    }
  }).observe(document.body, {
    subtree: true,
    childList: true,
    characterData: true,
    attributeFilter: attributes,
  });
  translate(document.body);
}
