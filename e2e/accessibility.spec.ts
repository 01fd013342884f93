import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Locator, type Page } from "@playwright/test";
import { DIALOG_NAMES, type DialogName } from "../src/ui/state/view.ts";
import { App, capture, test } from "./app.ts";

/** A recording of several sequences, in a historic form of the kernel: every dialog can be opened with it. */
const RECORDING = gunzipSync(readFileSync(join(import.meta.dirname, "../conformance/recordings/ioasid/ioasid-series-2020-v3-directed.jsonl.gz"))).toString("utf8");
const LOG = "intel-ioctls-iommufd.log";

/** All rules of WCAG 2.2 AA that axe knows, the size of targets among them. Links to lessons are not what it takes for skip links. */
async function violations(page: Page, within?: string): Promise<string[]> {
  const builder = new AxeBuilder({ page }).options({ rules: { "target-size": { enabled: true }, "skip-link": { enabled: false } } });
  const { violations: found } = await (within === undefined ? builder : builder.include(within)).analyze();
  return found.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).slice(0, 3).join(" | ")}`);
}

const VIEWS: Record<string, (app: App) => Promise<void>> = {
  "start page": (app) => app.open(),
  "start page with something kept": async (app) => {
    await app.open();
    await app.load(capture(LOG));
    await app.page.waitForFunction(() => localStorage.getItem("iovascope.kept") !== null);
    await app.page.goto("about:blank");
    await app.open();
    await expect(app.page.getByRole("button", { name: /Continue where you were/ })).toBeVisible();
  },
  workspace: async (app) => {
    await app.open();
    await app.load(capture(LOG));
    await app.goto(8);
  },
  lesson: (app) => app.open("#lesson=one-tib-guest/4"),
  comparison: async (app) => {
    await app.open();
    await app.page.getByRole("button", { name: /Who is next when the active allocator leaves/ }).click();
    await expect(app.slider()).toBeVisible();
  },
  lanes: async (app) => {
    await app.open();
    await app.page.getByRole("button", { name: /Two CPUs: the flag/ }).click();
    await expect(app.slider()).toBeVisible();
  },
  diagnosis: async (app) => {
    await app.open();
    await app.page.getByRole("button", { name: /Memory above what the IOMMU can address/ }).click();
    await expect(app.slider()).toBeVisible();
  },
  "embedded IOVA space": (app) => embedded(app, "iova"),
  "embedded objects": (app) => embedded(app, "objects"),
  "embedded PASID space": (app) => embedded(app, "pasids"),
};

async function embedded(app: App, show: string): Promise<void> {
  await app.page.goto(`./?embed&show=${show}`);
  await app.page.waitForFunction(() => window.iovascope !== undefined);
  await app.load(capture(LOG));
  await app.goto(8);
}

/** What is open, modal or not. */
const DIALOG = "[data-dialog] > *";

/** Dialogs that no command opens by itself. They come last, since they may open something else. */
const OPENED_OTHERWISE: Partial<Record<DialogName, (app: App) => Promise<void>>> = {
  // Copying a link that is long says so.
  share: async (app) => {
    const calls = Array.from({ length: 3000 }, (_, index) => ({ call: "IOMMU_IOAS_MAP", in: { iova: `0x${(Math.imul(index, 0x9e3779b1) >>> 12).toString(16)}000`, length: 4096 + (Math.imul(index, 0x85ebca6b) >>> 12) } }));
    await app.load({ title: "long", platform: { kind: "mock" }, calls });
    await app.page.keyboard.press("c");
  },
};

/** Opens a dialog, by the command of its name where there is one. */
async function openDialog(app: App, name: DialogName) {
  const { page } = app;
  const otherwise = OPENED_OTHERWISE[name];
  if (otherwise) await otherwise(app);
  else await page.keyboard.press("Control+k");
  if (name !== "palette" && !otherwise) await page.locator(`[data-item="command:${name}"]`).click({ timeout: 10_000 });
  const dialog = page.locator(`[data-dialog="${name}"] > *`);
  await expect(dialog, name).toBeVisible();
  await expect(dialog.getByRole("button").first(), name).toBeVisible();
  return dialog;
}

async function closeDialog({ page }: App): Promise<void> {
  // The first Escape may be for what is typed in a field.
  await expect(async () => {
    await page.keyboard.press("Escape");
    await expect(page.locator(DIALOG)).toHaveCount(0, { timeout: 400 });
  }).toPass();
}

/** Every dialog of the page, also those that come in future. */
async function inEachDialog(app: App, look: (name: string, dialog: Locator) => Promise<void>): Promise<void> {
  const names = DIALOG_NAMES.toSorted((left, right) => Number(left in OPENED_OTHERWISE) - Number(right in OPENED_OTHERWISE));
  for (const name of names) {
    await look(name, await openDialog(app, name));
    await closeDialog(app);
  }
}

/** Dark as well: the page follows the system, and only its colours are others. */
async function inBothThemes(page: Page, within?: string): Promise<string[]> {
  const light = await violations(page, within);
  await page.emulateMedia({ colorScheme: "dark" });
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  const builder = new AxeBuilder({ page }).withRules(["color-contrast", "link-in-text-block"]);
  const { violations: dark } = await (within === undefined ? builder : builder.include(within)).analyze();
  await page.emulateMedia({ colorScheme: "light" });
  return [...light, ...dark.map((violation) => `dark: ${violation.id}: ${violation.nodes.map((node) => node.html).slice(0, 3).join(" | ")}`)];
}

for (const width of [390, 1600]) {
  test.describe(`${width} px`, () => {
    test.use({ viewport: { width, height: width === 390 ? 844 : 1000 } });

    for (const [name, show] of Object.entries(VIEWS)) {
      test(`axe finds nothing: ${name}`, async ({ page }) => {
        const app = new App(page);
        await show(app);
        expect(await inBothThemes(page)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        expect(app.problems).toEqual([]);
      });
    }

    test("axe finds nothing in any dialog", async ({ page }) => {
      test.setTimeout(300_000);
      const app = new App(page);
      await app.open();
      await app.load([{ name: "recording", text: RECORDING }]);
      const found: Record<string, string[]> = {};
      await inEachDialog(app, async (name, dialog) => {
        const wrong = await (width === 390 ? violations : inBothThemes)(page, "[data-dialog]");
        const wide = await dialog.evaluate((element) => element.scrollWidth - element.clientWidth);
        if (wide > 0) wrong.push(`scrolls sideways by ${wide} px`);
        if (wrong.length > 0) found[name] = wrong;
      });
      expect(found).toEqual({});
      expect(app.problems).toEqual([]);
    });
  });
}

test.describe("at 200 %, which is 800 × 500 px of a screen of 1600 × 1000", () => {
  test.use({ viewport: { width: 800, height: 500 } });

  /** Buttons, links and fields that can't be brought into sight, or that something else lies over. */
  const unreachable = (page: Page, within: string) =>
    page.evaluate((selector) => {
      const wrong: string[] = [];
      const root = document.querySelector(selector) ?? document.body;
      for (const element of root.querySelectorAll<HTMLElement>("button, a[href], input, select, textarea, [role=separator], [role=slider]")) {
        if (element.closest("[hidden], [inert], svg, .sr-only, .dg-mirror") || !element.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true })) continue;
        element.scrollIntoView({ block: "center", inline: "center" });
        const { left, top, width, height } = element.getBoundingClientRect();
        const hit = document.elementFromPoint(left + width / 2, top + height / 2);
        const seen = hit !== null && (element.contains(hit) || hit.contains(element) || hit.closest("label") === element.closest("label"));
        if (!seen || left < -1 || left + width > innerWidth + 1) wrong.push(`${element.getAttribute("aria-label") ?? element.textContent?.slice(0, 40)} at ${Math.round(left)},${Math.round(top)} ${Math.round(width)}×${Math.round(height)}`);
      }
      return wrong;
    }, within);

  test("nothing is cut off or out of reach", async ({ page }) => {
    const app = new App(page);
    for (const view of ["start page", "workspace", "lesson", "comparison"]) {
      await VIEWS[view]?.(app);
      expect(await unreachable(page, "body"), view).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), view).toBeLessThanOrEqual(800);
    }
  });

  test("nor in a dialog", async ({ page }) => {
    test.setTimeout(120_000);
    const app = new App(page);
    await app.open();
    await app.load([{ name: "recording", text: RECORDING }]);
    const found: Record<string, string[]> = {};
    await inEachDialog(app, async (name) => {
      const wrong = await unreachable(page, "[data-dialog]");
      if (wrong.length > 0) found[name] = wrong;
    });
    expect(found).toEqual({});
  });
});

test("the focus is always to be seen", async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.load(capture(LOG));
  const blind: string[] = [];
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press("Tab");
    const unseen = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
      const shown = (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none" || element instanceof SVGElement;
      return shown ? null : element.outerHTML.slice(0, 120);
    });
    if (unseen !== null) blind.push(unseen);
  }
  expect(blind).toEqual([]);
});

test("each step is announced in one sentence", async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.load(capture(LOG));
  await app.goto(3);
  const spoken = page.locator(".spoken");
  await expect(spoken).toContainText(/^Step 3 of \d+/);
  await page.keyboard.press("ArrowRight");
  await expect(spoken).toContainText(/^Step 4 of \d+/);
});
