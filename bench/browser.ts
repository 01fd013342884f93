/** A Chromium to measure in, and what to measure: paints, frames, long tasks, memory. */
import { chromium, type Browser, type BrowserContext, type Page } from "@playwright/test";
import { CHROMIUM_FLAGS, findChromium } from "../scripts/chromium.mjs";

declare global {
  interface Window {
    /** Durations of tasks of the main thread above 50 ms, since the page began. */
    longTasks: number[];
    /** Time between two frames, ms, while recording; null: not recording. */
    frameDeltas: number[] | null;
    /** When the input was given, ms of the page's clock. */
    givenAt?: number;
    /** When the first diagram of it was painted. */
    paintedAt?: number;
    /** When every step could be reached. */
    completeAt?: number;
  }
}

export function launch(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error("no Chromium: set CHROMIUM_PATH");
  return chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
}

/** Runs in the page: long tasks, and frames on demand. */
function watchMainThread(): void {
  window.longTasks = [];
  window.frameDeltas = null;
  new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: "longtask", buffered: true });
  let before = 0;
  const frame = (now: number) => {
    if (window.frameDeltas) window.frameDeltas.push(now - before);
    before = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

/** Runs in the page: notes when a file is given, when its first diagram is painted and when all `steps` can be reached. */
function watchOpening(steps: number): void {
  // A frame's callbacks run before it is laid out and painted, a timer set in them after it.
  const painted = (then: () => void) => setTimeout(then);
  const look = () => {
    if (window.givenAt !== undefined && window.paintedAt === undefined && document.querySelector('[aria-label="IOVA space"] svg rect')) painted(() => (window.paintedAt ??= performance.now()));
    const slider = document.querySelector<HTMLInputElement>('input[aria-label="Step"]');
    if (window.givenAt !== undefined && window.completeAt === undefined && Number(slider?.max) >= steps && !document.querySelector('[role="progressbar"], .busy')) painted(() => (window.completeAt ??= performance.now()));
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  document.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.type === "file") window.givenAt ??= performance.now();
  }, true);
}

export async function pageFor(context: BrowserContext, steps: number): Promise<Page> {
  const page = await context.newPage();
  await page.addInitScript(watchMainThread);
  await page.addInitScript(watchOpening, steps);
  return page;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Times between frames while `work` goes on. */
export async function framesDuring(page: Page, work: () => Promise<void>): Promise<number[]> {
  await page.evaluate(() => {
    window.frameDeltas = [];
  });
  await work();
  const deltas = await page.evaluate(() => {
    const all = window.frameDeltas ?? [];
    window.frameDeltas = null;
    return all;
  });
  // The first began before the work did.
  return deltas.slice(1);
}

interface HeapUsage {
  usedSize: number;
  /** Array buffers and the like, which the script's heap only points to. */
  backingStorageSize?: number;
}

/** MB of a page and its workers after a collection: the heaps of their scripts with the buffers they hold (CDP Runtime.getHeapUsage). */
export async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  const sum = (usage: HeapUsage) => (usage.usedSize + (usage.backingStorageSize ?? 0)) / 1e6;
  const workers: string[] = [];
  const answers = new Map<number, (value: unknown) => void>();
  let next = 1;
  session.on("Target.attachedToTarget", (event) => {
    if (event.targetInfo.type === "worker") workers.push(event.sessionId);
  });
  session.on("Target.receivedMessageFromTarget", (event) => {
    const reply = JSON.parse(event.message) as { id?: number; result?: unknown };
    if (reply.id !== undefined) answers.get(reply.id)?.(reply.result);
  });
  await session.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  const ask = (sessionId: string, method: string) =>
    new Promise<unknown>((resolve) => {
      const id = next++;
      answers.set(id, resolve);
      void session.send("Target.sendMessageToTarget", { sessionId, message: JSON.stringify({ id, method, params: {} }) });
    });
  await session.send("HeapProfiler.collectGarbage");
  let total = sum(await session.send("Runtime.getHeapUsage"));
  for (const worker of workers) {
    await ask(worker, "HeapProfiler.collectGarbage");
    total += sum((await ask(worker, "Runtime.getHeapUsage")) as HeapUsage);
  }
  await session.detach();
  return total;
}
