// What the API counted of an answer is asked for by a press on its receipt, and shown there.

const FIELD = "#proof :is(textarea, input)";

// Has the server ask for what `button`, on `card`, is for.
export function askForProof(window, card, button) {
  const field = window.document.querySelector(FIELD);
  const { generation } = button.dataset;
  // It is another one, also when it is asked for again.
  field.value = JSON.stringify({ card: card.dataset.id, generation, at: Date.now() });
  field.dispatchEvent(new window.Event("input", { bubbles: true }));
  button.disabled = true;
}

// Shows what the server was told, on the card that it is of.
export function showProofs(window) {
  window.addEventListener("proof", ({ detail: { card, html } }) => {
    const cards = [...window.document.querySelectorAll("#newest .card")];
    const place = cards.find(({ dataset }) => dataset.id === card)?.querySelector(".proof");
    if (!place) return;
    place.innerHTML = html; // ours: the template has escaped whatever is a stranger's
    place.focus();
  });
}
