import { joinRadios } from "scripts/groups.js";
import { equal, test } from "./testing.js";

test("radio buttons become one group with the name that stands above them", () => {
  document.body.innerHTML = `<fieldset id="task"><span data-testid="block-info">Task </span>
    <input type="radio" name="radio-1"><input type="radio" name="radio-2" checked></fieldset>`;
  joinRadios(window);
  const group = document.querySelector("#task");
  const radios = [...group.querySelectorAll("input")];
  equal(group.getAttribute("role"), "radiogroup");
  equal(group.getAttribute("aria-label"), "Task");
  equal(JSON.stringify(radios.map(({ name }) => name)), '["task","task"]');
  equal(JSON.stringify(radios.map(({ checked }) => checked)), "[false,true]");
});
