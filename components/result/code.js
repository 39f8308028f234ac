// The request of an answer as code, and the file that it sends.

const FILE = '[data-act="file"]';

// Shows the code of `card`, or folds it up again.
export function unfoldCode(card, button) {
  const code = card.querySelector(".source");
  code.hidden = !code.hidden;
  button.setAttribute("aria-expanded", String(!code.hidden));
}

// The code beside `button`.
export const codeAt = (button) => button.closest("details").querySelector("pre").textContent;

// The link to a file says that there is none.
function giveUp(link) {
  const said = link.ownerDocument.createElement("span");
  said.setAttribute("role", "status");
  said.textContent = link.dataset.gone;
  link.replaceWith(said);
}

// `card` as it is kept: folded up, and without the address of a file that will be gone.
export function foldCode(card) {
  for (const link of card.querySelectorAll(FILE)) giveUp(link);
  for (const code of card.querySelectorAll(".source")) code.hidden = true;
  card.querySelector('[data-act="code"]')?.setAttribute("aria-expanded", "false");
}

// The file that `link` leads to; null where the server has it no longer, as the link then says.
export async function fileAt(window, link) {
  const answer = await window.fetch(link.href).catch(() => null);
  if (answer?.ok) return answer.blob();
  giveUp(link);
  return null;
}
