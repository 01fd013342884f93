/** Reading what people bring, at the size of a million lines or calls, as the page's worker does it. */
import { mkdtempSync, openAsBlob, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NOBODY } from "../src/engine/run-through.ts";
import { readAndRun } from "../src/engine/open.ts";
import { Session } from "../src/engine/session.ts";
import { kernelLog, qemuTrace } from "../src/scenario/samples/long-logs.ts";
import { medianOf, print } from "./line.ts";
import { millionCalls } from "./million-file.ts";

const MILLION = 1_000_000;
const folder = mkdtempSync(join(tmpdir(), "iovascope-read-"));

/** A text as a file, so that the bench itself does not hold it. */
function written(name: string, text: string): { name: string; path: string; size: number } {
  const path = join(folder, name);
  writeFileSync(path, text);
  return { name, path, size: Buffer.byteLength(text) };
}

/** Megabytes a second, from the file to the scenario made of it. */
async function speedOf(file: { name: string; path: string; size: number }): Promise<number> {
  const content = await openAsBlob(file.path);
  globalThis.gc?.();
  const start = performance.now();
  const { scenarios } = await readAndRun([{ name: file.name, content }], NOBODY, () => {});
  if (scenarios.length !== 1) throw new Error(`${file.name}: ${scenarios.length} scenarios`);
  return file.size / 1000 / (performance.now() - start);
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
  print({ name: "read-trace-mb-s", value: await medianOf(3, () => speedOf(trace)), unit: "MB/s", better: "higher", goal: 50 });
  const log = written("dmesg.log", kernelLog(MILLION / 5));
  print({ name: "read-dmesg-mb-s", value: await medianOf(3, () => speedOf(log)), unit: "MB/s", better: "higher" });
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
