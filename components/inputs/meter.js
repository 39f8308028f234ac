// The picture of a level: a bar, a mark at the held peak, and a word for how loud that is.

import { FLOOR_DB, loudness } from "./sound.js";

const percent = (level) => Math.round(100 * Math.min(1, Math.max(0, 1 - level / FLOOR_DB)));

export function createMeter(document, words) {
  const part = (tag, name) => Object.assign(document.createElement(tag), { className: name });
  const element = part("div", "level");
  const word = part("span", "word");
  const bar = part("span", "bar");
  const fill = part("i", "fill");
  const mark = part("i", "mark");
  bar.append(fill, mark);
  element.append(word, bar);
  for (const [name, value] of Object.entries({
    role: "meter",
    "aria-label": words["microphone.level.label"],
    "aria-valuemin": 0,
    "aria-valuemax": 100,
  })) {
    element.setAttribute(name, value);
  }

  const show = (level, held, state) => {
    fill.style.width = `${percent(level)}%`;
    mark.style.left = `${percent(held)}%`;
    element.setAttribute("aria-valuenow", percent(level));
    if (element.dataset.state === state) return;
    word.textContent = state ? words[`microphone.level.${state}`] : "";
    if (state) {
      element.dataset.state = state;
      element.setAttribute("aria-valuetext", word.textContent);
    } else {
      delete element.dataset.state;
      element.removeAttribute("aria-valuetext");
    }
  };
  return {
    element,
    draw: (level, held) => show(level, held, loudness(held)),
    // Without a word: what cannot be heard is not "quiet".
    rest: () => show(FLOOR_DB, FLOOR_DB, undefined),
  };
}
