/** The built page: its weight, and how soon the first diagram stands on a slow machine. */
import { execFileSync } from "node:child_process";
import { chromium } from "@playwright/test";
import { CHROMIUM_FLAGS, findChromium } from "../scripts/chromium.mjs";
import { serve } from "../scripts/serve.mjs";
import { sizes } from "../scripts/sizes.mjs";
import { medianOf, print } from "./line.ts";

const PORT = 4198;
declare global {
  interface Window {
    /** Takes when the first diagram was painted, ms of the page's own clock, from navigation. */
    tellPainted?: (at: string) => void;
  }
}

/**
 * Runs in the page: a diagram is painted when the IOVA axis has shapes in it and the frame in which they are seen is over. What
 * is asked for in a frame's callback runs before that frame is laid out and painted, a timer set there after it.
 */
function watchForPaint(): void {
  const look = () => {
    if (document.querySelector('[aria-label="IOVA space"] svg rect') === null) requestAnimationFrame(look);
    else setTimeout(() => window.tellPainted?.(String(performance.now())));
  };
  requestAnimationFrame(look);
}

const found = sizes("dist");
print({ name: "first-load-js-gzip", value: found.page / 1000, unit: "kB", better: "lower", goal: 115 });
print({ name: "worker-gzip", value: found.worker / 1000, unit: "kB", better: "lower", goal: 45 });

const executablePath = findChromium();
if (executablePath === null) throw new Error("no Chromium: set CHROMIUM_PATH");
const server = await serve("dist", PORT);
const browser = await chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
try {
  const capture = "conformance/captures/qemu-10.0-iommufd-4G.log.gz";
  const link = execFileSync("npx", ["tsx", "src/cli/main.ts", "link", capture], { encoding: "utf8" }).trim();
  const firstPaint = await medianOf(3, async () => {
    const context = await browser.newContext({ viewport: { width: 1600, height: 1000 } });
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    // Told through a binding: Playwright's own waiting puts a script of some 70 ms into the slowed page that is measured.
    const painted = new Promise<number>((resolve) => session.on("Runtime.bindingCalled", ({ payload }) => resolve(Number(payload))));
    await session.send("Runtime.enable");
    await session.send("Runtime.addBinding", { name: "tellPainted" });
    await page.addInitScript(watchForPaint);
    await page.goto(`http://127.0.0.1:${PORT}/${link}`);
    const time = await painted;
    await context.close();
    return time;
  });
  print({ name: "first-paint-4x", value: firstPaint, unit: "ms", better: "lower", goal: 1200 });
} finally {
  await browser.close();
  server.close();
}
