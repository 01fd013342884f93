/**
 * Pictures of the built app: `node scripts/screenshots.mjs [DIR]`. Without a folder it makes the README's one; with a folder
 * it makes every view, wide and narrow, light and dark, to be looked at.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { CHROMIUM_FLAGS, findChromium } from "./chromium.mjs";
import { serve } from "./serve.mjs";

const PORT = 4197;
const folder = process.argv[2];
const link = (files, step) => execFileSync("npx", ["tsx", "src/cli/main.ts", "link", ...files, "--step", String(step)], { encoding: "utf8" }).trim();
const captures = (...names) => names.map((name) => `conformance/captures/${name}.gz`);

const STORIES = {
  start: () => "",
  iommufd: () => link(captures("qemu-10.0-iommufd-width39.log", "qemu-10.0-iommufd-width39.stderr", "intel-reserved_regions-grep.txt"), 8),
  legacy: () => link(captures("qemu-10.0-legacy-4G.log", "intel-reserved_regions-grep.txt"), 8),
  ioasid: () => link(["conformance/recordings/ioasid/ioasid-series-2020-v3-directed.jsonl.gz#1"], 5),
  mock: () => link(["conformance/recordings/iommufd/directed-15-hwpt-nested.jsonl.gz"], 20),
};
const SIZES = { wide: { width: 1600, height: 1000 }, narrow: { width: 390, height: 844 } };

const server = await serve("dist", PORT);
const browser = await chromium.launch({ executablePath: findChromium() ?? undefined, args: CHROMIUM_FLAGS });

async function shoot(file, fragment, viewport, colorScheme) {
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: "reduce", deviceScaleFactor: folder ? 1 : 1.5 });
  const page = await context.newPage();
  page.on("pageerror", (error) => process.stderr.write(`${file}: ${error}\n`));
  page.on("console", (message) => message.type() === "error" && process.stderr.write(`${file}: ${message.text()}\n`));
  await page.goto(`http://127.0.0.1:${PORT}/${fragment}`);
  await page.waitForFunction(() => window.iovascope !== undefined, undefined, { timeout: 15_000 });
  await page.waitForTimeout(700);
  await page.screenshot({ path: file });
  await context.close();
}

try {
  if (!folder) await shoot("docs/screenshot.png", STORIES.iommufd(), SIZES.wide, "light");
  else {
    mkdirSync(folder, { recursive: true });
    for (const [story, fragment] of Object.entries(STORIES)) {
      const hash = fragment();
      for (const [size, viewport] of Object.entries(SIZES)) for (const scheme of ["light", "dark"]) await shoot(join(folder, `${story}-${size}-${scheme}.png`), hash, viewport, scheme);
    }
  }
} finally {
  await browser.close();
  server.close();
}
