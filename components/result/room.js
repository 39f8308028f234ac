// Big letters over the whole screen, for a room to read while the words come.

// Opens and closes it; Escape closes it too, and stops nothing then.
export function createRoom(window, words) {
  const { document } = window;
  const root = document.documentElement;
  const button = Object.assign(document.createElement("button"), {
    type: "button",
    className: "room-close",
    textContent: words["card.room_close"],
  });
  let before = null;
  const close = () => {
    root.classList.remove("room");
    button.remove();
    before?.focus();
  };
  button.addEventListener("click", close);
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || !root.classList.contains("room")) return;
      event.preventDefault();
      close();
    },
    { capture: true },
  );
  return {
    open() {
      before = document.activeElement;
      root.classList.add("room");
      document.body.append(button);
      button.focus();
    },
  };
}
