/** Facts to scenarios: one for each source of calls; without any, the refusals' own story, or a survey of the platform. */
import { unreachable } from "../../base/assert.ts";
import { humanSize, plural } from "../../base/format.ts";
import { AT_ONCE, type Slices } from "../slices.ts";
import { parseU64 } from "../../base/u64.ts";
import type { Facts, Stream } from "../readers/facts.ts";
import type { IoctlEvent } from "../readers/ioctl-log-events.ts";
import type { AnyScenario, Scenario, ScenarioCall } from "../scenario.ts";
import { completeSteps, failureCalls } from "./failures.ts";
import { guestMapCalls } from "./guest-map.ts";
import { ioctlCalls, processesOf } from "./ioctls.ts";
import { replaceMapFile } from "./map-file.ts";
import { pageTableCalls } from "./page-table.ts";
import { platformOf } from "./platform.ts";
import { Roster } from "./roster.ts";
import { rememberOrigins, type Steps } from "./steps.ts";
import { surveyCalls } from "./survey.ts";
import { syzScenario } from "./syz.ts";
import { Tally } from "./tally.ts";
import { isIommufdTrace, traceCalls } from "./trace.ts";
import { plannedScenario } from "./planned.ts";

/** What the facts tell, all inputs together; others have a turn in between. */
export async function scenariosOf(facts: Facts, slices: Slices = AT_ONCE): Promise<AnyScenario[]> {
  const scenarios: AnyScenario[] = [];
  const { streams } = facts;
  for (const [index, stream] of streams.entries()) {
    scenarios.push(...(await streamScenarios(stream, facts, { between: (part = 0) => slices.between((index + part) / streams.length) })));
  }
  if (scenarios.length > 0) return scenarios;
  const roster = new Roster(facts);
  const told = failureCalls(facts, roster);
  if (told && told.calls.length > 0) return [scenario(facts, roster, told, titleOfFailure(told.calls))];
  const planned = plannedScenario(facts);
  if (planned) return [planned];
  return hasPlatform(facts) ? [survey(facts)] : [];
}

function hasPlatform(facts: Facts): boolean {
  return facts.groups.size + facts.devices.size + facts.loose.length + facts.unitBits.length + facts.firmware.length + facts.failures.length + facts.hints.length + facts.faults.length > 0 || facts.vendor !== null || facts.memlock !== null;
}

async function streamScenarios(stream: Stream, facts: Facts, slices: Slices): Promise<AnyScenario[]> {
  switch (stream.kind) {
    case "trace": {
      // A trace of registers and interrupts alone tells no calls.
      const kinds = stream.events.kinds("event");
      if (![...kinds].some((kind) => kind !== "bar-size" && kind !== "config-write")) return [];
      const roster = new Roster(facts);
      const steps = await traceCalls(stream.events, facts, roster, stream.input, slices);
      completeSteps(steps, facts);
      const devices = roster.used.filter((device) => !device.boundToHost).map((device) => device.name);
      return steps.count === 0 ? [] : [scenario(facts, roster, steps, `QEMU ${isIommufdTrace(stream.events) ? "iommufd" : "VFIO"} trace of ${devices.join(", ")}`)];
    }
    case "ioctls":
      return processesOf(stream.events).map((events) => {
        const roster = new Roster(facts);
        return scenario(facts, roster, ioctlCalls(events, roster, { input: stream.input, keep: facts.keepsOrigins }), `ioctls of ${events[0]?.comm || "a traced process"}`, events);
      });
    case "page-table": {
      const roster = new Roster(facts);
      return [scenario(facts, roster, await pageTableCalls(stream.events, facts, roster, stream.input, slices), "What the iommu trace events mapped")];
    }
    case "syz":
      return [syzScenario(stream.events, { input: stream.input, keep: facts.keepsOrigins })];
    case "guest-map": {
      if (stream.ranges.length === 0) return [];
      const roster = new Roster(facts);
      return [scenario(facts, roster, guestMapCalls(stream.ranges, facts, roster, stream.input), "The memory map of a guest")];
    }
    default:
      return unreachable(stream);
  }
}

function survey(facts: Facts): AnyScenario {
  const roster = new Roster(facts);
  const steps = surveyCalls(facts, roster);
  const groups = new Set(roster.used.map((device) => device.group)).size;
  const last = steps.calls.at(-1);
  const said = messageOf(facts);
  if (said !== null && last) last.note = said.note;
  return scenario(facts, roster, steps, said?.title ?? `Reserved regions of ${plural(groups, "group")}`);
}

/** A refusal that names no call of which we know the fields, in a sentence and as a title; null without one. */
function messageOf(facts: Facts): { title: string; note: string } | null {
  for (const failure of facts.failures) {
    if (failure.kind === "width") return { title: "A guest's IOMMU wider than the host's", note: `the VMM refuses: the guest's IOMMU would have ${failure.guest} bits, the host's has ${failure.host}` };
    if (failure.kind === "bar-efault") return { title: "Mapping a PCI BAR: EFAULT", note: "the log says that mapping a PCI BAR failed with EFAULT: device memory can't be pinned; it does not say where" };
    if (failure.kind === "map-errno") return { title: `Mapping memory: ${failure.errno ?? "failed"}`, note: `the log says that a mapping failed with ${failure.errno ?? "an error"}, but not at which address` };
  }
  return facts.memlock === null ? null : { title: "Pinning memory: over RLIMIT_MEMLOCK", note: `the log says that pinning memory failed: RLIMIT_MEMLOCK of ${humanSize(facts.memlock)} was exceeded` };
}

function titleOfFailure(calls: ScenarioCall[]): string {
  const failed = calls.find((step) => step.recorded?.failed || (step.recorded?.errno !== undefined && step.recorded.errno !== "OK"));
  if (!failed) return "a refused device";
  const where = typeof failed.in.iova === "string" ? ` at ${failed.in.iova}` : "";
  return `${failed.call}${where}: ${failed.recorded?.errno ?? "failed"}`;
}

function scenario(facts: Facts, roster: Roster, steps: Steps, title: string, ioctls: IoctlEvent[] = []): AnyScenario {
  const { calls, settled } = steps;
  const tally = settled?.tally ?? new Tally();
  for (const step of calls) {
    replaceMapFile(step);
    tally.take(step);
    settled?.calls.add(step);
  }
  const { usesIommufd, usesContainer } = tally;
  const made: Omit<Scenario, "calls"> = { title, platform: platformOf(facts, roster, tally, ioctls), trace: usesIommufd ? "iommufd" : "vfio-type1" };
  if (usesIommufd && usesContainer) made.container = "type1";
  if (facts.kernel !== null) made.kernel = facts.kernel;
  // Of calls that were packed on the way none was refused with ENOSPC: messages tell that, and there were none.
  const limit = settled ? null : entryLimit(calls);
  if (limit !== null) made.dma_entry_limit = limit;
  const whole: AnyScenario = settled ? { ...made, calls: settled.calls.finish() } : { ...made, calls };
  rememberOrigins(whole, steps);
  return whole;
}

/** ENOSPC: the container was full. How many mappings it held then is its limit (module parameter dma_entry_limit). */
function entryLimit(calls: ScenarioCall[]): number | null {
  const full = calls.findIndex((step) => step.call === "VFIO_IOMMU_MAP_DMA" && step.recorded?.errno === "ENOSPC");
  if (full < 0) return null;
  const live = new Map<string, bigint>();
  for (const step of calls.slice(0, full)) {
    const failed = step.recorded?.errno !== undefined && step.recorded.errno !== "OK";
    if (step.call === "VFIO_IOMMU_MAP_DMA" && !failed) live.set(step.in.iova as string, BigInt(parseU64(step.in.size) ?? 0));
    if (step.call !== "VFIO_IOMMU_UNMAP_DMA" || failed) continue;
    const first = BigInt(parseU64(step.in.iova) ?? 0);
    const size = BigInt(parseU64(step.in.size) ?? 0);
    const end = first + size;
    // Mostly one whole mapping goes; then there is nothing to look for.
    if (live.get(step.in.iova as string) === size) {
      live.delete(step.in.iova as string);
      continue;
    }
    for (const iova of live.keys()) if (BigInt(iova) >= first && BigInt(iova) < end) live.delete(iova);
  }
  // A message alone tells of no mappings before it: then the container is taken as full from the start.
  return live.size;
}
