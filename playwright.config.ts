import { defineConfig } from "@playwright/test";
import { CHROMIUM_FLAGS, findChromium } from "./scripts/chromium.mjs";

/** Another built page than dist/, for those who work beside others. */
const DIST = process.env.E2E_DIST ?? "dist";
const PORT = Number(process.env.E2E_PORT ?? 4199);
/** Served from a sub-path, as on a static host, so that no absolute address can creep in. */
const BASE = `http://127.0.0.1:${PORT}/some/where/`;

export default defineConfig({
  testDir: "e2e",
  workers: 2,
  fullyParallel: true,
  timeout: 60_000,
  forbidOnly: true,
  outputDir: "test-results",
  snapshotPathTemplate: "e2e/looks/{arg}{ext}",
  use: {
    baseURL: BASE,
    viewport: { width: 1600, height: 1000 },
    launchOptions: { executablePath: findChromium() ?? undefined, args: CHROMIUM_FLAGS },
    reducedMotion: "reduce",
    // Each test has a browser of its own, which would fetch the whole page for offline use; offline.spec.ts allows it.
    serviceWorkers: "block",
  },
  webServer: { command: `node scripts/serve.mjs ${DIST} ${PORT} /some/where/`, url: BASE, reuseExistingServer: false },
});
