import { expect } from "@playwright/test";
import { App, test } from "./app.ts";

test.use({ serviceWorkers: "allow" });

test("once visited, the page works without a network", async ({ page, context }) => {
  const app = new App(page);
  await app.open();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null, undefined, { timeout: 30_000 });
  await context.setOffline(true);
  await page.reload();
  await page.waitForFunction(() => window.iovascope !== undefined);
  await page.getByRole("button", { name: /QEMU starts a 4 GiB guest, iommufd/ }).click();
  await expect(app.region("Calls")).toContainText("IOMMU_IOAS_MAP");
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await app.expectStep(1);
  await page.getByRole("button", { name: "Lessons", exact: true }).click();
  await page.getByRole("link", { name: /A 1 TiB guest/ }).click();
  await app.lesson().getByRole("button", { name: "Next", exact: true }).click();
  await expect(app.lesson()).toContainText("Lesson · 2 of");
  await page.keyboard.press("w");
  await expect(page.getByRole("dialog", { name: "Will it fit?" })).toBeVisible();
  expect(app.problems).toEqual([]);
});

test("a newer version is offered, taken over when asked, and old caches go", async ({ page, context }) => {
  const app = new App(page);
  let newer = false;
  await context.route("**/service-worker.js", async (route) => {
    const response = await route.fetch();
    const code = await response.text();
    await route.fulfill({ response, body: newer ? code.replace(/VERSION = "\w+"/, 'VERSION = "newer"') : code });
  });
  await app.open();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null, undefined, { timeout: 30_000 });
  const before = await page.evaluate(() => caches.keys());
  expect(before).toHaveLength(1);
  newer = true;
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
  await expect(page.getByRole("status").filter({ hasText: "A new version of iovascope is ready." })).toBeVisible({ timeout: 20_000 });
  await Promise.all([page.waitForEvent("load"), page.getByRole("button", { name: "Reload" }).click()]);
  await expect.poll(() => page.evaluate(() => caches.keys())).toEqual(["iovascope newer"]);
  expect(app.problems).toEqual([]);
});

test("it can be installed: the manifest and its icons are there", async ({ page, request, baseURL }) => {
  const app = new App(page);
  await app.open();
  const href = await page.locator("link[rel=manifest]").getAttribute("href");
  const manifest = await (await request.get(new URL(href ?? "", baseURL).href)).json();
  expect(manifest).toMatchObject({ name: "iovascope", display: "standalone", start_url: "./" });
  for (const icon of manifest.icons) expect((await request.get(new URL(icon.src, baseURL).href)).headers()["content-type"]).toBe(icon.type);
  const session = await page.context().newCDPSession(page);
  const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
  // Tests run in private windows, which can't install anything.
  expect(installabilityErrors.map((error) => error.errorId).filter((id) => id !== "in-incognito")).toEqual([]);
});
