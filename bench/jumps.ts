/**
 * A run of a million calls in ten IOAS, half a million areas live at its end: how soon the engine has a frame for any step and
 * for any window of a step, with all ten spaces stacked, and what it keeps in memory for that.
 */
import { readFileSync } from "node:fs";
import { wholeKernel } from "../src/kernel/whole.ts";
import { History } from "../src/engine/history.ts";
import { buildFrame } from "../src/engine/queries/frame.ts";
import type { IovaQuery } from "../src/engine/views.ts";
import { RecordingReader } from "../src/scenario/recording-reader.ts";
import { print } from "./line.ts";
import { millionCalls, millionVfio } from "./million-file.ts";

const CALLS = 1_000_000;
const ROUNDS = 200;
const PX = 1400;

/** The same numbers in every run, 0 ≤ x < 1. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 0x1_0000_0000;
}

/** What is in use. Buffers that nobody refers to go some time after the collection that found them. */
async function megabytes(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
}

function at95(times: number[]): number {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length * 0.95)] as number;
}

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function read(text: string) {
  const reader = new RecordingReader();
  reader.feed(new TextEncoder().encode(text));
  reader.end();
  return reader.sequence(0);
}

const scenario = read(millionCalls(CALLS));
const before = await megabytes();
const history = new History(scenario, wholeKernel);
const running = timed(() => {
  while (!history.advance(256));
});
if (history.outcome(CALLS) !== "OK") throw new Error("the model refused");
print({ name: "history-1m-run-ms", value: running, unit: "ms", better: "lower" });
print({ name: "history-1m-mb", value: (await megabytes()) - before, unit: "MB", better: "lower", goal: 90 });

const random = seeded(7);
const LAST = 0x1000_0000 + 75_000 * 32 * 0x1000;
const whole = { first: 0, last: LAST };
const all = buildFrame(history, CALLS, { space: null, window: null, px: PX }).spaces.map((space) => space.key);
const query = (window: { first: number; last: number } | null): IovaQuery => ({
  space: all[0] ?? null, window, px: PX, also: all.slice(1), stretches: [{ ...(window ?? whole), columns: PX }],
});

const jumps: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const step = 1 + Math.floor(random() * CALLS);
  jumps.push(timed(() => buildFrame(history, step, query(null))));
}
print({ name: "jump-1m-engine-p95", value: at95(jumps), unit: "ms", better: "lower", goal: 30 });

const pans: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const size = Math.floor(LAST * 2 ** (-12 * random()));
  const first = Math.floor(random() * (LAST - size));
  pans.push(timed(() => buildFrame(history, CALLS - 1, query({ first, last: first + size }))));
}
print({ name: "pan-1m-engine-p95", value: at95(pans.slice(1)), unit: "ms", better: "lower", goal: 5 });
print({ name: "history-1m-after-mb", value: (await megabytes()) - before, unit: "MB", better: "lower", goal: 90 });

/** Processor time of this thread, ms: other work on the machine does not count. Where the system does not tell, the clock. */
function spent(): number {
  try {
    return Number(readFileSync("/proc/thread-self/schedstat", "utf8").split(" ")[0]) / 1e6;
  } catch {
    return performance.now();
  }
}

/** Frames of steps anywhere, each in processor time. */
function jumpsOver(run: History, wanted: IovaQuery, rounds: number): number[] {
  return Array.from({ length: rounds }, () => {
    const step = 1 + Math.floor(random() * run.length);
    const start = spent();
    buildFrame(run, step, wanted);
    return spent() - start;
  });
}

const vfio = read(millionVfio(CALLS));
const beforeVfio = await megabytes();
const container = new History(vfio, wholeKernel);
const vfioStart = spent();
while (!container.advance(256));
print({ name: "vfio-1m-run-ms", value: spent() - vfioStart, unit: "ms", better: "lower" });
const reach = { first: 0, last: 0x1_0000_0000 + 750_000 * 16 * 0x1000 };
print({ name: "jump-vfio-1m-p95", value: at95(jumpsOver(container, { space: null, window: null, px: PX, stretches: [{ ...reach, columns: PX }] }, ROUNDS)), unit: "ms", better: "lower", goal: 20 });
print({ name: "vfio-1m-after-mb", value: (await megabytes()) - beforeVfio, unit: "MB", better: "lower", goal: 120 });

const OBJECTS = 50_000;
const objects = new History({ title: "many objects", trace: "iommufd", platform: { kind: "mock" }, calls: Array.from({ length: OBJECTS }, () => ({ call: "IOMMU_IOAS_ALLOC", in: { flags: 0 } })) }, wholeKernel);
objects.advance();
print({ name: "jump-50k-objects-p95", value: at95(jumpsOver(objects, { space: null, window: null, px: PX }, 30)), unit: "ms", better: "lower" });
print({ name: "frame-50k-objects-kb", value: JSON.stringify(buildFrame(objects, OBJECTS, { space: null, window: null, px: PX }), (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)).length / 1000, unit: "kB", better: "lower", goal: 200 });
