/**
 * One million one-page areas in one IOAS, in shuffled order: whole IOMMU_IOAS_MAP and IOMMU_IOAS_UNMAP calls with all their
 * checks and the history they leave, beside ordered maps that only insert and delete.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import NodeIntervalTree from "node-interval-tree";
import SortedBTree from "sorted-btree";
import { Checkpoints, copyOf, copyOfHead } from "../src/engine/checkpoints.ts";
import { History } from "../src/engine/history.ts";
import { AreaRecorder } from "../src/kernel/ranges/area-recorder.ts";
import { CallTrace } from "../src/kernel/call-trace.ts";
import { Machine } from "../src/kernel/machine.ts";
import { wholeKernel } from "../src/kernel/whole.ts";
import { machineConfig } from "../src/scenario/machine-config.ts";
import type { Scenario, ScenarioCall } from "../src/scenario/scenario.ts";
import { median, medianOf, print } from "./line.ts";

/** Both packages are CommonJS: as modules of Node their class is one level deeper than their types say. */
function classIn<Class>(found: Class): Class {
  return (found as { default?: Class }).default ?? found;
}
const BTree = classIn(SortedBTree);
const IntervalTree = classIn(NodeIntervalTree);

const AREAS = 1_000_000;
const PAGE = 4096;
const FIXED_READ_WRITE = 7;

/** A shuffled order that is the same in every run. */
function shuffled(count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  let seed = 12345;
  for (let index = count - 1; index > 0; index--) {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    const other = seed % (index + 1);
    [order[index], order[other]] = [order[other] as number, order[index] as number];
  }
  return order;
}

const order = shuffled(AREAS);
/** Every second page stays free, so that no two areas touch. */
const iovaOf = (index: number) => 0x1000000 + index * 2 * PAGE;
const alloc: ScenarioCall = { call: "IOMMU_IOAS_ALLOC", in: { flags: 0 } };
const hexOf = (value: number) => `0x${value.toString(16)}`;
const mapCall = (index: number): ScenarioCall => ({
  call: "IOMMU_IOAS_MAP", in: { flags: FIXED_READ_WRITE, ioas_id: 1, user_va: "0x100000000", length: "0x1000", iova: hexOf(iovaOf(index)) },
});
const unmapCall = (index: number): ScenarioCall => ({ call: "IOMMU_IOAS_UNMAP", in: { ioas_id: 1, iova: hexOf(iovaOf(index)), length: "0x1000" } });
const scenarioOf = (calls: ScenarioCall[]): Scenario => ({ title: "a million areas", trace: "iommufd", platform: { kind: "mock" }, calls });

function microseconds(work: () => void, count: number): number {
  globalThis.gc?.();
  const start = performance.now();
  work();
  return ((performance.now() - start) * 1000) / count;
}

interface PerCall {
  map: number;
  unmap: number;
}

/**
 * Whole calls on a machine, with every check, and the history they leave: an outcome each, the areas as they come and go, and
 * copies of the machine at the distances that a History keeps them. Fields are numbers, as the peers' keys are; see throughHistory for calls as JSON.
 */
function model(): PerCall {
  const machine = new Machine(machineConfig(scenarioOf([])), wholeKernel);
  machine.run(machine.ready(alloc));
  const recorder = new AreaRecorder();
  machine.journal.recorder = recorder;
  const checkpoints = new Checkpoints(copyOf(0, machine));
  const outcomes = new Uint8Array(2 * AREAS);
  let step = 0;
  const all = (call: ScenarioCall) => {
    const ready = machine.ready(call);
    return microseconds(() => {
      for (const index of order) {
        const trace = new CallTrace(false);
        recorder.begin(step + 1);
        const answer = machine.run({ ...ready, fields: { ...ready.fields, iova: iovaOf(index) } }, trace);
        if (answer.errno !== "OK") throw new Error(`the model refused: ${answer.errno}`);
        outcomes[step++] = 1;
        if (checkpoints.isDue(step)) checkpoints.add(copyOfHead(step, machine));
      }
    }, AREAS);
  };
  return { map: all(mapCall(0)), unmap: all(unmapCall(0)) };
}

/** The same through a History, from a scenario of two million calls as JSON: addresses are read from their text. */
function throughHistory(): PerCall {
  const calls: ScenarioCall[] = [alloc];
  for (const index of order) calls.push(mapCall(index));
  for (const index of order) calls.push(unmapCall(index));
  const history = new History(scenarioOf(calls), wholeKernel);
  history.advance(1);
  const map = microseconds(() => history.advance(AREAS), AREAS);
  const unmap = microseconds(() => history.advance(AREAS), AREAS);
  if (history.outcome(AREAS) !== "OK" || history.outcome(2 * AREAS) !== "OK") throw new Error("the model refused");
  return { map, unmap };
}

/** Memory of the model alone, history apart. Measured first: what others leave behind goes when it likes. */
function bytesPerArea(): number {
  const machine = new Machine(machineConfig(scenarioOf([])), wholeKernel);
  const used = () => {
    globalThis.gc?.();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  machine.run(machine.ready(alloc));
  for (const index of order) machine.run(machine.ready(mapCall(index)));
  const bytes = (used() - before) / AREAS;
  if (machine.iommufd.spaces().length !== 1) throw new Error("the model lost its IOAS");
  return bytes;
}

function sortedBtree(): { insert: number; remove: number } {
  const tree = new BTree<number, number>();
  const insert = microseconds(() => {
    for (const index of order) tree.set(iovaOf(index), index);
  }, AREAS);
  const remove = microseconds(() => {
    for (const index of order) tree.delete(iovaOf(index));
  }, AREAS);
  return { insert, remove };
}

function nodeIntervalTree(): { insert: number; remove: number } {
  const tree = new IntervalTree<number>();
  const insert = microseconds(() => {
    for (const index of order) tree.insert(iovaOf(index), iovaOf(index) + PAGE - 1, index);
  }, AREAS);
  const remove = microseconds(() => {
    for (const index of order) tree.remove(iovaOf(index), iovaOf(index) + PAGE - 1, index);
  }, AREAS);
  return { insert, remove };
}

/** A native ordered map, where a C++ compiler is at hand. */
function stdMap(): number | null {
  const folder = mkdtempSync(join(tmpdir(), "iovascope-bench-"));
  try {
    writeFileSync(join(folder, "map.cpp"), `#include <chrono>
#include <cstdint>
#include <cstdio>
#include <map>
#include <vector>
int main() { const uint32_t n = ${AREAS}; std::vector<uint32_t> order(n); for (uint32_t i = 0; i < n; i++) order[i] = i; uint32_t seed = 12345;
for (uint32_t i = n - 1; i > 0; i--) { seed = seed * 1103515245u + 12345u; std::swap(order[i], order[seed % (i + 1)]); }
std::map<uint64_t, uint64_t> areas; auto start = std::chrono::steady_clock::now();
for (uint32_t i : order) areas.emplace(0x1000000ull + uint64_t(i) * 8192, i);
std::printf("%f", std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count() / n); }`);
    execFileSync("g++", ["-O2", "-o", join(folder, "map"), join(folder, "map.cpp")], { stdio: "ignore" });
    return Number(execFileSync(join(folder, "map"), { encoding: "utf8" }));
  } catch {
    return null;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const bytes = bytesPerArea();
const models = [model(), model(), model()];
const json = throughHistory();
const btrees = [sortedBtree(), sortedBtree(), sortedBtree()];
const intervalTree = nodeIntervalTree();
const map = median(models.map((run) => run.map));
const unmap = median(models.map((run) => run.unmap));
const insert = median(btrees.map((run) => run.insert));
const remove = median(btrees.map((run) => run.remove));
print({ name: "model-map", value: map / insert, unit: "× sorted-btree", better: "lower", goal: 1.5, peer: "sorted-btree", peer_value: 1 });
print({ name: "model-unmap", value: unmap / remove, unit: "× sorted-btree", better: "lower", goal: 1.5, peer: "sorted-btree", peer_value: 1 });
print({ name: "model-bytes-per-area", value: bytes, unit: "bytes", better: "lower", goal: 64 });
print({ name: "model-map-us", value: map, unit: "µs", better: "lower", peer: "sorted-btree", peer_value: insert });
print({ name: "model-unmap-us", value: unmap, unit: "µs", better: "lower", peer: "sorted-btree", peer_value: remove });
print({ name: "model-map-speedup", value: intervalTree.insert / map, unit: "× node-interval-tree", better: "higher", goal: 5, peer: "node-interval-tree", peer_value: 1 });
print({ name: "model-map-json-us", value: json.map, unit: "µs", better: "lower" });
print({ name: "model-unmap-json-us", value: json.unmap, unit: "µs", better: "lower" });
const native = stdMap();
if (native !== null) print({ name: "model-map-native", value: map / native, unit: "× std::map", better: "lower", peer: "std::map", peer_value: 1 });

const full = new Machine(machineConfig(scenarioOf([])), wholeKernel);
for (const call of [alloc, ...Array.from({ length: 100_000 }, (_, index) => mapCall(index))]) full.run(full.ready(call));
const space = full.iommufd.spaces()[0];
if (!space) throw new Error("no IOAS");
const lookups = order.subarray(0, 100_000);
print({
  name: "model-lookup-us", unit: "µs", better: "lower",
  value: await medianOf(3, () => microseconds(() => {
    for (const index of lookups) space.eachMapping(iovaOf(index % 100_000), iovaOf(index % 100_000), () => false);
  }, lookups.length)),
});
print({
  name: "model-attach-100k-ms", unit: "ms", better: "lower",
  value: await medianOf(3, () => {
    const machine = full.clone();
    const attach = machine.ready({ call: "IOMMU_TEST_OP_MOCK_DOMAIN", in: { id: 1 } });
    return microseconds(() => machine.run(attach, new CallTrace(false)), 1000);
  }),
});
