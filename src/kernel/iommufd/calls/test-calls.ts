/** IOMMU_TEST_OP_*: the mock devices and checks of the kernel's own test driver (iommufd/selftest.c, 6.12). */
import { add, isAligned, lastOf, maskLow, wraps, type U64 } from "../../../base/u64.ts";
import { groupedHex } from "../../../base/format.ts";
import type { Answer } from "../../answer.ts";
import type { CallDef, Given } from "../../call.ts";
import type { CallTrace } from "../../call-trace.ts";
import { flags as flagBits, idOf, iova as iovaKind, length as lengthKind, orElse, pointer, u32, u64 } from "../../fields.ts";
import { iommufdRules as R } from "../../rules/iommufd.ts";
import { PAGE_SIZE } from "../../memory/buffers.ts";
import type { Context } from "../context.ts";
import { changePt, publishDevice, unbindDevice } from "../device.ts";
import { MOCK_IO_PAGE } from "../domain.ts";
import { deliver } from "../fault.ts";
import type { Iommufd } from "../iommufd.ts";
import { vaAt } from "../map.ts";
import { Device, Selftest, type HwptPaging } from "../objects.ts";
import { frameBehind } from "../pin.ts";
import { pinCounts } from "../pin-count.ts";
import { nameOf, refOf } from "../refs.ts";
import { reserveRange } from "../reserve.ts";
import { findDevice, findIoas, findNested, findPaging, findSelftest } from "./lookup.ts";
import { defineTest } from "./test-op.ts";

/** ADD_RESERVED: keeps a range out of an IOAS until the IOAS goes. */
const addReserved = defineTest(
  "IOMMU_TEST_OP_ADD_RESERVED",
  {
    summary: "Test: keeps a range out of an IOAS.", in: { id: idOf("an IOAS"), start: iovaKind, length: lengthKind },
    order: [R["test-argument"], R["iova-wraps"], R["id-not-found"], R["reserved-hits-mapping-or-allowed"]],
  },
  (_iommufd, context, { id, start, length }, trace) => {
    if (!trace.holds(R["test-argument"], length !== 0, () => ({ fn: "iommufd_test_add_reserved", note: "length" }))) return trace.refusal();
    if (
      !trace.holds(R["iova-wraps"], !wraps(start, length), () => ({
        fn: "iommufd_test_add_reserved",
        note: `${groupedHex(start)} + ${groupedHex(length)}`,
      }))
    ) return trace.refusal();
    const ioas = findIoas(trace, context, id);
    if (!ioas || !reserveRange(trace, ioas, { first: start, last: lastOf(start, length), owner: null, kind: "test", label: "test range" })) return trace.refusal();
    return { errno: "OK" };
  },
);

/** Makes a mock device, binds it and attaches it; gives everything back when the attach is refused. */
function mockDomain(iommufd: Iommufd, context: Context, ptId: number, deviceFlags: number, trace: CallTrace, given: Given | null): Answer {
  const selftest = new Selftest(context, context.reserveId());
  const group = context.group(iommufd.mockGroup());
  const id = context.reserveId();
  const device = new Device(context, id, `mock ${id}`, group, null, deviceFlags);
  publishDevice(trace, device);
  const hwptId = changePt(iommufd, trace, device, ptId, "attach", given);
  if (hwptId === null) {
    unbindDevice(iommufd, trace, device);
    context.forget(selftest.id);
    return trace.refusal();
  }
  selftest.device = device;
  context.publish(selftest);
  trace.effect("create", () => ({
    objects: [refOf(selftest), refOf(device)],
    text: `${nameOf(selftest)} stands for ${nameOf(device)}: destroying it detaches and unbinds the device`,
  }));
  return { errno: "OK", out: { out_stdev_id: selftest.id, out_hwpt_id: hwptId, out_idev_id: device.id } };
}

const MOCK_ORDER = [R["id-not-found"], R["attach-pt-type"], R["group-on-other-hwpt"], R["reserved-hits-mapping-or-allowed"], R["hwpt-incompatible-device"], R["existing-maps-misaligned"], R["bad-user-memory"], R["memlock-limit"]];

const mockDomainPlain = defineTest(
  "IOMMU_TEST_OP_MOCK_DOMAIN",
  { summary: "Test: makes a mock device and attaches it to an IOAS or HWPT.", in: { id: idOf("an IOAS or HWPT") }, out: { out_stdev_id: u32, out_hwpt_id: u32, out_idev_id: u32 }, order: MOCK_ORDER },
  (iommufd, context, { id }, trace, given) => mockDomain(iommufd, context, id, 0, trace, given),
);

const mockDomainFlags = defineTest(
  "IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS",
  {
    summary: "Test: makes a mock device without dirty tracking (1) or with 1 MiB IO pages (2) and attaches it.",
    in: { id: idOf("an IOAS or HWPT"), dev_flags: flagBits }, out: { out_stdev_id: u32, out_hwpt_id: u32, out_idev_id: u32 }, order: [R["test-argument"], ...MOCK_ORDER],
  },
  (iommufd, context, { id, dev_flags }, trace, given) => {
    if (!trace.holds(R["test-argument"], (dev_flags & ~3) === 0, () => ({ fn: "mock_dev_create", note: `dev_flags ${dev_flags}` }))) return trace.refusal();
    return mockDomain(iommufd, context, id, dev_flags, trace, given);
  },
);

const mockDomainReplace = defineTest(
  "IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE",
  {
    summary: "Test: moves a mock device to another IOAS or HWPT.", in: { id: idOf("a selftest object"), pt_id: idOf("an IOAS or HWPT") }, out: { pt_id: u32 },
    order: [R["id-not-found"], R["attach-pt-type"], R["replace-not-attached"], R["reserved-hits-mapping-or-allowed"], R["hwpt-incompatible-device"], R["existing-maps-misaligned"], R["bad-user-memory"], R["memlock-limit"]],
  },
  (iommufd, context, { id, pt_id }, trace, given) => {
    const selftest = findSelftest(trace, context, id);
    if (!selftest?.device) return trace.refusal();
    const used = changePt(iommufd, trace, selftest.device, pt_id, "replace", given);
    return used === null ? trace.refusal() : { errno: "OK", out: { pt_id: used } };
  },
);

/** MD_CHECK_MAP: does the page table map iova… to exactly the pages behind uptr…? */
const checkMap = defineTest(
  "IOMMU_TEST_OP_MD_CHECK_MAP",
  {
    summary: "Test: compares what a page table maps with the caller's memory.", in: { id: idOf("a paging HWPT"), iova: iovaKind, length: lengthKind, uptr: pointer },
    order: [R["test-argument"], R["id-not-found"], R["process-memory"], R["test-check"]],
  },
  (iommufd, context, { id, iova, length, uptr }, trace, _given, caller) => {
    const va = iommufd.memory.address(uptr);
    const aligned = isAligned(iova, MOCK_IO_PAGE) && isAligned(va, MOCK_IO_PAGE) && isAligned(length, MOCK_IO_PAGE) && (length === 0 || !wraps(va, add(length, 1)));
    if (!trace.holds(R["test-argument"], aligned, () => ({ fn: "iommufd_test_md_check_pa", note: `multiples of ${MOCK_IO_PAGE}` }))) return trace.refusal();
    const hwpt = findPaging(trace, context, id);
    if (!hwpt) return trace.refusal();
    for (let done: U64 = 0; done < length; done = add(done, MOCK_IO_PAGE)) {
      const frame = iommufd.memory.frameAt(caller, add(va, done));
      if (frame === null) return trace.refuse(R["process-memory"], () => ({ note: `nothing is mapped at ${groupedHex(add(va, done))}` }));
      const same = mapsTo(iommufd, hwpt, add(iova, done)) === frame * PAGE_SIZE + Number(maskLow(add(va, done), PAGE_SIZE));
      if (!same) return trace.refuse(R["test-check"], () => ({ objects: [refOf(hwpt)], note: `at ${groupedHex(add(iova, done))}` }));
    }
    return { errno: "OK" };
  },
);

/** The place in memory (frame and offset, as one number) that a page table maps an address to; null: nothing. */
function mapsTo(iommufd: Iommufd, hwpt: HwptPaging, iova: U64): number | null {
  const area = hwpt.ioas.table.areas.at(iova);
  if (!area) return null;
  const va = vaAt(area, iova);
  const frame = frameBehind(iommufd, hwpt.context, area, va);
  return frame === null ? null : frame * PAGE_SIZE + Number(maskLow(va, PAGE_SIZE));
}

/** MD_CHECK_REFS: is every page at uptr pinned exactly `refs` times? Pages of hugetlb memory are not compared. */
const checkRefs = defineTest(
  "IOMMU_TEST_OP_MD_CHECK_REFS",
  {
    summary: "Test: compares how often the caller's pages are pinned.", in: { length: lengthKind, uptr: pointer, refs: u32 },
    order: [R["test-argument"], R["process-memory"], R["test-check"]],
  },
  (iommufd, _context, { length, uptr, refs }, trace, _given, caller) => {
    const va = iommufd.memory.address(uptr);
    const aligned = isAligned(va, PAGE_SIZE) && isAligned(length, PAGE_SIZE) && (length === 0 || !wraps(va, add(length, 1)));
    if (!trace.holds(R["test-argument"], aligned, () => ({ fn: "iommufd_test_md_check_refs", note: `multiples of ${PAGE_SIZE}` }))) return trace.refusal();
    const counts = pinCounts(iommufd);
    for (let done: U64 = 0; done < length; done = add(done, PAGE_SIZE)) {
      const frame = iommufd.memory.frameAt(caller, add(va, done));
      if (frame === null) return trace.refuse(R["process-memory"], () => ({ note: `nothing is mapped at ${groupedHex(add(va, done))}` }));
      if (iommufd.memory.bufferOf(add(va, done))?.hugetlb) continue;
      const count = counts(frame);
      if (count !== refs) return trace.refuse(R["test-check"], () => ({ fn: "iommufd_test_md_check_refs", note: `page ${groupedHex(add(va, done))} is pinned ${count} times, not ${refs}` }), "EIO");
    }
    return { errno: "OK" };
  },
);

const checkIotlb = defineTest(
  "IOMMU_TEST_OP_MD_CHECK_IOTLB",
  {
    summary: "Test: compares one IOTLB entry of a nested HWPT.", in: { id: idOf("a nested HWPT"), "check_iotlb.id": u32, "check_iotlb.iotlb": u32 },
    order: [R["id-not-found"], R["test-check"]],
  },
  (_iommufd, context, fields, trace) => {
    const hwpt = findNested(trace, context, fields.id);
    if (!hwpt) return trace.refusal();
    const entry = hwpt.domain?.iotlb[fields["check_iotlb.id"]];
    if (
      !trace.holds(R["test-check"], entry === fields["check_iotlb.iotlb"] >>> 0, () => ({
        fn: "iommufd_test_md_check_iotlb", objects: [refOf(hwpt)],
        note: `entry ${fields["check_iotlb.id"]} holds ${entry ?? "nothing"}`,
      }))
    ) return trace.refusal();
    return { errno: "OK" };
  },
);

const memoryLimit = defineTest(
  "IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT",
  { summary: "Test: limits the kernel's temporary memory for batches; nothing else changes.", in: { limit: u32 }, order: [R["test-argument"]] },
  (_iommufd, _context, { limit }, trace) =>
    trace.holds(R["test-argument"], limit >= 12, () => ({ fn: "iommufd_test", note: `limit ${limit}, at least 12` })) ? { errno: "OK" } : trace.refusal(),
);

/** TRIGGER_IOPF: a page request of a device; it reaches a queue only if the device sits on a HWPT that has one. */
const triggerFault = defineTest(
  "IOMMU_TEST_OP_TRIGGER_IOPF",
  {
    summary: "Test: a device reports an IO page fault.",
    in: { dev_id: idOf("a device"), pasid: orElse(u32, 0), grpid: orElse(u32, 0), perm: orElse(u32, 0), addr: orElse(u64, 0) }, order: [R["id-not-found"]],
  },
  (_iommufd, context, { dev_id, pasid, grpid, perm, addr }, trace) => {
    const device = findDevice(trace, context, dev_id);
    if (!device) return trace.refusal();
    const hwpt = device.group.attached.includes(device) ? device.group.hwpt : null;
    if (hwpt?.fault) deliver(trace, hwpt.fault, { group: device.group, flags: pasid === 0 ? 2 : 3, dev_id: device.id, pasid, grpid, perm, addr });
    return { errno: "OK" };
  },
);

/** The operations of 6.12 have the numbers from 1 to this. */
const LAST_OP = 15;

/** The ioctl with an operation number the kernel does not have; a known one, with all its fields zero, is refused too. */
const rawOp = defineTest(
  "IOMMU_TEST_OP_RAW",
  { summary: "Test: an operation by its bare number.", in: { op: u32, id: orElse(u32, 0) }, order: [R["test-op-known"]] },
  (_iommufd, _context, { op }, trace) => {
    const known = op > 0 && op <= LAST_OP;
    return trace.holds(R["test-op-known"], known, () => ({ note: `op ${op}` })) ? trace.refuse(R["test-argument"]) : trace.refusal();
  },
);

export const testCalls: readonly CallDef[] = [rawOp, addReserved, mockDomainPlain, mockDomainFlags, mockDomainReplace, checkMap, checkRefs, checkIotlb, memoryLimit, triggerFault];
