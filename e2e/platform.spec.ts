import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { App, capture, test } from "./app.ts";

const LEGACY = "qemu-10.0-legacy-4G.log";

/** A capture of a VT-d machine, whose IOMMU nothing in it tells. */
async function opened(page: Page): Promise<App> {
  const app = new App(page);
  await app.open();
  await app.load([{ name: LEGACY, text: capture(LEGACY) }]);
  return app;
}

const chip = (page: Page) => page.getByTitle("Run the same calls on another platform");

async function openDialog(page: Page) {
  await chip(page).click();
  const dialog = page.getByRole("dialog", { name: "Platform" });
  await expect(dialog.getByText("Valid windows")).toBeVisible();
  return dialog;
}

test("another host, by keyboard alone: its windows are shown before, its answers after", async ({ page }) => {
  const app = await opened(page);
  await expect(chip(page)).toContainText("guessed");
  await app.press(chip(page));
  const dialog = page.getByRole("dialog", { name: "Platform" });
  await expect(dialog.getByRole("radio", { name: "As it is now" })).toBeFocused();
  for (let presses = 0; presses < 9; presses++) await page.keyboard.press("ArrowDown");
  await expect(dialog.getByRole("radio", { name: "AMD server" })).toBeChecked();
  const preview = dialog.getByRole("region", { name: "Valid windows" });
  await expect(preview).toContainText("3 windows");
  await expect(preview).toContainText("HyperTransport");
  await expect(preview).toContainText("0x0–0xfedf_ffff");
  await app.press(dialog.getByRole("button", { name: "Run again" }));
  await expect(dialog).toBeHidden();
  await expect(chip(page)).toHaveText("AMD-Vi");
  // The calls find their group on the new host, and the list that they get has its hole.
  await app.goto(8);
  expect(JSON.stringify(await app.state())).toContain("0xfcffffffff");
  expect(app.problems).toEqual([]);
});

test("a link carries the edited host", async ({ page, context }) => {
  const app = await opened(page);
  const dialog = await openDialog(page);
  await dialog.getByRole("button", { name: "Add a region" }).first().click();
  const region = dialog.getByRole("group", { name: /^region 2 of/ });
  await region.getByLabel("Start").fill("0x8000_0000");
  await region.getByLabel("Last, or + length").fill("+16M");
  await region.getByLabel("What it is").fill("test bench");
  await expect(dialog.getByRole("region", { name: "Valid windows" })).toContainText("test bench");
  await dialog.getByRole("button", { name: "Run again" }).click();
  await expect(dialog).toBeHidden();
  const link = await app.link();
  const other = new App(await context.newPage());
  await other.open(link.slice(link.indexOf("#")));
  const again = await openDialog(other.page);
  const kept = again.getByRole("group", { name: /^region 2 of/ });
  await expect(kept.getByLabel("Start")).toHaveValue("0x80000000");
  await expect(kept.getByLabel("Last, or + length")).toHaveValue("0x80ffffff");
  expect(app.problems).toEqual([]);
});

test("mistakes stand beside their fields, and nothing runs until they are gone", async ({ page }) => {
  await opened(page);
  const dialog = await openDialog(page);
  const region = dialog.getByRole("group", { name: /^region 1 of/ });
  const last = region.getByLabel("Last, or + length");
  await last.fill("0x10");
  await expect(region).toContainText("The last address lies below the start, 0xfee00000.");
  await expect(last).toHaveAccessibleDescription(/below the start/);
  await dialog.getByLabel("Group", { exact: true }).fill("seven");
  await dialog.getByRole("button", { name: "Run again" }).click();
  await expect(dialog.getByLabel("Group", { exact: true })).toBeFocused();
  await expect(dialog).toContainText("2 fields need another look.");
  await dialog.getByLabel("Group", { exact: true }).fill("3");
  await last.fill("+1M");
  await last.blur();
  await expect(last).toHaveValue("0xfeefffff");
  await dialog.getByRole("button", { name: "Run again" }).click();
  await expect(dialog).toBeHidden();
  await expect(chip(page)).not.toContainText("guessed");
});

test("a listing of a real host replaces regions; a group that the calls need is missed", async ({ page }) => {
  await opened(page);
  const dialog = await openDialog(page);
  const group = await dialog.getByLabel("Group", { exact: true }).inputValue();
  await dialog.getByText("Take the regions from a real host").click();
  const listing = dialog.getByLabel(/reserved_regions prints/);
  await listing.fill("rubbish");
  await dialog.getByRole("button", { name: "Replace the regions" }).click();
  await expect(listing).toHaveAccessibleDescription(/not|none|no /);
  await listing.fill(`/sys/kernel/iommu_groups/${group}/reserved_regions:0x000000008b800000 0x000000008fffffff direct-relaxable\n/sys/kernel/iommu_groups/${group}/reserved_regions:0x00000000fee00000 0x00000000feefffff msi\n`);
  await dialog.getByRole("button", { name: "Replace the regions" }).click();
  await expect(dialog).toContainText(`Replaced the regions of group ${group}.`);
  await expect(dialog.getByRole("group", { name: /^region 2 of/ })).toBeVisible();
  await dialog.getByRole("button", { name: /^Remove 0000:/ }).click();
  await expect(dialog.getByRole("status").filter({ hasText: "uses group" })).toContainText(`uses group ${group}, which this host does not have`);
  await expect(dialog.getByRole("button", { name: "Add a device" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [390, 1600]) {
    test.describe(`${colorScheme}, ${width} px`, () => {
      test.use({ colorScheme, viewport: { width, height: width === 390 ? 844 : 1000 } });

      test("axe finds nothing in the dialog, and nothing scrolls sideways", async ({ page }) => {
        await opened(page);
        const dialog = await openDialog(page);
        await dialog.getByText("Take the regions from a real host").click();
        await dialog.getByLabel("Last, or + length").first().fill("0x10");
        const violations = async () => (await new AxeBuilder({ page }).include("dialog").analyze()).violations.map((violation) => `${violation.id}: ${violation.nodes[0]?.html}`);
        expect(await violations()).toEqual([]);
        await dialog.getByRole("radio", { name: "Arm server with an RMR" }).check({ force: true });
        expect(await violations()).toEqual([]);
        expect(await dialog.evaluate((element) => element.scrollWidth - element.clientWidth)).toBeLessThanOrEqual(0);
      });
    });
  }
}
