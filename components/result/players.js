// A player that cannot play says so: each browser has forms that it does not know (CAF, AIFF and
// ALAC are Safari's alone), and leaves a bar at 0:00 without a word.

const OURS = ".preview, .timed :is(audio, video)";

// Puts `words` in the place of each player that cannot play.
export function tellOfPlayers({ document }, words) {
  const tell = ({ target }) => {
    if (!target.matches?.(OURS) || target.hidden) return;
    target.hidden = true;
    const note = Object.assign(document.createElement("p"), { className: "quiet" });
    note.setAttribute("role", "note");
    note.textContent = words["card.unplayable"];
    target.after(note);
  };
  document.addEventListener("error", tell, { capture: true }); // which does not bubble
}
