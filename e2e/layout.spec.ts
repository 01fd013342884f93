/** No text over text and none cut off, at any width, in any of the main views. */
import { expect } from "@playwright/test";
import { App, test } from "./app.ts";
import { layoutFindings } from "./layout-check.ts";
import { SCENES } from "./scenes.ts";

const WIDTHS = [360, 768, 1600, 2560] as const;
const TABS = ["Calls", "Objects", "PASIDs", "IOVA", "Why"] as const;

for (const scene of SCENES) {
  test(`${scene.name}: no text overlaps or is cut off at ${WIDTHS.join(", ")} px`, async ({ page }) => {
    const app = new App(page);
    const found: string[] = [];
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: width < 760 ? 800 : 1000 });
      if (page.url() === "about:blank") {
        await app.open();
        const inputs = scene.inputs();
        if (inputs !== null) await app.load(inputs);
        if (scene.step !== undefined) await app.goto(scene.step);
      }
      const tabs = scene.name !== "start" && width < 760 ? TABS : [null];
      for (const tab of tabs) {
        if (tab !== null) await page.getByRole("tab", { name: new RegExp(`^${tab}`, "i") }).click();
        await page.evaluate(() => document.fonts.ready);
        // Two frames: what has measured itself has been laid out again.
        await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
        await page.waitForTimeout(250);
        found.push(...(await layoutFindings(page)).map((finding) => `${width} px${tab === null ? "" : `, ${tab}`}: ${finding}`));
      }
    }
    expect(found).toEqual([]);
  });
}
