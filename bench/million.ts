/**
 * The page with a million calls, in a real Chromium, beside speedscope with a million ranges in the same run: a file of
 * 1,000,000 calls that leave 500,000 areas (opening it, jumping to any step), and one of 1,000,000 maps, ten IOAS above each
 * other (panning and zooming). Medians of three runs.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "@playwright/test";
import { serve } from "../scripts/serve.mjs";
import { framesDuring, heapOf, launch, pageFor, percentile } from "./browser.ts";
import { median, print } from "./line.ts";
import { millionCalls } from "./million-file.ts";
import { millionMaps } from "./million-maps.ts";
import { measurePeer, PEER } from "./speedscope.ts";

const PORT = 4196;
const CALLS = 1_000_000;
const RUNS = 3;
const JUMPS = 40;
const GESTURES = 150;

interface Figures {
  first: number;
  complete: number;
  task: number;
  jump: number;
  heap: number;
}

async function opened(browser: Browser, file: string, steps: number): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1600, height: 1000 } });
  const page = await pageFor(context, steps);
  await page.goto(`http://127.0.0.1:${PORT}/`);
  await page.waitForFunction(() => (window as { iovascope?: unknown }).iovascope !== undefined);
  // As a person comes: the start page stands, what is fetched beside it has been fetched.
  await page.waitForTimeout(800);
  await page.evaluate(() => (window.longTasks.length = 0));
  await page.locator("input[type=file]").first().setInputFiles(file);
  await page.waitForFunction(() => window.completeAt, undefined, { timeout: 120_000 });
  return page;
}

/** Jumps by a press on the timeline; until the frame in which the diagram of that step is seen has been painted. */
async function jumps(page: Page): Promise<number[]> {
  await page.evaluate(() => {
    const state = window as unknown as { jumpFrom: number; jumpTimes: number[] };
    state.jumpTimes = [];
    document.addEventListener("input", (event) => {
      const slider = event.target as HTMLInputElement;
      const began = event.timeStamp;
      const wanted = slider.value;
      const look = () => {
        if (document.querySelector(".dg-iova")?.getAttribute("data-step") === wanted) setTimeout(() => state.jumpTimes.push(performance.now() - began));
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    }, true);
  });
  const box = await page.getByRole("slider", { name: "Step", exact: true }).boundingBox();
  if (!box) throw new Error("no timeline");
  for (let jump = 0; jump < JUMPS; jump++) {
    const share = ((jump * 61) % 97) / 97;
    await page.mouse.click(box.x + 14 + share * (box.width - 28), box.y + 16);
    await page.waitForFunction((count) => (window as unknown as { jumpTimes: number[] }).jumpTimes.length > count, jump, { timeout: 20_000 });
    await page.waitForTimeout(60);
  }
  return page.evaluate(() => (window as unknown as { jumpTimes: number[] }).jumpTimes);
}

async function openAndJump(browser: Browser, file: string): Promise<Figures> {
  const page = await opened(browser, file, CALLS);
  const [first, complete, task] = await page.evaluate(() => [window.paintedAt! - window.givenAt!, window.completeAt! - window.givenAt!, Math.max(0, ...window.longTasks)] as const);
  await page.waitForTimeout(1500);
  const jump = percentile(await jumps(page), 0.95);
  const heap = await heapOf(page);
  await page.context().close();
  return { first, complete, task, jump, heap };
}

async function pan(browser: Browser, file: string): Promise<number> {
  const page = await opened(browser, file, CALLS);
  await page.getByRole("button", { name: "Beside…" }).click();
  await page.getByRole("button", { name: "All 9" }).click();
  await page.keyboard.press("Escape");
  await page.waitForTimeout(1500);
  const strip = await page.locator("canvas.dg-dense").first().boundingBox();
  if (!strip) throw new Error("no crowded lanes");
  const lanes = await page.locator("canvas.dg-dense").count();
  if (lanes !== 10) throw new Error(`${lanes} crowded lanes, not 10`);
  // Over the crowd, wherever the axis puts it.
  const place = await page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>("canvas.dg-dense")!;
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, 1);
    const filled = Array.from({ length: canvas.width }, (_, px) => px).filter((px) => data[px * 4 + 3]! > 0);
    return canvas.getBoundingClientRect().left + filled[filled.length >> 1]!;
  });
  await page.mouse.move(place, strip.y + strip.height / 2);
  const frames = await framesDuring(page, async () => {
    for (let turn = 0; turn < GESTURES; turn++) {
      const phase = turn % 50;
      if (phase < 12) await page.mouse.wheel(0, -60);
      else if (phase < 38) await page.mouse.wheel(phase % 26 < 13 ? 70 : -70, 0);
      else await page.mouse.wheel(0, 60);
      await page.waitForTimeout(12);
    }
  });
  await page.context().close();
  return percentile(frames, 0.95);
}

/** A link of 100 calls in a page whose script has run: from the moment it is in the address until it is painted, ms. */
async function openLink(browser: Browser, link: string): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 1600, height: 1000 } });
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${PORT}/`);
  await page.waitForFunction(() => (window as { iovascope?: unknown }).iovascope !== undefined);
  await page.waitForTimeout(1000);
  const took = await page.evaluate(
    (fragment) =>
      new Promise<number>((resolve) => {
        const began = performance.now();
        const look = () => {
          if (document.querySelector('[aria-label="IOVA space"] svg rect')) setTimeout(() => resolve(performance.now() - began));
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
        location.hash = fragment;
      }),
    link.slice(link.indexOf("#")),
  );
  await context.close();
  return took;
}

const folder = mkdtempSync(join(tmpdir(), "iovascope-bench-"));
const server = await serve("dist", PORT);
const browser = await launch();
const note = (text: string) => process.stderr.write(`million: ${text}\n`);
try {
  const [mixed, maps, hundred] = ["mixed.jsonl", "maps.jsonl", "hundred.jsonl"].map((name) => join(folder, name)) as [string, string, string];
  writeFileSync(mixed, millionCalls(CALLS));
  writeFileSync(maps, millionMaps(CALLS));
  writeFileSync(hundred, millionCalls(100));
  const link = execFileSync("npx", ["tsx", "src/cli/main.ts", "link", hundred], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  const links: number[] = [];
  for (let run = 0; run < RUNS; run++) links.push(await openLink(browser, link));
  print({ name: "link-100-open", value: median(links), unit: "ms", better: "lower", goal: 150 });
  note("the peer");
  const peer = await measurePeer(browser, CALLS, RUNS);
  note("opening and jumping");
  const all: Figures[] = [];
  for (let run = 0; run < RUNS; run++) all.push(await openAndJump(browser, mixed));
  const of = (name: keyof Figures) => median(all.map((each) => each[name]));
  print({ name: "load-1m-first-diagram", value: of("first"), unit: "ms", better: "lower", goal: 1000, peer: PEER, peer_value: peer.load });
  print({ name: "load-1m-complete", value: of("complete"), unit: "ms", better: "lower", goal: 4000, peer: PEER, peer_value: peer.load });
  print({ name: "jump-1m-p95", value: of("jump"), unit: "ms", better: "lower", goal: 50 });
  print({ name: "heap-1m", value: of("heap"), unit: "MB", better: "lower", goal: 200, peer: PEER, peer_value: peer.heap });
  // The browser reports tasks above 50 ms only: 0 means that there was none.
  print({ name: "longest-task-load", value: of("task"), unit: "ms", better: "lower", goal: 50 });
  note("panning");
  const frames: number[] = [];
  for (let run = 0; run < RUNS; run++) frames.push(await pan(browser, maps));
  print({ name: "pan-1m-p95", value: median(frames), unit: "ms", better: "lower", goal: 25, peer: PEER, peer_value: peer.frame });
} finally {
  await browser.close();
  server.close();
  rmSync(folder, { recursive: true });
}
