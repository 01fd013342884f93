import { AxeBuilder } from "@axe-core/playwright";
import { expect } from "@playwright/test";
import { App, capture, test } from "./app.ts";

const PASTE = `May 01 10:00:00 host systemd[1]: Started Session 3 of User alice.
vfio_attach_device  (0000:5e:00.0) group 40
vfio_listener_region_add_ram region_add [ram] 0x0 - 0x7fffffff [0x7f3c40000000]
vfio_listener_region_skip SKIPPING region_add 0xa0000 - 0xbffff
vfio_listener_region_add_ram region_add [ram] 0x381000000000 - 0x3817ffffffff [0x7f3cc0000000]
kvm: vfio_container_dma_map(0x5c1d2a30be40, 0x381000000000, 0x800000000, 0x7f3cc0000000) = -22 (Invalid argument)
`;

async function paste(app: App, text: string): Promise<void> {
  await app.open();
  await app.page.getByLabel("Paste a log").fill(text);
  await app.page.getByRole("button", { name: "Import" }).first().click();
}

test("every line of a paste says what became of it and leads to its step, and back", async ({ page }) => {
  const app = new App(page);
  await paste(app, PASTE);
  await app.expectStep(6);
  await page.keyboard.press("q");
  const panel = page.getByRole("region", { name: "The text, line by line" });
  const line = (text: string) => panel.getByRole("option").filter({ hasText: text });
  // The step on screen is marked in the text.
  await expect(line("vfio_container_dma_map")).toHaveAttribute("aria-selected", "true");
  await expect(line("systemd")).toHaveAccessibleName(/Line 1, skipped: no reader knows this line/);
  await expect(line("SKIPPING")).toHaveAccessibleName(/Line 4, understood, makes no step: not mapped by the VMM/);
  // A line leads to its step.
  await line("0x7f3c40000000").click();
  await app.expectStep(5);
  // And stepping leads through the text, by keyboard too.
  await page.keyboard.press("Escape");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("q");
  await expect(line("0x3817ffffffff")).toHaveAttribute("aria-selected", "true");
  await panel.getByRole("listbox").press("Home");
  await panel.getByRole("listbox").press("ArrowDown");
  await panel.getByRole("listbox").press("Enter");
  await app.expectStep(1);
  // Only what was skipped.
  await panel.getByRole("radio", { name: /^Skipped/ }).click();
  await expect(panel.getByRole("option")).toHaveCount(1);
  const found = await new AxeBuilder({ page }).include(".lines").analyze();
  expect(found.violations).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  await expect(panel).toBeInViewport();
  expect(await panel.evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(true);
  expect(app.problems).toEqual([]);
});

test("a long text is shown without holding the page up", async ({ page }) => {
  const app = new App(page);
  await app.open();
  const log = capture("qemu-10.0-iommufd-4G.log");
  const noise = "May 01 10:00:00 host app[1]: nothing of interest\n".repeat(40_000);
  await app.pick({ "vm.log": noise + log });
  await expect(page.getByText(/of 4\d,?\d{3} lines understood/)).toBeVisible({ timeout: 30_000 });
  await page.keyboard.press("q");
  const panel = page.getByRole("region", { name: "The text, line by line" });
  await expect(panel.getByRole("option").first()).toBeVisible({ timeout: 20_000 });
  expect(await panel.getByRole("option").count()).toBeLessThan(120);
  await panel.getByRole("listbox").press("End");
  await expect(panel.getByText(log.trimEnd().split("\n").at(-1)!.trim().slice(0, 40)).first()).toBeVisible();
  expect(app.problems).toEqual([]);
});

test("a diagnosis asks for what the input leaves open, and its line and its reply can be had", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const app = new App(page);
  await paste(app, "kvm: vfio_dma_map(0x5e00aa, 0x383800000000, 0x8000000, 0x7f0000000000) = -22 (Invalid argument)");
  const card = page.getByRole("region", { name: "Diagnosis" });
  await expect(card.locator("p").first()).toContainText("39-bit");
  const questions = card.getByRole("form", { name: "What the input does not say" });
  await questions.getByLabel("Host").selectOption("Intel, server (46 bits)");
  await expect(card.locator("p").first()).not.toContainText("39-bit");
  await questions.getByLabel("Host").selectOption("Intel, desktop or laptop (39 bits)");
  await expect(card).toContainText("found by the model");
  await questions.getByLabel("Guest’s RAM").fill("96");
  await card.getByRole("button", { name: "Copy as a reply" }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/0x383800000000.*39-bit/s);
  await card.getByRole("button", { name: /line 1$/ }).click();
  await expect(page.getByRole("region", { name: "The text, line by line" }).getByRole("option")).toHaveCount(1);
  expect(app.problems).toEqual([]);
});

test("what a log says of a process is offered for replacement before a link leaves", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const app = new App(page);
  await paste(app, PASTE);
  await app.expectStep(6);
  const before = JSON.stringify(await app.state());
  await page.keyboard.press("c");
  await page.getByRole("button", { name: "Replace…" }).click();
  const dialog = page.getByRole("dialog", { name: "Scrub before sharing" });
  await expect(dialog).toContainText("0x7f3c40000000");
  await expect(dialog.getByRole("checkbox", { name: /PCI addresses/ })).not.toBeChecked();
  const found = await new AxeBuilder({ page }).include("dialog").analyze();
  expect(found.violations).toEqual([]);
  await dialog.getByRole("button", { name: "Replace 1 kind" }).click();
  await expect(page.getByText("Replaced. The link and the saved file")).toBeVisible();
  await app.expectStep(6);
  const after = JSON.stringify(await app.state());
  expect(before).toContain("7f3c40000000");
  expect(after).not.toContain("7f3c40000000");
  expect(after).not.toContain("7f3cc0000000");
  await expect(page.getByRole("region", { name: "Diagnosis" })).toContainText("iova-above-aperture");
  expect(app.problems).toEqual([]);
});
