// The times of an answer beside what they are about: a press seeks, and the line that is
// spoken just now is lit.

// Plays what `button` is the time of.
export function seek(card, button) {
  const player = card.querySelector(".timed :is(audio,video)");
  if (!player) return;
  player.currentTime = Number(button.closest("li").dataset.start);
  player.play();
}

// Lights lines for as long as the page is there.
export function lightLines({ document }) {
  const light = ({ target }) => {
    const lines = target.closest?.(".timed")?.querySelectorAll("li") ?? [];
    for (const line of lines) {
      const { start, end } = line.dataset;
      const isNow = target.currentTime >= Number(start) && target.currentTime < Number(end);
      if (isNow) line.setAttribute("aria-current", "true");
      else line.removeAttribute("aria-current");
    }
  };
  // These two do not bubble.
  for (const name of ["timeupdate", "seeked"]) {
    document.addEventListener(name, light, { capture: true });
  }
}
