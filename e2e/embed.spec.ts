import { mkdtempSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { serve } from "../scripts/serve.mjs";
import { App, capture, test } from "./app.ts";

const LOG = "intel-ioctls-iommufd.log";
/** The pages around it: other ports are other origins. */
test.use({ otherOrigins: ["http://127.0.0.1:"] });

declare global {
  interface Window {
    heard: Record<string, unknown>[];
  }
}

const servers: Server[] = [];
test.afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Somebody's page with iovascope in a frame; it remembers all that the frame says. Returns its origin. */
async function host(page: Page, baseURL: string, query: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "iovascope-host-"));
  const server = await serve(folder, 0);
  servers.push(server);
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const frame = `<iframe id="frame" src="${new URL(query.replace("ORIGIN", origin), baseURL).href}" width="900" height="480"></iframe>`;
  const listener = "window.heard = []; addEventListener('message', (event) => window.heard.push(event.data));";
  writeFileSync(join(folder, "index.html"), `<!doctype html><title>host</title><link rel="icon" href="data:,"><script>${listener}</script>${frame}`);
  await page.goto(`${origin}/`);
  return origin;
}

function untilReady(page: Page): Promise<void> {
  return expect.poll(() => page.evaluate(() => window.heard.some((message) => message.event === "ready"))).toBe(true);
}

/** Tells the frame something and waits for the answer. */
function tell(page: Page, message: object): Promise<Record<string, unknown>> {
  return page.evaluate(
    (fields) =>
      new Promise((resolve) => {
        const id = `${Math.random()}`;
        addEventListener("message", function hear(event) {
          if (event.data?.id !== id) return;
          removeEventListener("message", hear);
          resolve(event.data);
        });
        (document.getElementById("frame") as HTMLIFrameElement).contentWindow?.postMessage({ iovascope: 1, id, ...fields }, "*");
      }),
    message,
  );
}

test("a page drives the frame in it and hears what happens", async ({ page, baseURL }) => {
  const app = new App(page);
  await host(page, baseURL ?? "", "?embed&theme=dark&origin=ORIGIN");
  await untilReady(page);
  const frame = page.frameLocator("#frame");
  await expect(frame.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(frame.getByText(/Nothing is open/)).toBeVisible();
  expect(await tell(page, { do: "goto", step: 1 })).toMatchObject({ event: "error", message: "nothing is open" });

  const loaded = await tell(page, { do: "load", text: capture(LOG) });
  expect(loaded).toMatchObject({ iovascope: 1, event: "done", steps: expect.any(Number) });
  expect(await tell(page, { do: "goto", step: 8 })).toMatchObject({ event: "done", step: 8 });
  await expect(frame.getByLabel("IOVA space", { exact: true })).toContainText("0xfee0_0000");
  expect(await page.evaluate(() => window.heard.findLast((message) => message.event === "step"))).toMatchObject({ step: 8, errno: "OK" });

  expect(await tell(page, { do: "show", show: "objects" })).toMatchObject({ event: "done" });
  await expect(frame.getByLabel("IOMMUFD objects", { exact: true })).toBeVisible();
  await expect(frame.getByLabel("IOVA space", { exact: true })).toHaveCount(0);
  expect(await tell(page, { do: "select", range: { first: "0xfee00000", last: "0xfeefffff" } })).toMatchObject({ event: "done" });
  expect(await tell(page, { do: "theme", theme: "light" })).toMatchObject({ event: "done" });
  await expect(frame.locator("html")).toHaveAttribute("data-theme", "light");
  expect(await tell(page, { do: "state" })).toMatchObject({ event: "done", state: expect.any(Object) });

  await tell(page, { do: "goto", step: 0 });
  expect(await tell(page, { do: "play", speed: 20 })).toMatchObject({ event: "done" });
  await expect.poll(() => page.evaluate(() => window.heard.some((message) => message.event === "step" && message.step === 3))).toBe(true);
  expect(await tell(page, { do: "play", playing: false })).toMatchObject({ event: "done" });

  for (const [message, field] of [
    [{ do: "goto", step: -1 }, /^step/],
    [{ do: "format", disk: "c:" }, /^do/],
    [{ do: "theme", theme: "</style>" }, /^theme/],
    [{ do: "load", text: "rubbish" }, /./],
    [{ iovascope: 2, do: "goto", step: 1 }, /^iovascope/],
  ] as const)
    expect(await tell(page, message)).toMatchObject({ event: "error", message: expect.stringMatching(field) });

  // The same situation in the whole app.
  await tell(page, { do: "goto", step: 5 });
  const { link } = await tell(page, { do: "link" });
  expect(link).toContain("#");
  const open = frame.getByRole("link", { name: "Open in iovascope" });
  await expect.poll(() => open.evaluate((element) => element.ownerDocument.defaultView?.location.hash.length ?? 0)).toBeGreaterThan(2);
  const [whole] = await Promise.all([page.waitForEvent("popup"), open.click()]);
  const other = new App(whole);
  await other.expectStep(5);
  expect(app.problems).toEqual([]);
});

test("a link in the address, keys in the frame, and no command but steps", async ({ page, baseURL }) => {
  const app = new App(page);
  await app.open();
  await app.load([{ name: LOG, text: capture(LOG) }]);
  await app.goto(4);
  const link = await app.link();
  await page.goto("about:blank");
  for (const [show, name] of [["iova", "IOVA space"], ["objects", "IOMMUFD objects"], ["pasids", "PASID space"]] as const) {
    await host(page, baseURL ?? "", `?embed&show=${show}${link.slice(link.indexOf("#"))}`);
    await untilReady(page);
    await expect(page.frameLocator("#frame").getByLabel(name, { exact: true })).toBeVisible();
  }
  expect(await page.evaluate(() => window.heard.find((message) => message.event === "ready"))).toMatchObject({ step: 4 });
  const frame = page.frameLocator("#frame");
  const entries = await page.evaluate(() => history.length);
  await frame.getByRole("button", { name: "Next step" }).focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => page.evaluate(() => window.heard.some((message) => message.event === "step" && message.step === 5))).toBe(true);
  await page.keyboard.press("o");
  await page.keyboard.press("Control+k");
  await expect(frame.getByRole("dialog")).toHaveCount(0);
  // The page around it keeps its Back button.
  expect(await page.evaluate(() => history.length)).toBe(entries);
  expect(app.problems).toEqual([]);
});

test("with an origin in the address nobody else is listened to", async ({ page, baseURL }) => {
  await host(page, baseURL ?? "", "?embed&origin=https://example.org");
  const frame = page.frameLocator("#frame");
  await expect(frame.getByText(/Nothing is open/)).toBeVisible();
  await page.evaluate(() => (document.getElementById("frame") as HTMLIFrameElement).contentWindow?.postMessage({ iovascope: 1, do: "theme", theme: "dark" }, "*"));
  await frame.locator("html").evaluate(() => new Promise((resolve) => void setTimeout(resolve, 200)));
  await expect(frame.locator("html")).toHaveAttribute("data-theme", "light");
  expect(await page.evaluate(() => window.heard)).toEqual([]);
});
