import { registerShares } from "scripts/shell/register.js";
import { equal, test } from "./testing.js";

function windowWith(serviceWorker) {
  const window = { document: { baseURI: "http://page.test/below/" }, navigator: {}, URL };
  window.top = window;
  if (serviceWorker) window.navigator.serviceWorker = serviceWorker;
  return window;
}

function recorder() {
  const asked = [];
  return { asked, register: async ({ href }, { type }) => asked.push([href, type]) };
}

test("the worker is registered beside the page, below any path", async () => {
  const worker = recorder();
  await registerShares(windowWith(worker));
  equal(worker.asked, [["http://page.test/below/share-worker.js", "module"]]);
});

test("in somebody else's frame no worker is registered", async () => {
  const worker = recorder();
  await registerShares({ ...windowWith(worker), top: {} });
  equal(worker.asked, []);
});

test("where there are no workers nothing breaks", async () => {
  await registerShares(windowWith(null));
});

test("a browser that refuses the worker breaks nothing", async () => {
  const register = () => Promise.reject(new TypeError("no modules here"));
  await registerShares(windowWith({ register }));
});
