import { give, giveMany, pressAsk } from "scripts/inputs/given.js";
import { equal, test } from "./testing.js";

const FILE = new File(["x"], "recording.webm");

// The inputs as Gradio makes them; a file that is given arrives as soon as it is given.
function page(body = "") {
  document.body.innerHTML = `
    <div id="source"><input type="radio"><input type="radio"><input type="radio"></div>
    <div id="audio-file"></div><div id="video"></div>
    <div id="status"><p data-stage="no_media"></p></div><button id="ask" disabled></button>${body}`;
  const events = [];
  document.querySelectorAll("#source input").forEach((tab, at) => {
    tab.addEventListener("click", () => events.push(`input ${at}`));
  });
  const empty = (home, full) => {
    home.innerHTML = '<input type="file">';
    home.querySelector("input").addEventListener("change", ({ target }) => {
      events.push(`given ${target.files[0].name} to ${home.id}`);
      home.innerHTML = full;
    });
  };
  return { events, empty, of: (id) => document.getElementById(id) };
}

test("a sound is given as a file", async () => {
  const { events, empty, of } = page();
  empty(of("audio-file"), '<table class="file-preview"></table>');
  await give(window, "microphone", FILE);
  equal(events, ["input 1", "given recording.webm to audio-file"]);
});

test("what lies there already makes way", async () => {
  const { events, empty, of } = page();
  const full = '<table class="file-preview"></table>';
  of("audio-file").innerHTML = `<p class="top-panel"><button>x</button></p>${full}`;
  of("audio-file")
    .querySelector("button")
    .addEventListener("click", () => {
      events.push("cleared");
      empty(of("audio-file"), full);
    });
  await give(window, "microphone", FILE);
  equal(events, ["input 1", "cleared", "given recording.webm to audio-file"]);
});

test("a film is given as a video, also where the camera is in front", async () => {
  const { events, empty, of } = page();
  of("video").innerHTML = '<p data-testid="source-select"><button>file</button></p>';
  of("video")
    .querySelector("button")
    .addEventListener("click", () => {
      events.push("chose files");
      empty(of("video"), '<video src="data:,"></video>');
    });
  await give(window, "camera", FILE);
  equal(events, ["input 2", "chose files", "given recording.webm to video"]);
});

test("nothing is given before the page was set up", async () => {
  const { events, empty, of } = page();
  const [stage] = of("status").children;
  empty(of("audio-file"), '<table class="file-preview"></table>');
  stage.remove();
  setTimeout(() => {
    events.push("set up");
    of("status").append(stage);
  }, 150);
  await give(window, "file", FILE);
  equal(events, ["set up", "input 1", "given recording.webm to audio-file"]);
});

test("Ask is pressed once it is awake", async () => {
  const { events, of } = page();
  of("ask").addEventListener("click", () => events.push("asked"));
  const pressing = pressAsk(window);
  setTimeout(() => {
    events.push("awake");
    of("ask").disabled = false;
  }, 150);
  await pressing;
  equal(events, ["awake", "asked"]);
});

const MANY = '<div id="many"><button class="label-wrap"></button></div>';

test("several are given together, once their place is unfolded", async () => {
  const { events, of } = page(MANY);
  of("many").firstChild.addEventListener("click", () => {
    events.push("unfolded");
    of("many").innerHTML = '<div id="many-files"><input type="file" multiple></div>';
    of("many")
      .querySelector("input")
      .addEventListener("change", ({ target }) => {
        events.push([...target.files].map(({ name }) => name).join());
      });
  });
  await giveMany(window, [FILE, new File(["y"], "b.mp3")]);
  equal(events, ["unfolded", "recording.webm,b.mp3"]);
});

test("where there are such already, those are shown and the new ones are not taken", async () => {
  const { events, of } = page(MANY);
  of("many").firstChild.addEventListener("click", () => {
    events.push("unfolded");
    of("many").innerHTML = '<div id="many-outcome"><div class="batch"></div></div>';
  });
  await giveMany(window, [FILE]);
  equal(events, ["unfolded"]);
});
