/** Keeps `data-theme` on the page in step with the person's choice and, where there is none, with the system's. */
import type { View } from "./view.ts";

export function followTheme(view: View): void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const { themeChoice } = view.store.getState();
    const theme = themeChoice === "auto" ? (system.matches ? "dark" : "light") : themeChoice;
    const root = document.documentElement;
    if (root.dataset.theme !== theme) root.dataset.theme = theme;
    document.querySelector('meta[name="theme-color"]')?.setAttribute("content", getComputedStyle(root).getPropertyValue("--surface").trim());
  };
  system.addEventListener("change", apply);
  view.store.subscribe((state, before) => {
    if (state.themeChoice !== before.themeChoice) apply();
  });
  apply();
}
