/** The peer: speedscope from npm, served from here, with a flat profile of as many ranges, opened as its users open one. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "@playwright/test";
import { serve } from "../scripts/serve.mjs";
import { framesDuring, heapOf, percentile } from "./browser.ts";
import { median } from "./line.ts";

const PORT = 4195;

export const PEER = "speedscope 1.25";

/** speedscope's own evented form: one frame, opened and closed `ranges` times. */
function profile(ranges: number): string {
  const events: string[] = [];
  for (let index = 0; index < ranges; index++) events.push(`{"type":"O","frame":0,"at":${index * 32}},{"type":"C","frame":0,"at":${index * 32 + 1 + ((index * 7) % 16)}}`);
  const profiles = `[{"type":"evented","name":"ranges","unit":"none","startValue":0,"endValue":${ranges * 32},"events":[${events.join(",")}]}]`;
  return `{"$schema":"https://www.speedscope.app/file-format-schema.json","shared":{"frames":[{"name":"range"}]},"profiles":${profiles}}`;
}

export interface PeerFigures {
  /** Until the profile is on screen, ms. */
  load: number;
  /** Time between frames while zooming, p95, ms. */
  frame: number;
  /** MB. */
  heap: number;
}

/** Medians of `runs`. */
export async function measurePeer(browser: Browser, ranges: number, runs: number): Promise<PeerFigures> {
  const root = mkdtempSync(join(tmpdir(), "iovascope-peer-"));
  cpSync("node_modules/speedscope/dist/release", root, { recursive: true });
  writeFileSync(join(root, "ranges.json"), profile(ranges));
  const server = await serve(root, PORT);
  const all: PeerFigures[] = [];
  try {
    for (let run = 0; run < runs; run++) {
      const context = await browser.newContext({ viewport: { width: 1600, height: 1000 } });
      const page = await context.newPage();
      await page.addInitScript(() => {
        window.frameDeltas = null;
        let before = 0;
        const frame = (now: number) => {
          if (window.frameDeltas) window.frameDeltas.push(now - before);
          before = now;
          // A flame chart is on screen once its canvas is large and the progress bar has gone.
          const canvas = [...document.querySelectorAll("canvas")].find((each) => each.clientWidth > 800 && each.clientHeight > 200);
          if (canvas && window.paintedAt === undefined && document.title.includes("ranges")) setTimeout(() => (window.paintedAt ??= performance.now()));
          requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
      });
      await page.goto(`http://127.0.0.1:${PORT}/#profileURL=${encodeURIComponent(`http://127.0.0.1:${PORT}/ranges.json`)}`);
      await page.waitForFunction(() => window.paintedAt, undefined, { timeout: 120_000 });
      const load = (await page.evaluate(() => window.paintedAt)) ?? Number.NaN;
      await page.waitForTimeout(500);
      await page.mouse.move(800, 500);
      const frames = await framesDuring(page, async () => {
        for (let turn = 0; turn < 60; turn++) {
          await page.keyboard.press(turn % 20 < 10 ? "+" : "-");
          await page.mouse.wheel(turn % 2 === 0 ? 60 : -60, 0);
          await page.waitForTimeout(16);
        }
      });
      all.push({ load, frame: percentile(frames, 0.95), heap: await heapOf(page) });
      await context.close();
    }
  } finally {
    server.close();
    rmSync(root, { recursive: true });
  }
  return { load: median(all.map((each) => each.load)), frame: median(all.map((each) => each.frame)), heap: median(all.map((each) => each.heap)) };
}
