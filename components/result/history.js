// The list of the answers before the newest: to be found, opened again and deleted.

import { timeIn } from "../inputs/offers.js";

const START = 200; // letters of an answer that are shown in the list
const SURE = 4000; // milliseconds in which a second press means it

// The list in `home`. `actions` are {clear(), exportAll(answers), keepMedia(isOn)}; `keepsMedia`
// says whether it is on.
export function createHistory(document, { words, language, home, actions, keepsMedia }) {
  const make = (tag, given = {}, ...inside) => {
    const made = Object.assign(document.createElement(tag), given);
    made.append(...inside);
    return made;
  };
  let answers = [];
  const search = make("input", { type: "search", placeholder: words["history.search"] });
  search.setAttribute("aria-label", words["history.search"]);
  const list = make("ol");
  const none = make("p", { hidden: true, textContent: words["history.none"] });
  none.setAttribute("role", "status");
  const save = make("button", { type: "button", textContent: words["history.export"] });
  const clear = make("button", { type: "button", textContent: words["history.delete"] });
  const header = make(
    "header",
    {},
    make("h2", { id: "history-title", textContent: words["history.title"] }),
    search,
    save,
    clear,
  );
  const keep = make("input", { type: "checkbox", checked: keepsMedia });
  keep.addEventListener("change", () => actions.keepMedia(keep.checked));
  const full = make("p", { hidden: true, textContent: words["history.full"] });
  full.setAttribute("role", "status");
  const root = make(
    "section",
    { hidden: true },
    header,
    list,
    none,
    make("p", { textContent: words["history.note"] }),
    make("label", {}, keep, words["history.media"]),
    full,
  );
  let isUsed = false;
  let withMedia = new Set();
  root.setAttribute("aria-labelledby", "history-title");

  const item = (answer) => {
    const when = make("span", { textContent: timeIn(language, answer.began, Date.now()) });
    const model = make("span", { textContent: answer.name ?? answer.model });
    const title = make("b", { textContent: answer.question });
    const end = words[`card.${answer.state}`];
    const start = [end, answer.text.slice(0, START)].filter(Boolean).join(" · ");
    const begins = make("i", { textContent: start });
    const details = make("details", {}, make("summary", {}, title, model, when, begins));
    // Only what is looked at is built.
    details.addEventListener("toggle", () => {
      if (details.querySelector(".card")) return;
      const template = document.createElement("template");
      template.innerHTML = answer.html;
      details.append(template.content);
    });
    const made = make("li", {}, details);
    Object.assign(made.dataset, { answer: answer.id, state: answer.state });
    made.toggleAttribute("data-media", withMedia.has(answer.id));
    return made;
  };
  const find = () => {
    const wanted = search.value.trim().toLocaleLowerCase(language);
    let found = 0;
    for (const one of list.children) {
      const { question, model, name, text } = answers.find(({ id }) => id === one.dataset.answer);
      const all = [question, model, name, text].join("\n").toLocaleLowerCase(language);
      one.hidden = !all.includes(wanted);
      found += one.hidden ? 0 : 1;
    }
    none.hidden = found > 0 || answers.length === 0;
    header.hidden = answers.length === 0;
    root.hidden = answers.length === 0 && !isUsed;
  };
  search.addEventListener("input", find);
  save.addEventListener("click", () => actions.exportAll(answers));
  let isSure = false;
  clear.addEventListener("click", () => {
    if (isSure) {
      actions.clear();
      return;
    }
    isSure = true;
    clear.textContent = words["history.sure"].replace("{count}", answers.length);
    document.defaultView.setTimeout(() => {
      isSure = false;
      clear.textContent = words["history.delete"];
    }, SURE);
  });

  return {
    show(some) {
      answers = some;
      list.replaceChildren(...some.map(item));
      find();
    },
    add(answer) {
      answers = [answer, ...answers];
      list.prepend(item(answer));
      find();
    },
    remove(id) {
      answers = answers.filter((one) => one.id !== id);
      list.querySelector(`[data-answer="${id}"]`)?.remove();
      find();
    },
    // There is an answer on the page.
    use() {
      isUsed = true;
      find();
    },
    // Of which of the answers, by their ids, the media are kept; or that there is no room.
    mark(ids, isFull = false) {
      withMedia = new Set(ids);
      for (const one of list.children) {
        one.toggleAttribute("data-media", withMedia.has(one.dataset.answer));
      }
      full.hidden = !isFull;
    },
    // Where it is to be seen: Gradio makes its elements late, and may make them anew.
    place() {
      const place = home();
      if (place && root.parentElement !== place) place.replaceChildren(root);
    },
  };
}
