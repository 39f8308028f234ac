// The list of recordings that are kept, each with what can be done with it.

// "3 min 10 sec", as the language writes it.
export function lengthIn(language, milliseconds) {
  const whole = Math.max(Math.round(milliseconds / 1000), 1);
  const parts = { hour: Math.floor(whole / 3600), minute: Math.floor(whole / 60) % 60 };
  const shown = Object.entries({ ...parts, second: whole % 60 }).filter(([, count]) => count > 0);
  return shown
    .map(([unit, count]) =>
      new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" })
        .format(count)
        .replace(" ", "\u00a0"),
    )
    .join(" ");
}

// "14:02", with the day where that is not today. Both are in milliseconds since 1970.
export function timeIn(language, began, now) {
  const [at, today] = [new Date(began), new Date(now)];
  const day = at.toDateString() === today.toDateString() ? {} : { day: "numeric", month: "long" };
  const time = { hour: "numeric", minute: "2-digit" };
  return new Intl.DateTimeFormat(language, { ...day, ...time }).format(at);
}

// "3.2 MB", as the language writes it.
export function sizeIn(language, bytes) {
  const [unit, size] = bytes < 1e6 ? ["kilobyte", bytes / 1e3] : ["megabyte", bytes / 1e6];
  const digits = { maximumFractionDigits: size < 100 ? 1 : 0 };
  return new Intl.NumberFormat(language, { style: "unit", unit, ...digits })
    .format(size)
    .replace(" ", "\u00a0");
}

function sentence(words, language, { place, began, length, name, size }) {
  if (name) {
    return words["kept.shared"]
      .replace("{size}", sizeIn(language, size))
      .replace("{name}", () => name); // which may have "$&" in it
  }
  return words[`kept.${place}`]
    .replace("{time}", timeIn(language, began, Date.now()))
    .replace("{length}", lengthIn(language, length));
}

// The list in `home`, and a line of news below it. `actions` are called with a recording, by
// the names of their buttons.
export function createOffers(document, { words, language, home, actions }) {
  const make = (tag, text, attributes = {}) => {
    const made = Object.assign(document.createElement(tag), { textContent: text });
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };
  const offer = (recording) => {
    const made = make("li", "", { "data-recording": recording.id });
    const title = sentence(words, language, recording);
    made.append(make("b", title));
    for (const [name, act] of Object.entries(actions)) {
      const label = words[`kept.${name}`];
      // Out of its place in the list a button has to say what it is about.
      const button = make("button", label, { type: "button", "aria-label": `${label}: ${title}` });
      button.dataset.action = name;
      button.addEventListener("click", () => act(recording));
      made.append(button);
    }
    return made;
  };
  const root = make("div", "");
  const list = make("ul", "", { "aria-label": words["kept.label"] });
  const note = make("small", words["kept.note"]);
  const news = make("p", "", { role: "status" });
  root.append(list, note, news);

  return {
    show(recordings) {
      list.replaceChildren(...recordings.map(offer));
      list.hidden = recordings.length === 0;
      note.hidden = list.hidden;
    },
    say(key) {
      news.textContent = key ? words[`kept.${key}`] : "";
    },
    // Where it is to be seen: Gradio makes its elements late, and may make them anew.
    place() {
      const place = home();
      if (place && root.parentElement !== place) place.replaceChildren(root);
    },
  };
}
