/** No text over text and none cut off, at any width, in any of the views and dialogs. */
import { expect, type Page } from "@playwright/test";
import { App, test } from "./app.ts";
import { layoutFindings } from "./layout-check.ts";
import { MORE_SCENES, SCENES, type Scene } from "./scenes.ts";

const WIDTHS = [360, 768, 1600, 2560] as const;
const FEWER_WIDTHS = [360, 768, 1600] as const;
const TABS = ["Calls", "Objects", "PASIDs", "IOVA", "Why"] as const;
/** From here on all panels are side by side. */
const WIDE = 760;

/** Dialogs and panels over the page, by the key that opens them. */
const OVER: Readonly<Record<string, string>> = {
  import: "i", "what was understood": "q", lessons: "l", compare: "v", "will it fit": "w", find: "/", library: "o", palette: "Control+k", settings: ",", until: "u",
  trust: "b", "what if": "f", legend: "h", help: "?", export: "e", "add a call": "a", "change a call": "r",
};

/** What has measured itself has been laid out again. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready;
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  });
  await page.waitForTimeout(250);
}

async function open(app: App, scene: Scene): Promise<void> {
  await app.open();
  if (scene.story !== undefined) {
    await app.page.getByRole("button", { name: scene.story }).click();
    await expect(app.page.locator(".workspace")).toBeVisible();
  }
  const inputs = scene.inputs();
  if (inputs !== null) await app.load(inputs);
  if (scene.step !== undefined) await app.goto(scene.step);
}

for (const [scenes, widths] of [[SCENES, WIDTHS], [MORE_SCENES, FEWER_WIDTHS]] as const) {
  for (const scene of scenes) {
    test(`${scene.name}: no text overlaps or is cut off at ${widths.join(", ")} px`, async ({ page }) => {
      const app = new App(page);
      const found: string[] = [];
      for (const width of widths) {
        await page.setViewportSize({ width, height: width < WIDE ? 800 : 1000 });
        if (page.url() === "about:blank") await open(app, scene);
        const tabs = scene.name !== "start" && width < WIDE ? TABS : [null];
        for (const tab of tabs) {
          if (tab !== null) await page.getByRole("tab", { name: new RegExp(`^${tab}`, "i") }).click();
          await settled(page);
          found.push(...(await layoutFindings(page)).map((finding) => `${width} px${tab === null ? "" : `, ${tab}`}: ${finding}`));
        }
      }
      expect(found).toEqual([]);
    });
  }
}

for (const width of [360, 1600]) {
  test(`dialogs: no text overlaps or is cut off at ${width} px`, async ({ page }) => {
    const app = new App(page);
    await page.setViewportSize({ width, height: width < WIDE ? 800 : 1000 });
    await open(app, SCENES.find(({ name }) => name === "capture")!);
    const found: string[] = [];
    for (const [name, key] of Object.entries(OVER)) {
      await page.keyboard.press(key);
      await expect(page.locator("[data-dialog] > *, .composer").first()).toBeVisible();
      await settled(page);
      found.push(...(await layoutFindings(page)).map((finding) => `${name}: ${finding}`));
      await page.keyboard.press("Escape");
      await expect(page.locator("[data-dialog], .composer")).toHaveCount(0);
    }
    expect(found).toEqual([]);
  });
}
