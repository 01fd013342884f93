import { writeFileSync } from "node:fs";
import { expect } from "@playwright/test";
import { millionCalls } from "../src/scenario/samples/long-recording.ts";
import { App, test } from "./app.ts";

const CALLS = 200_000;

/** In the page: waits until a diagram stands while the file is still being read, and says how many steps there are then. */
function whileReading(cancel: boolean): Promise<number> {
  return new Promise((resolve) => {
    const look = () => {
      const slider = document.querySelector<HTMLInputElement>("input[type=range][aria-label=Step]");
      const drawn = document.querySelector('[aria-label="IOVA space"] svg rect, [aria-label="IOVA space"] canvas');
      if (!slider || !drawn || !document.querySelector(".busy progress")) {
        requestAnimationFrame(look);
        return;
      }
      resolve(Number(slider.max));
      if (cancel) window.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    };
    look();
  });
}

test("a long recording shows its first diagram before its end, and can be cancelled", async ({ page }, info) => {
  const file = info.outputPath("long.jsonl");
  writeFileSync(file, millionCalls(CALLS));
  const app = new App(page);
  await app.open();
  const picker = page.locator("input[type=file]").first();

  const cancelled = page.evaluate(whileReading, true);
  await picker.setInputFiles(file);
  const first = await cancelled;
  expect(first).toBeGreaterThan(5000);
  expect(first).toBeLessThan(CALLS);
  await expect(page.getByText(/Reading ended after [\d,]+ lines: it was stopped/)).toBeVisible();
  await expect(page.getByRole("progressbar")).toHaveCount(0);
  const kept = Number(await app.slider().getAttribute("max"));
  expect(kept).toBeGreaterThanOrEqual(first);
  expect(kept).toBeLessThan(CALLS);
  await app.goto(kept);
  await app.expectStep(kept);

  const reading = page.evaluate(whileReading, false);
  await picker.setInputFiles(file);
  expect(await reading).toBeLessThan(CALLS);
  await expect(app.slider()).toHaveAttribute("max", String(CALLS), { timeout: 30_000 });
  await expect(page.getByRole("progressbar")).toHaveCount(0);
  await app.expectStep(CALLS);
  await expect(page.getByText(`${(CALLS + 1).toLocaleString("en")} lines understood`)).toBeVisible();
  await expect(app.region("Calls").getByText(String(CALLS), { exact: true }).first()).toBeVisible();
  expect(app.problems).toEqual([]);
});
