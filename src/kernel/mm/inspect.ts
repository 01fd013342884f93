/** What the processes show of themselves. */
import type { Json } from "../../base/json.ts";
import { plural } from "../../base/format.ts";
import type { ObjectEdge, ObjectGraph, ObjectNode } from "../inspect.ts";
import type { Era } from "./era.ts";
import { deviceRef, mmRef, MSR_VALID, processRef, type Device, type MmStruct, type Process, type World } from "./world.ts";

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** All of it as plain JSON; null while nothing has happened. MSRs are hex strings. */
export function stateOf(world: World, era: Era): Json {
  if (world.processes.size === 0 && world.devices.size === 0) return null;
  return {
    enqcmd: world.enqcmd, iommu_max_pasids: world.iommuMaxPasids,
    processes: [...world.processes.values()].map((process): Json => ({
      process: process.name, stage: process.stage, mm: process.mm.name,
      threads: process.threads.map((thread): Json => ({ thread: thread.number, msr: hex(thread.msr), activated: thread.activated })),
      open: process.handles.map((handle): Json => ({ ...handle })),
    })),
    mms: world.mms().map((mm): Json => ({ mm: mm.name, users: mm.users, count: mm.count, torn_down: mm.torn, pasid: era.pasidJson(mm) })),
    bindings: world.bindings.map((binding): Json => ({
      binding: binding.name, mm: binding.mm?.name ?? null, pasid: binding.pasid, private: binding.private, devices: Object.fromEntries([...binding.devices].map(([name, { users }]) => [name, users])),
    })),
    devices: [...world.devices.values()].map((device): Json => ({
      device: device.name, max_pasids: device.maxPasids, table: Object.fromEntries([...device.table].map(([pasid, { mm }]) => [String(pasid), mm?.name ?? "kernel"])),
      queue: device.queue.map(({ name, pasid, process }): Json => ({ work: name, pasid, process })),
    })),
  };
}

export function graphOf(world: World): ObjectGraph {
  const mms = world.mms();
  const running = [...world.processes.values()].filter((process) => process.stage !== "exited");
  const devices = [...world.devices.values()];
  return {
    nodes: [...running.map(processNode), ...mms.map((mm) => mmNode(world, mm)), ...devices.map(deviceNode)],
    edges: [...running.filter((process) => process.stage === "alive").map(usesMm), ...running.flatMap(opens), ...devices.flatMap((device) => contexts(device, mms))],
  };
}

function processNode(process: Process): ObjectNode {
  const loaded = process.threads.filter((thread) => (thread.msr & MSR_VALID) !== 0).length;
  return {
    ...processRef(process.name), kind: "process", title: process.name, type: "PROCESS", users: null, holders: [], pending: process.stage !== "alive",
    lines: [process.stage === "alive" ? plural(process.threads.length, "thread") : "exiting: address space left, files open", ...(loaded > 0 ? [`IA32_PASID valid in ${plural(loaded, "thread")}`] : [])],
  };
}

function mmNode(world: World, mm: MmStruct): ObjectNode {
  const holders = [
    ...(mm.torn ? [] : ["its users, together"]), ...world.bindingsOf(mm).map((binding) => `the MMU notifier of ${binding.name}`),
    ...(mm.extraCount > 0 ? [plural(mm.extraCount, "mmgrab")] : []),
  ];
  return {
    ...mmRef(mm), kind: "mm", title: `mm ${mm.name}`, type: "MM_STRUCT", users: mm.count, holders, pending: mm.torn,
    lines: [mm.pasid === null ? "no PASID" : `PASID ${mm.pasid}`, mm.torn ? "address space torn down" : plural(mm.users, "user")],
  };
}

function deviceNode(device: Device): ObjectNode {
  return {
    ...deviceRef(device.name), kind: "device", title: device.name, type: "DEVICE", users: null, holders: [],
    lines: [`PASIDs 0–${device.maxPasids - 1}`, plural(device.table.size, "context"), ...device.queue.map((work) => `queued: ${work.name}, PASID ${work.pasid}`)],
  };
}

function usesMm(process: Process): ObjectEdge {
  return { from: processRef(process.name).key, to: mmRef(process.mm).key, label: "runs in", counts: false };
}

function opens(process: Process): ObjectEdge[] {
  return [...new Set(process.handles.map((handle) => handle.device))].map((name) => ({ from: processRef(process.name).key, to: deviceRef(name).key, label: "has open", counts: false }));
}

/** What each context of the device leads to, one edge per mm. */
function contexts(device: Device, mms: readonly MmStruct[]): ObjectEdge[] {
  return mms.flatMap((mm) => {
    const pasids = [...device.table].filter(([, entry]) => entry.mm === mm).map(([pasid]) => pasid);
    return pasids.length === 0 ? [] : [{ from: deviceRef(device.name).key, to: mmRef(mm).key, label: `PASID ${pasids.join(", ")}`, counts: true }];
  });
}
