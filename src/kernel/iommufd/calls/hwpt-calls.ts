/** HWPT_ALLOC, HWPT_INVALIDATE, GET_HW_INFO (iommufd/hw_pagetable.c and device.c, 6.12). */
import { plural } from "../../../base/format.ts";
import type { CallDef } from "../../call.ts";
import type { CallTrace } from "../../call-trace.ts";
import { flags as flagBits, idOf, optional, orElse, raw, u32, u64, type Pointer } from "../../fields.ts";
import { iommufdRules as R } from "../../rules/iommufd.ts";
import { bytesToHex } from "../../memory/crc32.ts";
import { hwInfoOf } from "../domain.ts";
import { abortHwpt, allocNested, allocPaging, FAULT_ID_VALID, publishHwpt, useFault, type HwptRequest } from "../hwpt.ts";
import type { Iommufd } from "../iommufd.ts";
import type { HwptNested } from "../objects.ts";
import { idRef, nameOf, refOf } from "../refs.ts";
import { defineIoctl, flagsAreKnown, reservedIsZero } from "./ioctl.ts";
import { givenPointer, invalidateEntries, type InvalidateEntry } from "./kinds.ts";
import { findDevice, findNested } from "./lookup.ts";

/** What the kernel sees of a 32-bit field at `offset` in a structure of `size` bytes: what is not supplied is zero. */
function supplied(value: number, offset: number, size: number | null): number {
  if (size === null || size >= offset + 4) return value;
  const bytes = size - offset;
  return bytes <= 0 ? 0 : value & (2 ** (8 * bytes) - 1);
}

/** Can the kernel read (or write) what a pointer stands for? Without a pointer the caller passed a good one. */
function pointerIsGood(iommufd: Iommufd, caller: number, pointer: Pointer | null, length: number): boolean {
  if (pointer === null || length === 0) return true;
  const va = iommufd.memory.address(pointer);
  return va !== 0 && iommufd.memory.isUsable(caller, va, length, false);
}

/** IOMMU_HWPT_ALLOC: a page table on an IOAS, or a guest's own on a nesting parent. */
const hwptAlloc = defineIoctl(
  "IOMMU_HWPT_ALLOC",
  {
    nr: 0x89, min: 24, full: 48, summary: "Makes a page table for a device: on an IOAS, filled with its mappings, or nested on another one.",
    in: {
      flags: orElse(flagBits, 0), dev_id: idOf("a device"), pt_id: idOf("an IOAS or HWPT"), data_type: orElse(u32, 0), data_len: orElse(u32, 0),
      data: orElse(raw, null), data_uptr: givenPointer, fault_id: orElse(idOf("a fault queue"), 0), __reserved2: orElse(u32, 0),
    },
    out: { out_hwpt_id: u32 },
    order: [
      R["unknown-flag"], R["data-type-length-mismatch"], R["id-not-found"], R["pt-id-invalid"], R["flag-not-for-this-path"], R["dirty-not-supported"],
      R["nested-needs-data"], R["parent-not-nestable"], R["driver-refuses-hwpt"], R["driver-data-invalid"], R["argument-readable"], R["hwpt-driver-bug"],
      R["hw-page-too-large"], R["existing-maps-misaligned"], R["reserved-hits-mapping-or-allowed"], R["bad-user-memory"], R["memlock-limit"], R["driver-map"],
    ],
  },
  (iommufd, context, fields, trace, given, caller) => {
    const { flags, dev_id, pt_id, size, __reserved } = fields;
    const dataType = supplied(fields.data_type, 24, size);
    const dataLen = supplied(fields.data_len, 28, size);
    if (!reservedIsZero(trace, supplied(__reserved, 20, size))) return trace.refusal();
    const agree = (dataType === 0) === (dataLen === 0);
    if (!trace.holds(R["data-type-length-mismatch"], agree, () => ({ note: `data_type ${dataType}, data_len ${dataLen}` }))) {
      return trace.refusal();
    }
    const device = findDevice(trace, context, dev_id);
    if (!device) return trace.refusal();
    const parent = context.get(pt_id);
    const suits = parent?.type === "IOAS" || parent?.type === "HWPT_PAGING";
    if (
      !trace.holds(R["pt-id-invalid"], suits, () => ({
        objects: [parent ? refOf(parent) : idRef(context, "ioas", pt_id)],
        note: parent ? `pt_id ${pt_id} is ${nameOf(parent)}` : `nothing has id ${pt_id}`,
      }))
    ) return trace.refusal();
    const pointerSupplied = size === null || size >= 40;
    const request: HwptRequest = { flags, dataType, dataLen, data: fields.data, dataReadable: pointerSupplied && pointerIsGood(iommufd, caller, fields.data_uptr, dataLen) };
    if (parent?.type === "IOAS") {
      const hwpt = allocPaging(iommufd, trace, parent, device, request, given, null);
      if (!hwpt) return trace.refusal();
      publishHwpt(trace, hwpt);
      return { errno: "OK", out: { out_hwpt_id: hwpt.id } };
    }
    if (parent?.type !== "HWPT_PAGING") return trace.refusal();
    const hwpt = allocNested(iommufd, trace, parent, device, request);
    if (!hwpt) return trace.refusal();
    if ((flags & FAULT_ID_VALID) !== 0 && !useFault(trace, hwpt, supplied(fields.fault_id, 40, size))) {
      abortHwpt(iommufd, trace, hwpt);
      return trace.refusal();
    }
    publishHwpt(trace, hwpt);
    return { errno: "OK", out: { out_hwpt_id: hwpt.id } };
  },
);

const LONGEST_ENTRY = 4096;
const MOST_ENTRIES = 1 << 19;
const INVALIDATE_SELFTEST = 0xdeadbeef;

/** IOMMU_HWPT_INVALIDATE. Whatever happens, entry_num says how many entries were done. */
const invalidate = defineIoctl(
  "IOMMU_HWPT_INVALIDATE",
  {
    nr: 0x8d, min: 32, full: 32, summary: "Passes a guest's cache invalidations to the IOMMU.",
    in: {
      hwpt_id: idOf("a nested HWPT"), data_type: u32, entry_len: u32, entry_num: u32, data: orElse(invalidateEntries, []), data_uptr: givenPointer,
      entry_trailing_nonzero: orElse(u32, 0),
    },
    out: { entry_num: u32 },
    order: [R["unknown-flag"], R["invalidate-array-invalid"], R["id-not-found"], R["invalidate-type"], R["invalidate-entry"], R["argument-readable"]],
    left: ({ entry_num }) => ({ entry_num }),
  },
  (iommufd, context, fields, trace, _given, caller) => {
    const { hwpt_id, data_type, entry_len, entry_num, data, data_uptr, __reserved } = fields;
    const refused = (done = 0) => trace.refusal({ entry_num: done });
    if (!reservedIsZero(trace, __reserved)) return refused();
    const isNull = data_uptr !== null && iommufd.memory.address(data_uptr) === 0;
    const sane = (entry_num === 0 || (!isNull && entry_len !== 0)) && entry_len <= LONGEST_ENTRY && entry_num <= MOST_ENTRIES;
    if (
      !trace.holds(R["invalidate-array-invalid"], sane, () => ({
        note: `${entry_num} entries of ${entry_len} bytes${isNull ? " at NULL" : ""}`,
      }))
    ) return refused();
    const hwpt = findNested(trace, context, hwpt_id);
    if (!hwpt) return refused();
    const done = invalidateAll(trace, hwpt, { type: data_type, entryLen: entry_len, entryNum: entry_num, entries: data, readable: pointerIsGood(iommufd, caller, data_uptr, entry_num * entry_len) });
    return trace.errno === "OK" ? { errno: "OK", out: { entry_num: done } } : refused(done);
  },
);

interface Invalidation {
  readonly type: number;
  readonly entryLen: number;
  readonly entryNum: number;
  readonly entries: InvalidateEntry[];
  readonly readable: boolean;
}

/** The driver's part: how many entries it did; the trace says whether it refused the next one. */
function invalidateAll(trace: CallTrace, hwpt: HwptNested, request: Invalidation): number {
  const mock = hwpt.domain?.driver === "mock";
  const wanted = mock ? INVALIDATE_SELFTEST : 0;
  const { type, entryLen, entryNum, entries, readable } = request;
  if (
    !trace.holds(R["invalidate-type"], !mock ? type === 0 : type === wanted, () => ({
      objects: [refOf(hwpt)],
      note: `data_type 0x${type.toString(16)}`,
    }))
  ) return 0;
  if (!mock) return entryNum;
  for (let index = 0; index < entryNum; index++) {
    if (
      !trace.holds(R["invalidate-entry"], entryLen === 8, () => ({
        objects: [refOf(hwpt)],
        note: `entry_len ${entryLen}; the driver's entry has 8 bytes`,
      }))
    ) return index;
    if (!trace.holds(R["argument-readable"], readable, () => ({ note: "data_uptr" }))) return index;
    const entry = entries[index] ?? { flags: 0, iotlb_id: 0 };
    const known = (entry.flags & ~1) === 0;
    if (!trace.holds(R["invalidate-entry"], known, () => ({ objects: [refOf(hwpt)], note: `entry ${index}: flags ${entry.flags}` }), "EOPNOTSUPP")) return index;
    if (
      !trace.holds(R["invalidate-entry"], entry.iotlb_id >>> 0 <= 3, () => ({
        objects: [refOf(hwpt)],
        note: `entry ${index}: IOTLB entry ${entry.iotlb_id}`,
      }))
    ) return index;
    const { iotlb } = hwpt.domain as NonNullable<HwptNested["domain"]>;
    if (entry.flags & 1) iotlb.fill(0);
    else iotlb[entry.iotlb_id] = 0;
    trace.effect("invalidate", () => ({ objects: [refOf(hwpt)], text: entry.flags & 1 ? "all IOTLB entries are gone" : `IOTLB entry ${entry.iotlb_id} is gone` }));
  }
  if (entryNum > 0) trace.effect("invalidate", () => ({ objects: [refOf(hwpt)], text: `${plural(entryNum, "entry", "entries")} of ${nameOf(hwpt)} done` }));
  return entryNum;
}

/** IOMMU_GET_HW_INFO: a short buffer is no error; a long one is filled up with zeros. */
const getHwInfo = defineIoctl(
  "IOMMU_GET_HW_INFO",
  {
    nr: 0x8a, min: 32, full: 40, summary: "Tells what the IOMMU behind a device can do.",
    in: { flags: orElse(flagBits, 0), dev_id: idOf("a device"), data_len: orElse(u32, 0), data_uptr: givenPointer, data: optional(raw) },
    out: { out_capabilities: u64 },
    order: [R["unknown-flag"], R["id-not-found"], R["argument-readable"]],
  },
  (iommufd, context, { flags, dev_id, data_len, data_uptr, size, __reserved }, trace, _given, caller) => {
    if (!flagsAreKnown(trace, flags, 0, "iommufd_get_hw_info") || !reservedIsZero(trace, __reserved)) return trace.refusal();
    const device = findDevice(trace, context, dev_id);
    if (!device) return trace.refusal();
    const info = hwInfoOf(device, iommufd.config.platform);
    if (!trace.holds(R["argument-readable"], pointerIsGood(iommufd, caller, data_uptr, data_len), () => ({ note: "data_uptr" }))) return trace.refusal();
    const shown = new Uint8Array(Math.min(data_len, 64));
    shown.set(info.bytes.subarray(0, shown.length));
    return {
      errno: "OK",
      out: {
        data_len: info.bytes.length, out_data_type: info.type, out_max_pasid_log2: info.maxPasidLog2,
        out_capabilities: size !== null && size < 40 ? 0 : info.capabilities, data_bytes: bytesToHex(shown),
      },
    };
  },
);

export const hwptCalls: readonly CallDef[] = [hwptAlloc, invalidate, getHwInfo];
