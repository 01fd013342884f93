/** VFIO container ioctls as iommufd's compatibility layer answers them (iommufd/vfio_compat.c, 6.12). */
import { bitAnd, bitOr, lastOf, max, sub, U64_MAX, wraps, type U64 } from "../../../base/u64.ts";
import { groupedHex } from "../../../base/format.ts";
import type { Json } from "../../../base/json.ts";
import { hex } from "../../../base/u64.ts";
import type { Answer } from "../../answer.ts";
import { defineCall, type CallDef, type Given } from "../../call.ts";
import type { CallTrace } from "../../call-trace.ts";
import { flags as flagBits, iova as iovaKind, length as lengthKind, optional, orElse, pointer, u32, u64, type Decoded, type FieldTable } from "../../fields.ts";
import { iommufdRules as R } from "../../rules/iommufd.ts";
import type { Rule } from "../../rules/rule.ts";
import type { Context } from "../context.ts";
import type { Iommufd } from "../iommufd.ts";
import { domainOf } from "../domain.ts";
import type { Ioas } from "../objects.ts";
import { READABLE, WRITABLE } from "../pages.ts";
import { refOf } from "../refs.ts";
import { cutAt, unmapAll, unmapRange } from "../unmap.ts";
import { contextOf, noContext } from "./ioctl.ts";
import { mapUserPages } from "./map-calls.ts";
import { disableLargePages } from "./object-calls.ts";

type CompatHandler<In> = (iommufd: Iommufd, context: Context, fields: In, trace: CallTrace, given: Given | null, caller: number) => Answer;

function defineCompat<In extends FieldTable>(name: string, summary: string, spec: { in: In; out?: FieldTable; order: readonly Rule[] }, run: CompatHandler<Decoded<In>>): CallDef {
  const order = [R["fd-not-open"], ...spec.order];
  return defineCall(name, { subsystem: "iommufd", summary, in: { ...spec.in, fd: optional(u32) }, out: spec.out, order }, (machine, fields, trace, given) => {
    const { fd } = fields as { fd: number | null };
    const context = contextOf(machine.iommufd, machine.caller, fd);
    return context === null ? noContext(trace, fd) : run(machine.iommufd, context, fields, trace, given, machine.caller);
  });
}

/** get_compat_ioas. Null: the check refused. */
function compatIoas(trace: CallTrace, context: Context): Ioas | null {
  const ioas = context.vfioIoas;
  return trace.holds(R["no-compat-ioas"], ioas !== null, () => ({ objects: ioas ? [refOf(ioas)] : [] })) ? ioas : null;
}

function argumentIsValid(trace: CallTrace, good: boolean, argsz: number, flags: number): boolean {
  return trace.holds(R["vfio-argument-valid"], good, () => ({ note: `argsz ${argsz}, flags ${flags}` }));
}

const apiVersion = defineCompat("VFIO_GET_API_VERSION", "Asks for the version of the VFIO interface.", { in: { arg: orElse(u32, 0) }, order: [] }, () => ({ errno: "OK", out: { ret: 0 } }));

const TYPE1 = 1;
const TYPE1V2 = 3;
const DMA_CC = 4;
const UNMAP_ALL = 9;

/** VFIO_CHECK_EXTENSION. Coherency (4) is the only one that depends on state: every HWPT must enforce it. */
const checkExtension = defineCompat("VFIO_CHECK_EXTENSION", "Asks whether the container offers an extension.", { in: { arg: u32 }, order: [R["no-compat-ioas"]] }, (_iommufd, context, { arg }, trace) => {
  if (arg === TYPE1 || arg === TYPE1V2 || arg === UNMAP_ALL) return { errno: "OK", out: { ret: 1 } };
  if (arg !== DMA_CC) return { errno: "OK", out: { ret: 0 } };
  const ioas = compatIoas(trace, context);
  if (!ioas) return trace.refusal();
  return { errno: "OK", out: { ret: ioas.hwpts.every((hwpt) => hwpt.enforceCoherency) ? 1 : 0 } };
});

/** VFIO_SET_IOMMU. TYPE1 promises that mappings can be cut, so it switches large pages off. */
const setIommu = defineCompat(
  "VFIO_SET_IOMMU", "Chooses the container's kind of IOMMU.", { in: { arg: u32 }, order: [R["vfio-iommu-type"], R["no-compat-ioas"], R["huge-option-too-late"], R["existing-maps-misaligned"]] },
  (_iommufd, context, { arg }, trace) => {
    if (!trace.holds(R["vfio-iommu-type"], arg === TYPE1 || arg === TYPE1V2, () => ({ note: `type ${arg}` }))) return trace.refusal();
    const ioas = compatIoas(trace, context);
    if (!ioas || (arg === TYPE1 && !disableLargePages(trace, ioas))) return trace.refusal();
    return { errno: "OK", out: { ret: 0 } };
  },
);

/** VFIO_IOMMU_MAP_DMA: a fixed map; one that is neither readable nor writable is accepted, unless a page table's driver refuses it. */
const mapDma = defineCompat(
  "VFIO_IOMMU_MAP_DMA", "Maps memory of the process at an IOVA.",
  {
    in: { argsz: orElse(u32, 32), flags: orElse(flagBits, 3), vaddr: pointer, iova: iovaKind, size: lengthKind },
    order: [
      R["vfio-argument-valid"], R["no-compat-ioas"], R["length-zero"], R["va-wraps"], R["length-misaligned"], R["iova-misaligned"], R["iova-wraps"],
      R["iova-overlaps-reserved"], R["iova-overlaps-mapping"], R["va-page-offset-misaligned"], R["bad-user-memory"], R["memlock-limit"], R["driver-map"],
    ],
  },
  (iommufd, context, { argsz, flags, vaddr, iova, size }, trace, given, caller) => {
    if (!argumentIsValid(trace, argsz >= 32 && (flags & ~3) === 0, argsz, flags)) return trace.refusal();
    const ioas = compatIoas(trace, context);
    if (!ioas) return trace.refusal();
    const rights = (flags & 1 ? READABLE : 0) | (flags & 2 ? WRITABLE : 0);
    const placed = mapUserPages(iommufd, trace, ioas, { va: iommufd.memory.address(vaddr), length: size, fixed: true, iova, flags: rights, caller }, given);
    return placed === null ? trace.refusal() : { errno: "OK" };
  },
);

const UNMAP_FLAG_ALL = 2;

/** VFIO_IOMMU_UNMAP_DMA: nothing there is no error; with large pages off, mappings are cut at the ends of the range first. */
const unmapDma = defineCompat(
  "VFIO_IOMMU_UNMAP_DMA", "Removes the mappings of a range.",
  {
    in: { argsz: orElse(u32, 24), flags: orElse(flagBits, 0), iova: orElse(iovaKind, 0), size: orElse(lengthKind, 0) }, out: { size: lengthKind },
    order: [R["vfio-argument-valid"], R["no-compat-ioas"], R["vfio-unmap-all-exact"], R["cut-inside-area"], R["length-zero"], R["iova-wraps"], R["unmap-splits-mapping"]],
  },
  (iommufd, context, { argsz, flags, iova, size }, trace) => {
    if (!argumentIsValid(trace, argsz >= 24 && (flags & ~UNMAP_FLAG_ALL) === 0, argsz, flags)) return trace.refusal();
    const ioas = compatIoas(trace, context);
    if (!ioas) return trace.refusal();
    if (flags & UNMAP_FLAG_ALL) {
      if (
        !trace.holds(R["vfio-unmap-all-exact"], iova === 0 && size === 0, () => ({
          note: `iova ${groupedHex(iova)}, size ${groupedHex(size)}`,
        }))
      ) return trace.refusal();
      const all = unmapAll(iommufd, trace, ioas);
      return all === null ? trace.refusal() : { errno: "OK", out: { size: all } };
    }
    if (ioas.table.largePagesOff && !cutEnds(trace, ioas, iova, size)) return trace.refusal();
    if (!trace.holds(R["length-zero"], size !== 0, () => ({ fn: "iopt_unmap_iova" }))) return trace.refusal();
    if (
      !trace.holds(R["iova-wraps"], !wraps(iova, size), () => ({
        fn: "iopt_unmap_iova",
        note: `${groupedHex(iova)} + ${groupedHex(size)}`,
      }))
    ) return trace.refusal();
    const unmapped = unmapRange(iommufd, trace, ioas, iova, lastOf(iova, size));
    return unmapped === null ? trace.refusal() : { errno: "OK", out: { size: unmapped } };
  },
);

/** Cuts at the end of the range, then before its start; the sums wrap as the kernel's do. */
function cutEnds(trace: CallTrace, ioas: Ioas, iova: U64, size: U64): boolean {
  const end = (BigInt(iova) + BigInt(size) - 1n) & ((1n << 64n) - 1n);
  const at: U64 = end <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(end) : end;
  return cutAt(trace, ioas, at) && (iova === 0 || cutAt(trace, ioas, sub(iova, 1)));
}

/** Bytes: the structure up to cap_offset, whole, and the sizes of its capabilities. */
const INFO_MIN = 16;
const INFO_FULL = 24;
const CAP_DMA_AVAIL = 16;
const CAP_IOVA_HEADER = 16;
const CAP_IOVA_RANGE = 16;

/** VFIO_IOMMU_GET_INFO: page sizes, and as capabilities the mappings left and the usable ranges. */
const getInfo = defineCompat(
  "VFIO_IOMMU_GET_INFO", "Asks what the container's IOMMU can do.", { in: { argsz: orElse(u32, 4096) }, out: { iova_pgsizes: u64 }, order: [R["vfio-argument-valid"], R["no-compat-ioas"]] },
  (_iommufd, context, { argsz }, trace) => {
    if (!argumentIsValid(trace, argsz >= INFO_MIN, argsz, 0)) return trace.refusal();
    const ioas = compatIoas(trace, context);
    if (!ioas) return trace.refusal();
    const holes = ioas.table.usable();
    const total = INFO_FULL + CAP_DMA_AVAIL + CAP_IOVA_HEADER + holes.length * CAP_IOVA_RANGE;
    const out: Record<string, unknown> = { argsz: total, flags: 3, iova_pgsizes: pageSizesOf(ioas) };
    if (argsz >= INFO_FULL) {
      const fits = argsz >= total;
      const ranges = holes.map((hole) => ({ start: hex(hole.first), end: hex(hole.last) }));
      const capabilities: Json[] = [
        { id: 3, version: 1, offset: INFO_FULL, avail: 0xffffffff },
        { id: 1, version: 1, offset: INFO_FULL + CAP_DMA_AVAIL, nr_iovas: holes.length, iova_ranges: ranges },
      ];
      out.cap_offset = fits ? INFO_FULL : 0;
      out.caps = fits ? capabilities : [];
    }
    return { errno: "OK", out };
  },
);

/** The sizes every page table has; those below a CPU page are replaced by it. At least the IOAS's alignment. */
function pageSizesOf(ioas: Ioas): U64 {
  let sizes: U64 = U64_MAX;
  for (const hwpt of ioas.table.domains) sizes = bitAnd(sizes, domainOf(hwpt).pageSizes);
  if (bitAnd(sizes, 0xfff) !== 0) sizes = bitOr(bitAnd(sizes, sub(U64_MAX, 0xfff)), 0x1000);
  return max(sizes, ioas.table.alignment);
}

export const compatCalls: readonly CallDef[] = [apiVersion, checkExtension, setIommu, mapDma, unmapDma, getInfo];

const BY_NUMBER = new Map<number, CallDef>([[0x64, apiVersion], [0x65, checkExtension], [0x66, setIommu], [0x70, getInfo], [0x71, mapDma], [0x72, unmapDma]]);

/** The VFIO ioctl of this command number that the layer answers; null when it answers none. */
export function compatByNumber(nr: number): CallDef | null {
  return BY_NUMBER.get(nr) ?? null;
}
