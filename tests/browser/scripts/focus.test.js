import { leadFocus } from "scripts/focus.js";
import { equal, settled, test } from "./testing.js";

test("a button that goes to sleep hands the focus on, and one that is awake keeps it", async () => {
  document.body.innerHTML = '<button id="ask">Ask</button><button id="stop" disabled>Stop</button>';
  const [ask, stop] = ["ask", "stop"].map((id) => document.getElementById(id));
  leadFocus(window);
  ask.focus();
  stop.disabled = false;
  await settled();
  equal(document.activeElement.id, "ask");
  ask.disabled = true;
  await settled();
  equal(document.activeElement.id, "stop");
});
