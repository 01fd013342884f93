// Sets the theme before the first paint; src/ui/state/theme.ts takes over from there. "?theme=dark" is for pages in frames.
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
