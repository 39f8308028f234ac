// A press that puts its own button to sleep, or takes it away, leaves a person without a mouse
// nowhere: the focus goes to what is pressed next.

const NEXT = [
  ["#ask, #offers button", "#stop"],
  ["#stop", "#ask"],
  [".record-button", "#record .stop-button"],
  [".stop-button, .straight", "#ask"],
];

const canBePressed = (one) => one.isConnected && !one.disabled && one.getClientRects().length > 0;

export function leadFocus(window) {
  const { document } = window;
  let last = null;
  const remember = ({ target }) => {
    last = target.closest?.("button") ?? null;
  };
  const lead = () => {
    if (!last || ![document.body, last].includes(document.activeElement) || canBePressed(last)) {
      return;
    }
    const [, next] = NEXT.find(([from]) => last.matches(from)) ?? [];
    const button = next && document.querySelector(next);
    if (button && canBePressed(button)) button.focus({ preventScroll: true });
  };
  document.addEventListener("pointerdown", remember);
  document.addEventListener("focusin", remember);
  new window.MutationObserver(lead).observe(document.body, {
    subtree: true,
    childList: true,
    attributeFilter: ["disabled", "class", "style"],
  });
}
