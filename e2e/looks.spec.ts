/**
 * The main views look as they did when somebody last looked at them. Letters are drawn otherwise with other fonts or another
 * Chromium, so pictures are only compared where both are those of the kept pictures; elsewhere the tests say that they were left out.
 * After an intended change: UPDATE_LOOKS=1 npm run e2e -- looks --update-snapshots, then look at every picture that changed.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { App, test } from "./app.ts";
import { SCENES } from "./scenes.ts";

const KEPT = join(import.meta.dirname, "looks", "drawn-with.json");
const SIZES = { wide: { width: 1600, height: 1000 }, narrow: { width: 390, height: 844 } } as const;
const VIEWS = [
  { size: "wide", scheme: "light" },
  { size: "wide", scheme: "dark" },
  { size: "narrow", scheme: "light" },
] as const;

/** What decides how letters are drawn: the browser, and how wide a sentence is in the page's two faces. */
async function drawnWith(page: Page): Promise<string> {
  const widths = await page.evaluate(() => {
    const context = document.createElement("canvas").getContext("2d");
    const style = getComputedStyle(document.documentElement);
    return ["--font", "--mono"].map((face) => {
      if (!context) return 0;
      context.font = `400 100px ${style.getPropertyValue(face)}`;
      return Math.round(context.measureText("The quick brown fox 0x7f_ffff_ffff jumps").width * 10);
    });
  });
  return JSON.stringify({ chromium: page.context().browser()?.version().split(".")[0], widths });
}

for (const scene of SCENES) {
  for (const { size, scheme } of VIEWS) {
    test(`${scene.name} looks as before, ${size}, ${scheme}`, async ({ page }) => {
      await page.setViewportSize(SIZES[size]);
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
      const app = new App(page);
      await app.open();
      const drawn = await drawnWith(page);
      if (process.env.UPDATE_LOOKS) writeFileSync(KEPT, `${drawn}\n`);
      const kept = existsSync(KEPT) ? readFileSync(KEPT, "utf8").trim() : null;
      test.skip(kept !== drawn, `other fonts or another Chromium than the kept pictures were drawn with: ${drawn}, not ${kept}`);
      const inputs = scene.inputs();
      if (inputs !== null) await app.load(inputs);
      if (scene.step !== undefined) await app.goto(scene.step);
      await expect(page.locator(".dg-iova svg, .start, .call").first()).toBeVisible();
      await page.waitForTimeout(600);
      await expect(page).toHaveScreenshot(`${scene.name}-${size}-${scheme}.png`, { maxDiffPixelRatio: 0.01 });
    });
  }
}
