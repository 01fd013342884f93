import { expect } from "@playwright/test";
import { App, capture, test } from "./app.ts";

const KILLS = 100;
const LOG = "qemu-10.0-iommufd-4G.log";

declare global {
  interface Window {
    workers: Worker[];
  }
}

test(`the worker is killed ${KILLS} times during play: the same state in the end, and the person is told`, async ({ page }) => {
  test.setTimeout(120_000);
  const app = new App(page);
  await page.addInitScript(() => {
    window.workers = [];
    const Real = window.Worker;
    window.Worker = class extends Real {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        window.workers.push(this);
      }
    };
  });
  await app.open();
  await app.load([{ name: LOG, text: capture(LOG) }]);
  const last = Number(await app.slider().getAttribute("max"));
  await app.goto(last);
  const before = await app.state();
  await app.goto(0);
  await page.getByLabel("Speed", { exact: true }).selectOption("20");
  const killed = await page.evaluate(async (kills) => {
    // A random time, but the same at each run.
    let seed = 20_261_121;
    const random = () => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed / 2 ** 32;
    };
    const press = (name: string) => document.querySelector<HTMLElement>(`button[aria-label="${name}"]`)?.click();
    for (let kill = 0; kill < kills; kill++) {
      press("Play");
      const worker = window.workers.at(-1);
      await new Promise((resolve) => void setTimeout(resolve, random() * 120));
      // Now and then one lives long enough to answer: a worker that never does is given up.
      if (kill % 8 === 7) await new Promise((resolve) => worker?.addEventListener("message", resolve, { once: true }));
      // It is gone in the middle of whatever it does; that it died is what a browser tells of one that ran out of memory.
      worker?.terminate();
      worker?.dispatchEvent(new ErrorEvent("error", { message: "killed" }));
    }
    return window.workers.length;
  }, KILLS);
  expect(killed).toBe(KILLS + 1);
  await expect(page.getByRole("alert").first()).toContainText("started again; the scenario is open as before");
  await app.goto(last);
  expect(await app.state()).toEqual(before);
  await expect(app.region("Calls")).toContainText("IOMMU_IOAS_MAP");
  expect(app.problems).toEqual([]);
});
