import { defineConfig } from "@playwright/test";
import { CHROMIUM_FLAGS, findChromium } from "./scripts/chromium.mjs";

const PORT = 4199;
/** Served from a sub-path, as on a static host, so that no absolute address can creep in. */
const BASE = `http://127.0.0.1:${PORT}/some/where/`;

export default defineConfig({
  testDir: "e2e",
  workers: 2,
  fullyParallel: true,
  timeout: 60_000,
  forbidOnly: true,
  outputDir: "test-results",
  use: {
    baseURL: BASE,
    viewport: { width: 1600, height: 1000 },
    launchOptions: { executablePath: findChromium() ?? undefined, args: CHROMIUM_FLAGS },
    reducedMotion: "reduce",
  },
  webServer: { command: `node scripts/serve.mjs dist ${PORT} /some/where/`, url: BASE, reuseExistingServer: false },
});
