/** No text over text and none cut off, at any width, in any of the views and dialogs. */
import { rmSync, writeFileSync } from "node:fs";
import { expect, type Page } from "@playwright/test";
import { millionCalls } from "../src/scenario/samples/long-recording.ts";
import { App, test } from "./app.ts";
import { layoutFindings } from "./layout-check.ts";
import { MORE_SCENES, SCENES, type Scene } from "./scenes.ts";

const WIDTHS = [360, 768, 1600, 2560] as const;
const CALLS = 1_000_000;
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
  // Whatever is pointed at has its tip over the page.
  await page.mouse.move(0, 0);
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

/** What the check finds at each width, on narrow ones tab by tab. `show` opens what is to be seen, once. */
async function findingsAt(page: Page, widths: readonly number[], tabbed: boolean, show: () => Promise<void>): Promise<string[]> {
  const found: string[] = [];
  for (const width of widths) {
    await page.setViewportSize({ width, height: width < WIDE ? 800 : 1000 });
    if (page.url() === "about:blank") await show();
    for (const tab of tabbed && width < WIDE ? TABS : [null]) {
      if (tab !== null) await page.getByRole("tab", { name: new RegExp(`^${tab}`, "i") }).click();
      await settled(page);
      found.push(...(await layoutFindings(page)).map((finding) => `${width} px${tab === null ? "" : `, ${tab}`}: ${finding}`));
    }
  }
  return found;
}

for (const [scenes, widths] of [[SCENES, WIDTHS], [MORE_SCENES, FEWER_WIDTHS]] as const) {
  for (const scene of scenes) {
    test(`${scene.name}: no text overlaps or is cut off at ${widths.join(", ")} px`, async ({ page }) => {
      const app = new App(page);
      expect(await findingsAt(page, widths, scene.name !== "start", () => open(app, scene))).toEqual([]);
    });
  }
}

test(`a million calls: no text overlaps or is cut off at ${WIDTHS.join(", ")} px`, async ({ page }, info) => {
  test.setTimeout(120_000);
  const file = info.outputPath("million.jsonl");
  writeFileSync(file, millionCalls(CALLS));
  const app = new App(page);
  const found = await findingsAt(page, WIDTHS, true, async () => {
    await app.open();
    await page.locator("input[type=file]").first().setInputFiles(file);
    await expect(app.slider()).toHaveAttribute("max", String(CALLS), { timeout: 60_000 });
    await expect(page.getByRole("progressbar")).toHaveCount(0);
    // What is said of it for a while lies over the page.
    await expect(page.locator(".notice")).toHaveCount(0, { timeout: 15_000 });
  });
  expect(found).toEqual([]);
  rmSync(file);
});

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
