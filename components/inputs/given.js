// Gives a file to the page as if a person had uploaded it: to the input of its place.

const TICK = 100;
const TABS = "#source input";
const ASK = "#ask:not([disabled])";
// The server's first word, with which it sets the page up: what was pressed before is lost.
const SET_UP = "#status [data-stage]";

// Where what comes from each place is given: the number of its input, its field, and what is
// seen there once a file has arrived.
const PLACES = {
  file: { tab: 1, field: "#audio-file", full: ".file-preview" },
  microphone: { tab: 1, field: "#audio-file", full: ".file-preview" },
  camera: { tab: 2, field: "#video", full: "video[src]" },
  link: { tab: 2 },
};

// What `find` finds, once there is something; null where that is not wanted any more.
export function once(window, find, isWanted = () => true) {
  return new Promise((resolve) => {
    const timer = window.setInterval(() => {
      const found = isWanted() ? find() : null;
      if (!found && isWanted()) return;
      window.clearInterval(timer);
      resolve(found);
    }, TICK);
  });
}

// Brings the input of `place` to the front; the answer is what `selector` finds there.
export async function choose(window, place, selector) {
  const { document } = window;
  await once(window, () => document.querySelector(SET_UP));
  document.querySelectorAll(TABS)[PLACES[place].tab].click();
  return once(window, () => document.querySelector(selector));
}

// Puts `file` where what `place` records belongs; fulfilled once it has arrived.
export async function give(window, place, file) {
  const { document } = window;
  const { field, full } = PLACES[place];
  const home = await choose(window, place, field);
  if (home.querySelector(full)) [...home.querySelectorAll(".top-panel button")].at(-1).click();
  // Of a camera and a file it may be the camera that is in front.
  home.querySelector("[data-testid=source-select] button")?.click();
  const input = await once(window, () => document.querySelector(`${field} input[type=file]`));
  const transfer = new window.DataTransfer();
  transfer.items.add(file);
  input.files = transfer.files;
  input.dispatchEvent(new window.Event("change", { bubbles: true }));
  await once(window, () => document.querySelector(`${field} ${full}`));
}

const MANY = { fold: "#many .label-wrap", input: "#many-files input[type=file]", batch: ".batch" };

// Gives several files, or a zip, to be asked about together. Where there are such already, they
// are shown: nobody's answers are put away for others.
export async function giveMany(window, files) {
  const { document } = window;
  await once(window, () => document.querySelector(SET_UP));
  const fold = document.querySelector(MANY.fold);
  if (!fold.classList.contains("open")) fold.click();
  fold.scrollIntoView({ block: "nearest" });
  const find = () => document.querySelector(`${MANY.input}, #many-outcome ${MANY.batch}`);
  const input = await once(window, find);
  if (!input.matches(MANY.input)) return;
  const transfer = new window.DataTransfer();
  for (const file of files) transfer.items.add(file);
  input.files = transfer.files;
  input.dispatchEvent(new window.Event("change", { bubbles: true }));
}

// Presses Ask as soon as it is awake, if that is still wanted then.
export async function pressAsk(window, isWanted) {
  (await once(window, () => window.document.querySelector(ASK), isWanted))?.click();
}
