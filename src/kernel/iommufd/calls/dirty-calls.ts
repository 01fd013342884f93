/** Dirty tracking: switching it on, reading bits, and the test operation that makes pages dirty. */
import { add, isAligned, lastOf, lowestBit, sub, toBig, wraps, type U64 } from "../../../base/u64.ts";
import { groupedHex, plural } from "../../../base/format.ts";
import type { CallDef } from "../../call.ts";
import type { CallTrace } from "../../call-trace.ts";
import { flags as flagBits, idOf, iova as iovaKind, length as lengthKind, orElse, u32, u64 } from "../../fields.ts";
import { iommufdRules as R } from "../../rules/iommufd.ts";
import { clearDirty, isIoPageMapped, readDirty } from "../dirty.ts";
import { domainOf, MOCK_IO_PAGE } from "../domain.ts";
import type { HwptPaging } from "../objects.ts";
import { nameOf, refOf } from "../refs.ts";
import { defineIoctl, flagsAreKnown, reservedIsZero } from "./ioctl.ts";
import { addresses, givenPointer } from "./kinds.ts";
import { findPaging } from "./lookup.ts";
import { defineTest } from "./test-op.ts";

function tracksDirty(trace: CallTrace, hwpt: HwptPaging, fn: string): boolean {
  const { dirtyOps } = domainOf(hwpt);
  return trace.holds(R["dirty-not-supported"], dirtyOps, () => ({
    fn, objects: [refOf(hwpt)],
    note: dirtyOps ? "" : `${nameOf(hwpt)} was made without DIRTY_TRACKING`,
  }));
}

/** IOMMU_HWPT_SET_DIRTY_TRACKING. Switching on clears all bits, also when it is on already. `__reserved` is not looked at. */
const setTracking = defineIoctl(
  "IOMMU_HWPT_SET_DIRTY_TRACKING",
  {
    nr: 0x8b, min: 16, full: 16, summary: "Switches the recording of dirty pages on or off.",
    in: { flags: orElse(flagBits, 0), hwpt_id: idOf("a paging HWPT") },
    order: [R["unknown-flag"], R["id-not-found"], R["dirty-not-supported"]],
  },
  (_iommufd, context, { flags, hwpt_id }, trace) => {
    if (!flagsAreKnown(trace, flags, 1, "iommufd_hwpt_set_dirty_tracking")) return trace.refusal();
    const hwpt = findPaging(trace, context, hwpt_id);
    if (!hwpt || !tracksDirty(trace, hwpt, "iopt_set_dirty_tracking")) return trace.refusal();
    const domain = domainOf(hwpt);
    if (flags & 1) clearDirty(domain);
    domain.tracking = (flags & 1) !== 0;
    trace.effect("dirty", () => ({
      objects: [refOf(hwpt)],
      text: flags & 1 ? `${nameOf(hwpt)} records dirty pages, from a clean start` : `${nameOf(hwpt)} no longer records dirty pages`,
    }));
    return { errno: "OK" };
  },
);

/** IOMMU_HWPT_GET_DIRTY_BITMAP. Holes, tracking switched off and a bad bitmap pointer are no errors: bits are just missing. */
const getBitmap = defineIoctl(
  "IOMMU_HWPT_GET_DIRTY_BITMAP",
  {
    nr: 0x8c, min: 48, full: 48, summary: "Reads (and clears) which pages of a range were written by devices.",
    in: { hwpt_id: idOf("a paging HWPT"), flags: orElse(flagBits, 0), iova: iovaKind, length: lengthKind, page_size: u64, data: givenPointer },
    out: { set_iovas: addresses, set_count: u32 },
    order: [R["unknown-flag"], R["id-not-found"], R["dirty-range-invalid"], R["iova-wraps"], R["dirty-not-supported"]],
  },
  (iommufd, context, { hwpt_id, flags, iova, length, page_size, data, __reserved }, trace, _given, caller) => {
    if (!flagsAreKnown(trace, flags, 1, "iommufd_hwpt_get_dirty_bitmap") || !reservedIsZero(trace, __reserved)) return trace.refusal();
    const hwpt = findPaging(trace, context, hwpt_id);
    if (!hwpt || !rangeIsValid(trace, hwpt, iova, length, page_size) || !tracksDirty(trace, hwpt, "iommu_read_and_clear_dirty")) return trace.refusal();
    const found = readDirty(iommufd, hwpt, iova, lastOf(iova, length), Number(lowestBit(page_size)), (flags & 1) === 0);
    trace.effect("dirty", () => ({
      objects: [refOf(hwpt)], range: { first: iova, last: lastOf(iova, length) },
      text: `${plural(found.length, "bit")} set${flags & 1 ? "" : "; what was dirty here is clean now"}`,
    }));
    const readable = data === null || iommufd.memory.isUsable(caller, iommufd.memory.address(data), 1, true);
    return readable ? { errno: "OK", out: { set_iovas: found, set_count: found.length } } : { errno: "OK" };
  },
);

/** iommufd_check_iova_range (6.12.117). */
function rangeIsValid(trace: CallTrace, hwpt: HwptPaging, iova: U64, length: U64, pageSize: U64): boolean {
  const { alignment } = hwpt.ioas.table;
  const valid = (good: boolean, note: string): boolean => trace.holds(R["dirty-range-invalid"], good, () => ({ objects: [refOf(hwpt)], note: good ? "" : note }));
  if (!valid(length !== 0, "length 0")) return false;
  if (
    !trace.holds(R["iova-wraps"], !wraps(iova, length), () => ({
      fn: "iommufd_check_iova_range",
      note: `${groupedHex(iova)} + ${groupedHex(length)}`,
    }))
  ) return false;
  const end = add(iova, length);
  if (!valid(isAligned(iova, alignment) && isAligned(end, alignment), `not a multiple of ${alignment}`)) return false;
  if (!valid(pageSize !== 0, "page_size 0")) return false;
  // A mask, whatever page_size is: only a power of two makes sense.
  const mask = toBig(sub(pageSize, 1));
  return valid((toBig(iova) & mask) === 0n && (toBig(end) & mask) === 0n, `not a multiple of page_size ${groupedHex(pageSize)}`);
}

/** Largest bitmap, in bytes, that the kernel will allocate for the test operation. */
const LARGEST_BITMAP = 0x7fffffff;

/** IOMMU_TEST_OP_DIRTY: marks IO pages dirty as a device's writes would. It counts pages in units of 2 KiB, whatever page_size. */
const makeDirty = defineTest(
  "IOMMU_TEST_OP_DIRTY",
  {
    summary: "Test: marks pages dirty as a device's writes would.",
    in: { id: idOf("a paging HWPT"), flags: orElse(flagBits, 0), iova: iovaKind, length: lengthKind, page_size: u64, set_iovas: orElse(addresses, []), uptr: givenPointer },
    out: { out_nr_dirty: u32 },
    order: [R["test-argument"], R["id-not-found"], R["test-dirty-range"], R["argument-readable"]],
  },
  (iommufd, context, { id, iova, length, page_size, set_iovas, uptr }, trace, _given, caller) => {
    const address = uptr === null ? null : iommufd.memory.address(uptr);
    const multiple = page_size !== 0 && toBig(iova) % toBig(page_size) === 0n && toBig(length) % toBig(page_size) === 0n;
    const sane = multiple && length !== 0 && address !== 0;
    if (
      !trace.holds(R["test-argument"], sane, () => ({
        fn: "iommufd_test_dirty",
        note: "page_size, length and uptr non-zero, range a multiple of page_size",
      }))
    ) return trace.refusal();
    const hwpt = findPaging(trace, context, id);
    if (!hwpt) return trace.refusal();
    const domain = domainOf(hwpt);
    if (
      !trace.holds(R["test-argument"], domain.driver === "mock" && domain.tracking, () => ({
        fn: "iommufd_test_dirty", objects: [refOf(hwpt)],
        note: "dirty tracking must be on",
      }))
    ) return trace.refusal();
    const bytes = (toBig(length) / toBig(page_size) + 7n) / 8n;
    if (!trace.holds(R["test-dirty-range"], bytes <= LARGEST_BITMAP, () => ({ note: `${bytes} bytes of bitmap` }))) return trace.refusal();
    if (
      !trace.holds(R["argument-readable"], address === null || iommufd.memory.isUsable(caller, address, Number(bytes), false), () => ({
        fn: "iommufd_test_dirty",
        note: "uptr",
      }))
    ) return trace.refusal();
    let count = 0;
    for (const page of set_iovas) {
      const index = Number(toBig(page) / toBig(page_size));
      if (!isIoPageMapped(hwpt, index)) continue;
      domain.dirty.add(index);
      count++;
    }
    trace.effect("dirty", () => ({ objects: [refOf(hwpt)], text: `${plural(count, "IO page")} of ${MOCK_IO_PAGE} bytes dirty` }));
    return { errno: "OK", out: { out_nr_dirty: count } };
  },
);

export const dirtyCalls: readonly CallDef[] = [setTracking, getBitmap, makeDirty];
