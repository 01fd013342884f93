/** The container ioctls as type1 answers them; iommufd's compatibility layer has its own under the same names. */
import { defineCall, type CallDef } from "../call.ts";
import type { CallTrace } from "../call-trace.ts";
import { flags, iova, length, orElse, pointer, u32, u64 } from "../fields.ts";
import { kernelAtLeast } from "../kernel-version.ts";
import type { Machine } from "../machine.ts";
import { vfioRules as R } from "../rules/vfio.ts";
import { bitmapFits } from "./dirty.ts";
import { attachToBackend, openContainer, type Container } from "./groups.ts";
import { INFO_MIN, infoFor } from "./info.ts";
import { mapDma } from "./map.ts";
import { ATTACH_ORDER, MAP_ORDER, UNMAP_ORDER } from "./orders.ts";
import { pinMemory } from "./pinning.ts";
import { containerRef, groupRef } from "./refs.ts";
import { Type1 } from "./type1.ts";
import { unmapDma } from "./unmap.ts";
import { variantOf } from "./variant.ts";

const TYPE1 = 1;
const TYPE1_V2 = 3;
const DMA_CC = 4;
const NESTING = 6;
const UNMAP_ALL = 9;
const UPDATE_VADDR = 10;

const MAP_READ = 1;
const MAP_WRITE = 2;
const MAP_VADDR = 4;
const MAP_MIN = 32;
const UNMAP_DIRTY = 1;
const UNMAP_ALL_FLAG = 2;
const UNMAP_VADDR = 4;
const UNMAP_MIN = 24;
/** Bytes of struct vfio_bitmap. */
const BITMAP_SIZE = 24;

const container = orElse(u32, 1);

/** The container's backend; null when refused. */
export function backendOf(machine: Machine, number: number, trace: CallTrace): Type1 | null {
  const found = openContainer(machine, number, trace);
  if (!found) return null;
  if (!trace.holds(R["no-iommu-set"], found.iommu !== null, () => ({ objects: [containerRef(number)] }))) return null;
  return found.iommu;
}

/** What type1 says to VFIO_CHECK_EXTENSION: 0 or 1. */
function offers(machine: Machine, iommu: Type1 | null, extension: number): number {
  const { laterFlags } = variantOf(machine.config);
  switch (extension) {
    case TYPE1:
    case TYPE1_V2:
      return 1;
    case NESTING:
      return kernelAtLeast(machine.config.kernel, 6, 13) ? 0 : 1;
    case UNMAP_ALL:
      return laterFlags ? 1 : 0;
    case UPDATE_VADDR:
      return laterFlags && iommu !== null && iommu.emulated.length === 0 ? 1 : 0;
    case DMA_CC:
      return iommu?.domains.every((domain) => domain.coherent) ? 1 : 0;
    default:
      return 0;
  }
}

/** Attaches all groups of a container, newest first; at the first refusal nothing stays. */
function attachAll(machine: Machine, found: Container, iommu: Type1, trace: CallTrace, given: Parameters<typeof attachToBackend>[4]): boolean {
  return found.groups.every((group) => attachToBackend(machine, group, iommu, trace, given));
}

export const containerCalls: readonly CallDef[] = [
  defineCall("VFIO_GET_API_VERSION", {
    subsystem: "vfio", summary: "The version of the VFIO interface: 0.", in: { container },
  }, (machine, fields, trace) => (openContainer(machine, fields.container, trace) ? { errno: "OK", out: { ret: 0 } } : trace.refusal())),

  defineCall("VFIO_CHECK_EXTENSION", {
    subsystem: "vfio", summary: "Does the container offer this kind of IOMMU or feature?", in: { arg: u32, container },
  }, (machine, fields, trace) => {
    const found = openContainer(machine, fields.container, trace);
    if (!found) return trace.refusal();
    return { errno: "OK", out: { ret: offers(machine, found.iommu, fields.arg) } };
  }),

  defineCall("VFIO_SET_IOMMU", {
    subsystem: "vfio", summary: "Gives the container its IOMMU backend and attaches its groups: 1 TYPE1, 3 TYPE1v2, 6 NESTING.", in: { arg: u32, container },
    order: [R["set-iommu-needs-group"], R["set-iommu-once"], R["set-iommu-supported"], R["set-iommu-kind"], ...ATTACH_ORDER],
  }, (machine, fields, trace, given) => {
    const found = openContainer(machine, fields.container, trace);
    if (!found) return trace.refusal();
    const objects = () => [containerRef(found.number)];
    if (!trace.holds(R["set-iommu-needs-group"], found.groups.length > 0, () => ({ objects: objects() }))) return trace.refusal();
    if (!trace.holds(R["set-iommu-once"], found.iommu === null, () => ({ objects: objects() }))) return trace.refusal();
    const kind = fields.arg;
    if (!trace.holds(R["set-iommu-supported"], offers(machine, null, kind) > 0, () => ({ objects: objects(), note: `asked for ${kind}` }))) return trace.refusal();
    if (!trace.holds(R["set-iommu-kind"], kind === TYPE1 || kind === TYPE1_V2 || kind === NESTING, () => ({ note: `asked for ${kind}` }))) return trace.refusal();
    const { pageSize, vfio } = machine.config;
    const iommu = new Type1(found.number, { v2: kind !== TYPE1, nesting: kind === NESTING, cpuPage: pageSize, entryLimit: vfio.dmaEntryLimit, accounting: machine.accounting, journal: machine.journal });
    if (!attachAll(machine, found, iommu, trace, given)) return trace.refusal();
    found.iommu = iommu;
    trace.effect("set", () => ({
      objects: [containerRef(found.number), ...found.groups.map((group) => groupRef(group.number))], text: `${containerRef(found.number).label} is type1 ${kind === TYPE1 ? "v1" : "v2"}`,
    }));
    return { errno: "OK", out: { ret: 0 } };
  }),

  defineCall("VFIO_IOMMU_GET_INFO", {
    subsystem: "vfio", summary: "Page sizes and capabilities: mappings left, valid windows.", in: { argsz: orElse(u32, 4096), container }, out: { iova_pgsizes: u64 },
    order: [R["no-iommu-set"], R["dma-argsz"]],
  }, (machine, fields, trace) => {
    const iommu = backendOf(machine, fields.container, trace);
    if (!iommu) return trace.refusal();
    if (!trace.holds(R["dma-argsz"], fields.argsz >= INFO_MIN, () => ({ fn: "vfio_iommu_type1_get_info", note: `${fields.argsz} bytes, at least ${INFO_MIN} are needed` }))) return trace.refusal();
    return { errno: "OK", out: infoFor(iommu, fields.argsz) };
  }),

  defineCall("VFIO_IOMMU_MAP_DMA", {
    subsystem: "vfio", summary: "Maps a range of the process's memory for the container's devices.",
    in: { argsz: orElse(u32, MAP_MIN), flags, vaddr: pointer, iova, size: length, container }, order: [R["no-iommu-set"], R["dma-argsz"], ...MAP_ORDER],
  }, (machine, fields, trace, given) => {
    const iommu = backendOf(machine, fields.container, trace);
    if (!iommu) return trace.refusal();
    const { laterFlags } = variantOf(machine.config);
    if (!trace.holds(R["dma-argsz"], fields.argsz >= MAP_MIN, () => ({ fn: "vfio_iommu_type1_map_dma", note: `${fields.argsz} bytes, at least ${MAP_MIN} are needed` }))) return trace.refusal();
    const unknown = fields.flags & ~(MAP_READ | MAP_WRITE | (laterFlags ? MAP_VADDR : 0));
    if (!trace.holds(R["dma-flags"], unknown === 0, () => ({ fn: "vfio_iommu_type1_map_dma", note: `flags 0x${fields.flags.toString(16)}` }))) return trace.refusal();
    const vaddr = machine.memory.address(fields.vaddr);
    const writable = (fields.flags & MAP_WRITE) !== 0;
    const request = {
      iova: fields.iova, size: fields.size, vaddr, readable: (fields.flags & MAP_READ) !== 0, writable, updateVaddr: (fields.flags & MAP_VADDR) !== 0,
      process: machine.caller,
    };
    const mapped = mapDma(iommu, request, trace, [], () => pinMemory(machine, machine.caller, trace, given, vaddr, fields.size, writable));
    return mapped ? { errno: "OK" } : trace.refusal();
  }),

  defineCall("VFIO_IOMMU_UNMAP_DMA", {
    subsystem: "vfio", summary: "Unmaps whole mappings in a range; says how many bytes went.",
    in: { argsz: orElse(u32, UNMAP_MIN), flags: orElse(flags, 0), iova, size: length, bitmap_pgsize: orElse(u64, 0), bitmap_size: orElse(u64, 0), container },
    out: { size: length }, order: [R["no-iommu-set"], R["dma-argsz"], ...UNMAP_ORDER],
  }, (machine, fields, trace) => {
    const iommu = backendOf(machine, fields.container, trace);
    if (!iommu) return trace.refusal();
    const { laterFlags } = variantOf(machine.config);
    const fn = "vfio_iommu_type1_unmap_dma";
    if (!trace.holds(R["dma-argsz"], fields.argsz >= UNMAP_MIN, () => ({ fn, note: `${fields.argsz} bytes, at least ${UNMAP_MIN} are needed` }))) return trace.refusal();
    const unknown = fields.flags & ~(laterFlags ? UNMAP_DIRTY | UNMAP_ALL_FLAG | UNMAP_VADDR : 0);
    if (!trace.holds(R["dma-flags"], unknown === 0, () => ({ fn, note: `flags 0x${fields.flags.toString(16)}` }))) return trace.refusal();
    const [dirty, all, invalidateVaddr] = [UNMAP_DIRTY, UNMAP_ALL_FLAG, UNMAP_VADDR].map((bit) => (fields.flags & bit) !== 0) as [boolean, boolean, boolean];
    if (dirty) {
      if (!trace.holds(R["unmap-dirty-alone"], !all && !invalidateVaddr)) return trace.refusal();
      if (!trace.holds(R["dma-argsz"], fields.argsz >= UNMAP_MIN + BITMAP_SIZE, () => ({ fn }))) return trace.refusal();
      const pages = fields.bitmap_pgsize === 0 ? 0 : Number(BigInt(fields.size) / BigInt(fields.bitmap_pgsize));
      if (!trace.holds(R["unmap-dirty-bitmap-size"], bitmapFits(pages, fields.bitmap_size))) return trace.refusal();
    }
    const size = unmapDma(iommu, { iova: fields.iova, size: fields.size, all, invalidateVaddr, dirtyPage: dirty ? fields.bitmap_pgsize : null }, trace, []);
    return size === null ? trace.refusal() : { errno: "OK", out: { size } };
  }),
];
