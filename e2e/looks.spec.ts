/**
 * The main views look as they did when somebody last looked at them. With the fonts and the Chromium of the kept pictures they are
 * compared pixel by pixel; others draw letters otherwise, so there the pictures are compared in coarse squares, which still tell
 * a panel that is gone, moved or of another colour.
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

/** Squares of this many px are compared where letters can't be. */
const SQUARE = 40;
/** How much the mean colour of a square may differ, of 255, and how many squares of a hundred may differ more. */
const MOST_OFF = 24;
const MOST_SQUARES = 6;

/** Runs in an empty page: which share of the squares differs, in percent. */
async function squaresThatDiffer({ kept, now, square, most }: { kept: string; now: string; square: number; most: number }): Promise<number> {
  const squares = async (png: string): Promise<{ data: Uint8ClampedArray; size: string }> => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = Math.ceil(image.width / square);
    canvas.height = Math.ceil(image.height / square);
    const context = canvas.getContext("2d");
    if (!context) throw new Error("no canvas");
    context.imageSmoothingQuality = "high";
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return { data: context.getImageData(0, 0, canvas.width, canvas.height).data, size: `${image.width}x${image.height}` };
  };
  const [before, after] = [await squares(kept), await squares(now)];
  if (before.size !== after.size) return 100;
  let off = 0;
  for (let at = 0; at < before.data.length; at += 4) {
    const worst = Math.max(...[0, 1, 2].map((channel) => Math.abs((before.data[at + channel] ?? 0) - (after.data[at + channel] ?? 0))));
    if (worst > most) off++;
  }
  return (100 * off) / (before.data.length / 4);
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
      const inputs = scene.inputs();
      if (inputs !== null) await app.load(inputs);
      if (scene.step !== undefined) await app.goto(scene.step);
      await expect(page.locator(".dg-iova svg, .start, .call").first()).toBeVisible();
      await page.waitForTimeout(600);
      const name = `${scene.name}-${size}-${scheme}.png`;
      if (kept === drawn) {
        await expect(page).toHaveScreenshot(name, { maxDiffPixelRatio: 0.0015 });
        return;
      }
      const now = (await page.screenshot({ animations: "disabled", caret: "hide" })).toString("base64");
      const empty = await page.context().newPage();
      const differ = await empty.evaluate(squaresThatDiffer, { kept: readFileSync(join(import.meta.dirname, "looks", name)).toString("base64"), now, square: SQUARE, most: MOST_OFF });
      expect(differ, `squares of ${SQUARE} px that differ, in percent; drawn with ${drawn}, kept with ${kept}`).toBeLessThan(MOST_SQUARES);
    });
  }
}
