import { AxeBuilder } from "@axe-core/playwright";
import { expect } from "@playwright/test";
import { App, test } from "./app.ts";

test("a guest is planned on an AMD host, and drawn on the IOVA axis", async ({ page }) => {
  const app = new App(page);
  await app.open();
  await page.getByRole("button", { name: "Will it fit?" }).click();
  const dialog = page.getByRole("dialog", { name: "Will it fit?" });
  await dialog.getByLabel("Platform").selectOption("amd");
  await dialog.getByLabel("Fill in from").fill("qemu-system-x86_64 -machine pc-q35-7.0 -accel kvm -cpu host -m 1011G");
  await expect(dialog.getByLabel("RAM", { exact: true })).toHaveValue("1011G");
  const result = dialog.getByRole("region", { name: "Result" });
  await expect(result).toContainText("It does not fit");
  await expect(result).toContainText("1010 GiB");
  await expect(result).toContainText("-machine pc-q35-7.1");
  const found = await new AxeBuilder({ page }).include("dialog").analyze();
  expect(found.violations).toEqual([]);
  await dialog.getByLabel("Version").selectOption("");
  await expect(result).toContainText("It fits");
  await dialog.getByLabel("Version").selectOption("7.0");
  await dialog.getByRole("button", { name: "Show on the IOVA axis" }).click();
  await expect(page.getByRole("region", { name: "Why this answer" })).toContainText("HyperTransport");
  expect(app.problems).toEqual([]);
});

test("pasted regions are a host too", async ({ page }) => {
  const app = new App(page);
  await app.open();
  await page.getByRole("button", { name: "Will it fit?" }).click();
  const dialog = page.getByRole("dialog", { name: "Will it fit?" });
  await dialog.getByLabel("Platform").selectOption("pasted");
  await dialog.getByLabel("Listing").fill("/sys/kernel/iommu_groups/3/reserved_regions:0x0000000050000000 0x0000000050ffffff reserved\n/sys/kernel/iommu_groups/3/reserved_regions:0x0000000008000000 0x00000000080fffff msi");
  await dialog.getByLabel("Machine").selectOption("virt");
  await dialog.getByLabel("RAM", { exact: true }).fill("512M");
  await expect(dialog.getByRole("region", { name: "Result" })).toContainText("The most RAM that fits is 256 MiB");
  await dialog.getByLabel("Listing").fill("/sys/kernel/iommu_groups/3/reserved_regions:0x00000000fee00000 0x00000000feefffff msi\n03:00.0 VGA compatible controller: Maker Device\n\tRegion 0: Memory at 8fffe000000 (64-bit, prefetchable) [size=16G]\n\tRegion 2: Memory at f0000000 (64-bit, prefetchable) [size=2M]");
  await expect(dialog.getByLabel("BARs", { exact: true })).toHaveValue("16G, 2M");
  await expect(dialog).toContainText("BARs as listed for 0000:03:00.0");
  expect(app.problems).toEqual([]);
});

test("a pasted error gets its cause, what would work, and a step to go to", async ({ page }) => {
  const app = new App(page);
  await app.open();
  await page.getByLabel("Paste a log").fill("kvm: vfio_dma_map(0x5e00aa, 0x383800000000, 0x8000000, 0x7f0000000000) = -22 (Invalid argument)");
  await page.getByRole("button", { name: "Import" }).first().click();
  const card = page.getByRole("region", { name: "Diagnosis" });
  await expect(card).toContainText("iova-above-aperture");
  await expect(card).toContainText("host-phys-bits-limit=39");
  await page.keyboard.press("Home");
  await card.getByRole("button", { name: "Go to step 5" }).click();
  await expect(page.getByRole("region", { name: "Why this answer" })).toContainText("EINVAL");
  const found = await new AxeBuilder({ page }).include(".diagnosis").analyze();
  expect(found.violations).toEqual([]);
  expect(app.problems).toEqual([]);
});
