/**
 * Makes the cases beside this file from the project's real captures: `npx tsx bench/links/make.ts`. Each is the beginning of
 * what a log says, 10, 30 or 100 calls of it; the long ones are runs of several virtual machines one after the other.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readInputs } from "../../src/scenario/read-inputs.ts";
import { scenarioJson } from "../../src/scenario/schema.ts";
import type { Scenario, ScenarioCall } from "../../src/scenario/scenario.ts";

const CAPTURES = join(import.meta.dirname, "../../conformance/captures");
const INTEL = "intel-reserved_regions-grep.txt";

async function read(...names: string[]): Promise<Scenario> {
  const { scenarios } = await readInputs(names.map((name) => ({ name, content: new Uint8Array(readFileSync(join(CAPTURES, `${name}.gz`))) })));
  const [scenario] = scenarios;
  if (!scenario) throw new Error(names.join(", "));
  return scenario;
}

/** What happens between two runs: the program ends, and another one begins. */
const NEXT_IOMMUFD: ScenarioCall[] = [{ call: "VFIO_CDEV_CLOSE", in: { dev: 0 } }, { call: "CLOSE_FD", in: { fd: 3 } }, { call: "IOMMUFD_OPEN", in: {} }];

function after(first: Scenario, between: ScenarioCall[], ...others: Scenario[]): Scenario {
  return { ...first, title: `${first.title}, then others`, calls: [...first.calls, ...others.flatMap(({ calls }) => [...between, ...calls])] };
}

const iommufd = await read("qemu-10.0-iommufd-4G.log", "qemu-10.0-iommufd-4G.stderr", INTEL);
const legacy = await read("qemu-10.0-legacy-4G.log", INTEL);
const newer = await read("qemu-11.1-iommufd-512M.log");
const ioctls = await read("intel-ioctls-iommufd.log", INTEL);
const ioctlsLegacy = await read("intel-ioctls-legacy.log", INTEL);
const amd = await read("amd-ioctls.log", "amd-reserved_regions-tail.txt");
const maps = await read("ram-layout.txt");

const cases: [string, Scenario, number[]][] = [
  ["qemu-iommufd", iommufd, [10, 30]], ["qemu-legacy", legacy, [10, 30]], ["qemu-11-iommufd", newer, [10, 30]], ["ioctls-iommufd", ioctls, [10, 30]], ["ioctls-legacy", ioctlsLegacy, [10, 30]], ["ioctls-amd", amd, [10, 30]],
  ["guest-maps", maps, [10, 30, 100]], ["qemu-iommufd-runs", after(iommufd, NEXT_IOMMUFD, newer, iommufd), [100]], ["qemu-legacy-runs", after(legacy, [], legacy, legacy), [100]],
  ["ioctls-iommufd-runs", after(ioctls, NEXT_IOMMUFD, newer, ioctls), [100]], ["ioctls-legacy-runs", after(ioctlsLegacy, [], legacy, ioctlsLegacy), [100]],
];
for (const [name, scenario, sizes] of cases) {
  for (const size of sizes) {
    if (scenario.calls.length < size) throw new Error(`${name} has ${scenario.calls.length} calls`);
    writeFileSync(join(import.meta.dirname, `${name}-${size}.json`), `${JSON.stringify(scenarioJson({ ...scenario, calls: scenario.calls.slice(0, size) }))}\n`);
  }
}
