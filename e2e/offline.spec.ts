import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { serve } from "../scripts/serve.mjs";
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

test.describe("a newer version", () => {
  const PORT = Number(process.env.E2E_PORT ?? 4199) + 1000;
  const ORIGIN = `http://127.0.0.1:${PORT}`;
  test.use({ otherOrigins: [ORIGIN] });

  test("is offered, taken over when asked, and old caches go", async ({ page }) => {
    const dist = mkdtempSync(join(tmpdir(), "iovascope-"));
    cpSync(process.env.E2E_DIST ?? "dist", dist, { recursive: true });
    const server = await serve(dist, PORT);
    await page.goto(`${ORIGIN}/`);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null, undefined, { timeout: 30_000 });
    expect(await page.evaluate(() => caches.keys())).toHaveLength(1);
    const file = join(dist, "service-worker.js");
    writeFileSync(file, readFileSync(file, "utf8").replace(/VERSION = "\w+"/, 'VERSION = "newer"'));
    await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
    await expect(page.getByRole("status").filter({ hasText: "A new version of iovascope is ready." })).toBeVisible({ timeout: 20_000 });
    await Promise.all([page.waitForEvent("load"), page.getByRole("button", { name: "Reload" }).click()]);
    await expect.poll(() => page.evaluate(() => caches.keys())).toEqual(["iovascope newer"]);
    server.close();
  });
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
