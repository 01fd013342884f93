import { readFileSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { expect } from "@playwright/test";
import { App, test } from "./app.ts";

/** An IOAS, many maps, refusals among them. */
function scenario(maps: number): object {
  const map = (index: number) => ({ call: "IOMMU_IOAS_MAP", in: { flags: 7, ioas_id: 1, user_va: `0x${(0x10000000 + index * 0x1000).toString(16)}`, length: "0x1000", iova: `0x${(index % 10 === 9 ? 0x1000 : 0x1000 + index * 0x2000).toString(16)}` } });
  return { title: "a shelf of pages", trace: "iommufd", platform: { kind: "mock" }, calls: [{ call: "IOMMU_IOAS_ALLOC", in: { flags: 0 } }, ...Array.from({ length: maps }, (_none, index) => map(index))] };
}

test("Back undoes a jump, Forward redoes it, and neither opens the scenario again", async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.load(scenario(60));
  // A scenario is a place to go back to once it has its address.
  await expect(page).toHaveURL(/#1/, { timeout: 20_000 });
  await app.goto(5);
  // A row that was there before stays the same element: nothing has been opened anew.
  await page.evaluate(() => document.querySelector("[role=slider], input[type=range]")?.setAttribute("data-same", ""));
  const entries = () => page.evaluate(() => history.length);
  await page.waitForTimeout(400);
  const before = await entries();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await app.expectStep(7);
  expect(await entries()).toBe(before);
  await page.waitForTimeout(400);
  const here = page.url();
  await page.keyboard.press("End");
  await app.expectStep(61);
  expect(await entries()).toBe(before + 1);
  await expect.poll(() => page.url(), { timeout: 20_000 }).not.toBe(here);
  await page.goBack();
  await app.expectStep(7);
  await expect.poll(() => page.url(), { timeout: 20_000 }).toBe(here);
  await page.goForward();
  await app.expectStep(61);
  await page.goBack();
  await page.goBack();
  // Where it was opened: at the first refusal.
  await app.expectStep(11);
  await expect(page.locator("[data-same]")).toHaveCount(1);
  expect(app.problems).toEqual([]);
});

test("Back restores what was marked, and the window on the axis; a link holds the window", async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.load(scenario(30));
  await app.goto(12);
  const axis = app.region("IOVA space");
  await axis.getByRole("button", { name: /zoom in/i }).first().click();
  await axis.getByRole("button", { name: /zoom in/i }).first().click();
  await page.waitForTimeout(600);
  const link = await app.link();
  const windowOf = () => page.evaluate(() => JSON.stringify((history.state as { windows?: unknown } | null)?.windows ?? null));
  await expect.poll(windowOf).toContain("0x");
  const zoomed = await windowOf();
  await app.goto(2);
  await page.waitForTimeout(400);
  await axis.getByRole("button", { name: /whole|all/i }).first().click();
  await page.goBack();
  await app.expectStep(12);
  await expect.poll(windowOf).toBe(zoomed);
  // Another visit knows the window from the link alone.
  await page.goto("about:blank");
  await app.open(new URL(link).hash);
  await app.expectStep(12);
  await expect.poll(windowOf).toBe(zoomed);
  expect(app.problems).toEqual([]);
});

test("what no link holds is offered as a file", async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.load(scenario(50_001));
  await expect(page.getByText(/too many for a link/)).toBeVisible();
  expect(new URL(page.url()).hash).toBe("");
  await page.keyboard.press("c");
  const dialog = page.getByRole("dialog", { name: "Too large for a link" });
  await expect(dialog).toContainText("50,002");
  await expect(dialog).toContainText("50,000");
  const [download] = await Promise.all([page.waitForEvent("download"), dialog.getByRole("button", { name: "Save the scenario file" }).click()]);
  const text = readFileSync(await download.path(), "utf8");
  expect(text).toContain("a shelf of pages");
  await expect(dialog).toBeHidden();
  expect(app.problems).toEqual([]);
});

test("Export shows every form, by keyboard, and saves what it shows", async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.load(scenario(12));
  await app.goto(11);
  await page.keyboard.press("e");
  const dialog = page.getByRole("dialog", { name: "Export" });
  const text = dialog.getByLabel("The text", { exact: true });
  await expect(text).toContainText('"title": "a shelf of pages"');
  const expected: [string, RegExp][] = [["Text", /ioas1 = IOMMU_IOAS_ALLOC/], ["Markdown", /^### a shelf of pages/], ["This step", /EEXIST/], ["Recording", /"trace":"iommufd"/], ["C program", /#include <sys\/ioctl.h>/]];
  for (const [name, words] of expected) {
    await page.keyboard.press("ArrowDown");
    await expect(dialog.getByRole("radio", { checked: true })).toHaveAccessibleName(new RegExp(`^${name}`));
    await expect(text).toContainText(words);
  }
  const found = await new AxeBuilder({ page }).analyze();
  expect(found.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  const [download] = await Promise.all([page.waitForEvent("download"), dialog.getByRole("button", { name: "Save the file" }).click()]);
  expect(download.suggestedFilename()).toBe("a-shelf-of-pages.c");
  expect(app.problems).toEqual([]);
});
