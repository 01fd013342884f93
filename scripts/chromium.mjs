/** Where a Chromium is: $CHROMIUM_PATH, the system's, Playwright's own; null when there is none. */
import { existsSync } from "node:fs";
import { chromium } from "@playwright/test";

export function findChromium() {
  const places = [process.env.CHROMIUM_PATH, "/usr/bin/chromium", chromium.executablePath()];
  return places.find((place) => place && existsSync(place)) ?? null;
}

/** Flags that keep a Chromium quiet and deterministic; as root it can't use its sandbox. */
export const CHROMIUM_FLAGS = [
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
  "--font-render-hinting=none", "--disable-lcd-text", "--force-color-profile=srgb", "--hide-scrollbars",
];
