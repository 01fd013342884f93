/**
 * The calls of the type1 recordings: groups are described in the call, there is one container and it has its IOMMU set from
 * the start.
 */
import { hex, U64_MAX } from "../../base/u64.ts";
import type { JsonObject } from "../../base/json.ts";
import type { Answer } from "../answer.ts";
import { defineCall, type CallDef, type Given } from "../call.ts";
import type { CallTrace } from "../call-trace.ts";
import type { Errno, ErrnoOrOk } from "../errno.ts";
import { flag, iova, length, optional, orElse, text, u32, u64 } from "../fields.ts";
import type { Machine } from "../machine.ts";
import { mergeRegions } from "../platform/regions.ts";
import { vfioRules as R } from "../rules/vfio.ts";
import type { AttachFailures } from "./attach.ts";
import { aperture, errnoField, regions, results, words } from "./fields.ts";
import { mapDma } from "./map.ts";
import { pinnedAsGiven } from "./pinning.ts";
import { groupRef } from "./refs.ts";
import { MAP_ORDER, UNMAP_ORDER, ATTACH_ORDER } from "./orders.ts";
import type { Group } from "./type1.ts";
import { unmapDma } from "./unmap.ts";
import { variantOf } from "./variant.ts";

/** Every page size from 4 KiB up. */
const ANY_PAGE = 0xfffffffffffff000n;
const MAP_FLAGS: ReadonlySet<string> = new Set(["read", "write", "vaddr"]);
const UNMAP_FLAGS: ReadonlySet<string> = new Set(["all", "vaddr", "dirty"]);
const LATER_FLAGS: ReadonlySet<string> = new Set(["vaddr", "all", "dirty"]);

function answered(ret: NonNullable<Answer["ret"]> | null, events: JsonObject[]): Answer {
  return { errno: "OK", ret, events };
}

function refused(trace: CallTrace, events: JsonObject[]): Answer {
  return { ...trace.refusal(), events };
}

/** Are all flags known to this variant? */
function flagsKnown(machine: Machine, flags: string[], known: ReadonlySet<string>, trace: CallTrace): boolean {
  const later = variantOf(machine.config).laterFlags;
  const stranger = flags.find((name) => !known.has(name) || (!later && LATER_FLAGS.has(name)));
  return trace.holds(R["dma-flags"], stranger === undefined, () => ({ note: stranger === undefined ? "" : `"${stranger}" is not known` }));
}

interface Switches {
  domain_alloc_fails: boolean;
  get_resv_fails: Errno | null;
  msi_cookie_fails: Errno | null;
  attach_results: ErrnoOrOk[] | null;
  list_insert_fails: number | null;
}

function failures(switches: Switches, given: Given | null): AttachFailures {
  return {
    domainAlloc: switches.domain_alloc_fails, regions: switches.get_resv_fails, msiCookie: switches.msi_cookie_fails, listInsert: switches.list_insert_fails,
    attach: switches.attach_results ?? (given?.driver ? [given.driver] : []), source: given?.driver ? given.source : "",
  };
}

export const abstractCalls: readonly CallDef[] = [
  defineCall("attach_group", {
    subsystem: "vfio",
    summary: "Attaches an iommu group, described in the call, to the container.",
    in: {
      group: text, emulated: orElse(flag, false), aperture: optional(aperture), pgsize_bitmap: orElse(u64, ANY_PAGE), resv: orElse(regions, []),
      ops: orElse(text, "iommu"), enforce_cc: orElse(flag, false), intr_remap: orElse(flag, true),
      domain_alloc_fails: orElse(flag, false), get_resv_fails: optional(errnoField), msi_cookie_fails: optional(errnoField), attach_results: optional(results),
      list_insert_fails: optional(u32),
    },
    order: ATTACH_ORDER,
  }, (machine, fields, trace, given) => {
    const owner = groupRef(fields.group);
    const group: Group = {
      name: fields.group, emulated: fields.emulated, aperture: fields.aperture ?? { first: 0, last: U64_MAX }, pageSizes: fields.pgsize_bitmap,
      driver: fields.ops, enforceCoherency: fields.enforce_cc, interruptRemapping: fields.intr_remap, nesting: false,
      regions: mergeRegions(fields.resv), holes: fields.resv.map((region) => ({ region, owner })), lockedBy: null,
    };
    const events: JsonObject[] = [];
    const run = { container: machine.vfio.described(), group, failures: failures(fields, given), trace, events, attaches: 0 };
    return variantOf(machine.config).attachGroup(run) ? answered(0, events) : refused(trace, events);
  }),

  defineCall("detach_group", {
    subsystem: "vfio", summary: "Takes a group out of the container. Never fails.", in: { group: text, list_insert_fails: optional(u32) },
  }, (machine, { group, list_insert_fails }, trace) => {
    const events: JsonObject[] = [];
    const fault = variantOf(machine.config).detachGroup({ container: machine.vfio.described(), name: group, trace, events, listInsert: list_insert_fails });
    return fault === null ? answered(null, events) : { errno: "OK", fault, events };
  }),

  defineCall("map_dma", {
    subsystem: "vfio", summary: "Maps a range of the process's memory for the container's devices.",
    in: { iova, size: length, vaddr: u64, flags: words }, order: MAP_ORDER,
  }, (machine, { iova: start, size, vaddr, flags }, trace, given) => {
    const container = machine.vfio.described();
    const events: JsonObject[] = [];
    if (!flagsKnown(machine, flags, MAP_FLAGS, trace)) return refused(trace, events);
    const request = { iova: start, size, vaddr, readable: flags.includes("read"), writable: flags.includes("write"), updateVaddr: flags.includes("vaddr"), process: 0 };
    return mapDma(container, request, trace, events, () => pinnedAsGiven(trace, given)) ? answered(0, events) : refused(trace, events);
  }),

  defineCall("unmap_dma", {
    subsystem: "vfio", summary: "Unmaps whole mappings in a range.",
    in: { iova, size: length, flags: words }, order: UNMAP_ORDER,
  }, (machine, { iova: start, size, flags }, trace) => {
    const container = machine.vfio.described();
    const events: JsonObject[] = [];
    if (!flagsKnown(machine, flags, UNMAP_FLAGS, trace)) return refused(trace, events);
    const [all, invalidateVaddr, dirty] = ["all", "vaddr", "dirty"].map((name) => flags.includes(name)) as [boolean, boolean, boolean];
    if (dirty && !trace.holds(R["unmap-dirty-alone"], !all && !invalidateVaddr)) return refused(trace, events);
    const unmapped = unmapDma(container, { iova: start, size, all, invalidateVaddr, dirtyPage: dirty ? container.page : null }, trace, events);
    return unmapped === null ? refused(trace, events) : answered({ unmapped: hex(unmapped) }, events);
  }),

  defineCall("get_info", {
    subsystem: "vfio", summary: "Page sizes, mappings left, valid windows.", in: {},
  }, (machine) => {
    const container = machine.vfio.described();
    const info: JsonObject = { flags: 3, pgsizes: hex(container.pageSizes), dma_avail: container.dmaAvail };
    if (container.list.length > 0) info.iova_ranges = container.list.map((valid) => [hex(valid.first), hex(valid.last)]);
    return answered(info, []);
  }),
];
