/** Reading what people bring, at the size of a million lines or calls, as the page's worker does it. */
import { mkdtempSync, openAsBlob, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NOBODY } from "../src/engine/run-through.ts";
import { readAndRun } from "../src/engine/open.ts";
import { Session } from "../src/engine/session.ts";
import { kernelLog, otherLog, qemuTrace, tableTrace } from "../src/scenario/samples/long-logs.ts";
import { median, medianOf, print } from "./line.ts";
import { millionCalls } from "./million-file.ts";

const MILLION = 1_000_000;
const folder = mkdtempSync(join(tmpdir(), "iovascope-read-"));

/** A text as a file, so that the bench itself does not hold it. */
function written(name: string, text: string): { name: string; path: string; size: number } {
  const path = join(folder, name);
  writeFileSync(path, text);
  return { name, path, size: Buffer.byteLength(text) };
}

/**
 * Megabytes a second, from the file to the scenario made of it: by the clock, and by processor time, which says the same
 * of a machine that has nothing else to do.
 */
async function speedOf(file: { name: string; path: string; size: number }): Promise<{ clock: number; processor: number }> {
  const content = await openAsBlob(file.path);
  globalThis.gc?.();
  const start = performance.now();
  const before = process.cpuUsage();
  const { scenarios } = await readAndRun([{ name: file.name, content }], NOBODY, () => {});
  const { user, system } = process.cpuUsage(before);
  if (scenarios.length !== 1) throw new Error(`${file.name}: ${scenarios.length} scenarios`);
  return { clock: file.size / 1000 / (performance.now() - start), processor: file.size / (user + system) };
}

/** Prints the median of several runs by the clock, and beside it that by processor time. */
async function printSpeed(name: string, file: { name: string; path: string; size: number }, goal?: number): Promise<void> {
  const runs = [await speedOf(file), await speedOf(file), await speedOf(file)];
  const more = { unit: "MB/s", better: "higher" as const };
  print({ name, value: median(runs.map(({ clock }) => clock)), ...more, ...(goal !== undefined && { goal }) });
  print({ name: `${name}-processor`, value: median(runs.map(({ processor }) => processor)), ...more });
}

/** Bytes in use, what is garbage by then among them. */
function used(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** By how many times its size memory grows while a file is read, at the most. */
async function memoryOf(file: { name: string; path: string; size: number }): Promise<number> {
  const content = await openAsBlob(file.path);
  globalThis.gc?.();
  const before = used();
  let most = before;
  const look = () => void (most = Math.max(most, used()));
  await readAndRun([{ name: file.name, content }], { between: look }, () => {});
  look();
  return (most - before) / file.size;
}

try {
  const trace = written("trace.log", qemuTrace(MILLION));
  print({ name: "read-memory-ratio", value: await memoryOf(trace), unit: "× the text", better: "lower", goal: 3 });
  await printSpeed("read-trace-mb-s", trace, 50);
  const tables = written("tables.log", tableTrace(MILLION / 2));
  print({ name: "read-tables-memory-ratio", value: await memoryOf(tables), unit: "× the text", better: "lower", goal: 3 });
  await printSpeed("read-tables-mb-s", tables, 35);
  await printSpeed("read-perf-mb-s", written("perf.log", tableTrace(MILLION / 2, "perf")), 35);
  await printSpeed("read-dmesg-mb-s", written("dmesg.log", kernelLog(MILLION / 2)));
  // One line that is understood makes a scenario of it.
  await printSpeed("read-noise-mb-s", written("other.log", `${otherLog(MILLION / 2)}vfio_dma_map(0x557a, 0xfee00000, 0x1000, 0x7f0000000000) = -22 (Invalid argument)\n`));
  const calls = written("million.jsonl", millionCalls());
  print({
    name: "load-1m-engine", unit: "ms", better: "lower",
    value: await medianOf(3, async () => {
      const content = await openAsBlob(calls.path);
      globalThis.gc?.();
      const start = performance.now();
      const { loaded } = await new Session().open([{ name: calls.name, content }]);
      if (loaded?.steps !== MILLION) throw new Error("not a million calls");
      return performance.now() - start;
    }),
  });
} finally {
  rmSync(folder, { recursive: true });
}
