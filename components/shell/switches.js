// The switches of language and colours, where the page has a place for them.

const DARK = "(prefers-color-scheme: dark)";
const THEMES = ["auto", "light", "dark"];

function remember(window, name, value) {
  try {
    window.localStorage.setItem(name, value);
    return true;
  } catch {
    return false; // a frame may be given no storage
  }
}

// The address of this page in `language`: it says so only where nothing else could remember it.
export function addressIn(window, language) {
  const address = new window.URL(window.location.href);
  address.searchParams.delete("lang");
  if (!remember(window, "language", language)) address.searchParams.set("lang", language);
  return address.href;
}

function goTo(window, address) {
  if (address === window.location.href) window.location.reload();
  else window.location.replace(address);
}

// `words` are those of `switch.*`; `names` has the name of each language in itself.
function made(window, words, names, language) {
  const { document } = window;
  const make = (tag, text, attributes) => {
    const element = Object.assign(document.createElement(tag), { textContent: text });
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const languages = make("div", "", {
    id: "language",
    role: "group",
    "aria-label": words["switch.language"],
  });
  for (const [code, name] of Object.entries(names)) {
    const short = code.toUpperCase();
    const button = make("button", short, {
      type: "button",
      lang: code,
      title: name,
      "aria-label": `${short}: ${name}`,
      "aria-pressed": code === language,
    });
    button.addEventListener("click", () => {
      if (code !== language) goTo(window, addressIn(window, code));
    });
    languages.append(button);
  }
  const colours = make("select", "", { id: "theme", "aria-label": words["switch.theme"] });
  colours.append(...THEMES.map((one) => make("option", words[`switch.${one}`], { value: one })));
  const query = window.matchMedia(DARK);
  colours.value = query.theme;
  colours.addEventListener("change", () => {
    remember(window, "theme", colours.value);
    query.choose(colours.value);
  });
  return [languages, colours];
}

// Fills the place whenever Gradio makes it anew.
export function placeSwitches(window, words, names, language) {
  const { document } = window;
  const switches = made(window, words, names, language);
  const place = () => {
    const home = document.querySelector("#switches .switches");
    if (home && switches[0].parentElement !== home) home.replaceChildren(...switches);
  };
  new window.MutationObserver(place).observe(document.body, { subtree: true, childList: true });
  place();
}
