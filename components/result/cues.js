// The times of an answer beside what they are about: a press seeks, and the line that is
// spoken just now is lit, and in it the word.

// Plays what `button` is the time of.
export function seek(card, button) {
  const player = card.querySelector(".timed :is(audio,video)");
  if (!player) return;
  player.currentTime = Number(button.closest("li").dataset.start);
  player.play();
}

function light(player, which) {
  const now = player.currentTime;
  for (const one of player.closest(".timed")?.querySelectorAll(which) ?? []) {
    const { start, end } = one.dataset;
    if (now >= Number(start) && now < Number(end)) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
  }
}

// Lights lines and words for as long as the page is there.
export function lightLines(window) {
  const { document } = window;
  const followed = new WeakSet();
  // A player tells its time four times a second: words are shorter than that.
  const follow = (player) => {
    if (player.paused || !player.isConnected) {
      followed.delete(player);
      return;
    }
    light(player, "li[aria-current] [data-start]");
    window.requestAnimationFrame(() => follow(player));
  };
  const tell = ({ target }) => {
    if (!target.closest?.(".timed")) return;
    light(target, "[data-start]");
    if (target.paused || followed.has(target)) return;
    followed.add(target);
    follow(target);
  };
  // These two do not bubble.
  for (const name of ["timeupdate", "seeked"]) {
    document.addEventListener(name, tell, { capture: true });
  }
}
