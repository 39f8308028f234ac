// Some of Gradio's own strings are not in its translations. Whatever appears on the page is
// looked up in `words`, English → the visitor's language, where {n} stands for a number.

const ATTRIBUTES = ["aria-label", "title", "placeholder"];
// Answers, receipts and errors stand there, and are nobody's to translate.
const LEFT_ALONE = ".prose";
// Gradio's own, like the one that copies an answer and stands in it.
const BUTTON = "button";

// A function from Gradio's text to the language's, or to undefined.
export function translator(words, language) {
  const texts = new Map(Object.entries(words));
  const patterns = Object.entries(words)
    .filter(([english]) => english.includes("{n}"))
    .map(([english, other]) => [new RegExp(`^${english.replace("{n}", "([\\d.]+)")}$`), other]);
  return (text) => {
    if (texts.has(text)) return texts.get(text);
    for (const [pattern, other] of patterns) {
      const match = pattern.exec(text);
      if (match) return other.replace("{n}", Number(match[1]).toLocaleString(language));
    }
    return undefined;
  };
}

function translateText(node, translate) {
  const text = node.nodeValue.trim();
  const other = translate(text);
  if (!other || node.parentElement?.closest(LEFT_ALONE)) return;
  node.nodeValue = node.nodeValue.replace(text, other);
}

function translateTree(node, translate) {
  if (node.nodeType === node.TEXT_NODE) translateText(node, translate);
  if (node.nodeType !== node.ELEMENT_NODE) return;
  for (const name of ATTRIBUTES) {
    const other = translate(node.getAttribute(name));
    if (!other || (node.closest(LEFT_ALONE) && !node.matches(BUTTON))) continue;
    node.setAttribute(name, other);
  }
  for (const child of node.childNodes) translateTree(child, translate);
}

// Translates what is on the page, and what will be.
export function translateLeftovers(window, words, language) {
  const { document } = window;
  const translate = translator(words, language);
  new window.MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === "childList") addedNodes.forEach((node) => translateTree(node, translate));
      else translateTree(target, translate);
    }
  }).observe(document.body, {
    subtree: true,
    childList: true,
    characterData: true,
    attributeFilter: ATTRIBUTES,
  });
  translateTree(document.body, translate);
}
