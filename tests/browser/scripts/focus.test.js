import { leadFocus } from "scripts/focus.js";
import { equal, test } from "./testing.js";

const next = () => new Promise((resolve) => window.setTimeout(resolve, 0));

test("a button that goes to sleep hands the focus on, and one that is awake keeps it", async () => {
  document.body.innerHTML = '<button id="ask">Ask</button><button id="stop" disabled>Stop</button>';
  const [ask, stop] = ["ask", "stop"].map((id) => document.getElementById(id));
  leadFocus(window);
  ask.focus();
  stop.disabled = false;
  await next();
  equal(document.activeElement.id, "ask");
  ask.disabled = true;
  await next();
  equal(document.activeElement.id, "stop");
});
