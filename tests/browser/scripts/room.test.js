import { createRoom } from "scripts/result/room.js";
import { equal, test } from "./testing.js";

const isOpen = () => document.documentElement.classList.contains("room");

function opened() {
  document.body.innerHTML = "<button id='before'>x</button>";
  document.getElementById("before").focus();
  createRoom(window, { "card.room_close": "Close" }).open();
  return document.querySelector(".room-close");
}

test("it can be closed by what has the focus, which then goes back", () => {
  const close = opened();
  equal([isOpen(), close.textContent, document.activeElement === close], [true, "Close", true]);
  close.click();
  equal([isOpen(), document.activeElement.id], [false, "before"]);
});

test("Escape closes it and is then used up", () => {
  opened();
  const press = () => {
    const event = new KeyboardEvent("keydown", { key: "Escape", cancelable: true });
    document.dispatchEvent(event);
    return event.defaultPrevented;
  };
  equal([press(), isOpen(), press()], [true, false, false]);
});
