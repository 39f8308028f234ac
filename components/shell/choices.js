// In which language and in which colours the page is: as the visitor chose, else as the browser
// wants. It stands in the head as a classic script and runs before anything else, so that
// Gradio, the server and our own scripts all go by it, without a cookie: a Space lives in
// somebody else's frame.

// `languages` are the codes that the page speaks, the first one where the browser wants none.
export function settle(window, languages) {
  const { document, navigator } = window;
  const root = document.documentElement;
  const address = new window.URL(window.location.href);
  const remembered = (name) => {
    try {
      return window.localStorage.getItem(name);
    } catch {
      return null; // a frame may be given no storage
    }
  };

  const settleLanguage = () => {
    const known = (one) => languages.includes(one);
    const [own] = navigator.language.toLowerCase().split("-");
    const chosen = [address.searchParams.get("lang"), remembered("language")].find(known);
    root.lang = chosen ?? [own, languages[0]].find(known);
    if (!chosen) return;
    const others = navigator.languages.filter((one) => !one.startsWith(chosen));
    for (const [name, value] of [
      ["language", chosen],
      ["languages", [chosen, ...others]],
    ]) {
      Object.defineProperty(navigator, name, { get: () => value, configurable: true });
    }
    const fetch = window.fetch.bind(window);
    window.fetch = (resource, options) => {
      const { origin } = new window.URL(resource.url ?? resource, document.baseURI);
      if (origin !== window.location.origin) return fetch(resource, options);
      const headers = new window.Headers(options?.headers ?? resource.headers);
      headers.set("Accept-Language", chosen);
      return fetch(resource, { ...options, headers });
    };
  };

  // Gradio asks this query for its colours and listens to it: it gets the visitor's answer.
  // The address's `__theme`, which Gradio would not let go of again, is taken out of it.
  const settleTheme = () => {
    const dark = "(prefers-color-scheme: dark)";
    const match = window.matchMedia.bind(window);
    const system = match(dark);
    const answer = new window.EventTarget();
    const show = () => {
      root.dataset.theme = answer.matches ? "dark" : "light";
      answer.dispatchEvent(new window.Event("change"));
    };
    Object.defineProperties(answer, {
      media: { value: dark },
      matches: {
        get: () => (answer.theme === "auto" ? system.matches : answer.theme === "dark"),
      },
      theme: { value: "auto", writable: true },
      choose: {
        value: (theme) => {
          answer.theme = theme;
          show();
        },
      },
    });
    system.addEventListener("change", show);
    window.matchMedia = (query) => (query === dark ? answer : match(query));
    const chosen = [remembered("theme"), address.searchParams.get("__theme")].find((one) =>
      ["auto", "light", "dark"].includes(one),
    );
    answer.choose(chosen ?? "auto");
    if (address.searchParams.has("__theme")) {
      address.searchParams.delete("__theme");
      window.history.replaceState(window.history.state, "", address);
    }
  };

  settleLanguage();
  settleTheme();
}
