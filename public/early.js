// What can't wait for the page's own script. The theme is set before the first paint; src/ui/state/theme.ts takes over from
// there. "?theme=dark" is for pages in frames.
(function () {
  var wanted = new URLSearchParams(location.search).get("theme");
  try {
    wanted = wanted || localStorage.getItem("iovascope.theme");
  } catch {
    // No storage: follow the system.
  }
  var dark = wanted === "dark" || (wanted !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
// A link in the address: the engine starts beside the page, and what shows a scenario is fetched with it. The build says what
// that is (scripts/early.mjs); src/engine/client.ts takes the worker.
(function (own) {
  if (location.hash.length < 2 || !own.worker) return;
  try {
    var worker = new Worker(own.worker, { type: "module", name: "iovascope engine for a link" });
    // It opens the link meanwhile; the page asks for the outcome.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's has no such argument
    worker.postMessage(location.hash);
    window.iovascopeWorker = worker;
  } catch {
    // The page starts its own, and says what is wrong.
  }
  if (new URLSearchParams(location.search).has("embed")) return;
  var link = document.createElement("link");
  link.rel = "modulepreload";
  // As the page itself asks for it later.
  link.crossOrigin = "";
  link.href = own.needed;
  document.head.append(link);
})(document.currentScript.dataset);
