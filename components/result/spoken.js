// Who listens to an answer while it is spoken goes on listening when it is complete: the card then
// has another player, which has all of it.

const LIVE = "audio[data-live]";
const SOUND = "[data-extra=sound] audio";
const SOON = 2000; // milliseconds between the two

export function keepListening(window) {
  const { document } = window;
  let heard = { at: -Infinity };

  const listen = (kind, act) => document.addEventListener(kind, act, { capture: true }); // none bubbles
  const idOf = (player) => player.closest(".card")?.dataset.id;
  listen("timeupdate", ({ target }) => {
    if (!target.matches?.(LIVE) || target.paused) return;
    heard = { id: idOf(target), time: target.currentTime, at: window.performance.now() };
  });
  listen("pause", ({ target }) => {
    // A player that gets another sound, or is taken away, is paused as well.
    if (target.matches?.(LIVE) && target.isConnected) heard = { at: -Infinity };
  });
  listen("loadedmetadata", ({ target }) => {
    if (!target.matches?.(SOUND) || target.matches(LIVE)) return;
    if (idOf(target) !== heard.id || window.performance.now() - heard.at > SOON) return;
    target.currentTime = heard.time;
    target.play();
    heard = { at: -Infinity };
  });
}
