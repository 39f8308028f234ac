import { listenToKeys } from "scripts/keys.js";
import { each, test } from "./testing.js";

function listened({ asleep = [] } = {}) {
  document.body.innerHTML = '<input><button id="ask">Ask</button><button id="stop">Stop</button>';
  const page = new EventTarget();
  page.querySelector = (selector) => document.querySelector(selector);
  listenToKeys({ document: page });
  const came = [];
  for (const name of ["ask", "stop"]) {
    const button = document.getElementById(name);
    button.disabled = asleep.includes(name);
    button.addEventListener("click", () => came.push(name));
  }
  return (key, more = {}) => {
    came.length = 0;
    const event = Object.assign(new Event("keydown", { cancelable: true }), { key, ...more });
    page.dispatchEvent(event);
    return [...came, event.defaultPrevented];
  };
}

test("Ctrl+Enter and Command+Enter ask, Escape stops, and other keys are left alone", () => {
  const press = listened();
  each(
    [
      ["Enter", { ctrlKey: true }, ["ask", true]],
      ["Enter", { metaKey: true }, ["ask", true]],
      ["Escape", {}, ["stop", true]],
      ["Enter", {}, [false]],
      ["a", { ctrlKey: true }, [false]],
    ],
    press,
  );
});

test("in the middle of a letter no key is ours", () => {
  each([["Enter", { ctrlKey: true, isComposing: true }, [false]]], listened());
});

test("a button that sleeps is not pressed", () => {
  const press = listened({ asleep: ["ask", "stop"] });
  each(
    [
      ["Enter", { ctrlKey: true }, [false]],
      ["Escape", {}, [false]],
    ],
    press,
  );
});
