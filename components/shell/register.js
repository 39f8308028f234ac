// Has the service worker take what is shared with the page, where there can be one: neither on
// a plain http address, nor in somebody else's frame, nor in a browser whose workers know no
// modules. Without it everything but sharing works.

export async function registerShares(window) {
  const { document, navigator } = window;
  if (window.top !== window || !navigator.serviceWorker) return;
  const address = new window.URL("share-worker.js", document.baseURI);
  try {
    await navigator.serviceWorker.register(address, { type: "module" });
  } catch {
    // Nobody asked for it: there is nothing to tell.
  }
}
