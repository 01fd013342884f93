/**
 * A test program of the kernel's iommufd suite, in our own form: what it calls and which answers it expects. It runs on the
 * model as the real one runs on Linux 6.12 with the mock device. Facts from tools/testing/selftests/iommu; no code from there.
 */
import { hex, type U64 } from "../../src/base/u64.ts";
import type { JsonObject } from "../../src/base/json.ts";
import { encodeOut } from "../../src/kernel/call.ts";
import { CallTrace } from "../../src/kernel/call-trace.ts";
import type { ErrnoOrOk } from "../../src/kernel/errno.ts";
import { checkInvariants } from "../../src/kernel/iommufd/invariants.ts";
import { Machine } from "../../src/kernel/machine.ts";
import { wholeKernel } from "../../src/kernel/whole.ts";
import { machineConfig } from "../../src/scenario/machine-config.ts";
import type { Scenario } from "../../src/scenario/scenario.ts";

export const PAGE = 4096;
/** The mock driver's IO pages, bytes. */
export const IO_PAGE = 2048;
export const IO_HUGE = 512 * IO_PAGE;
export const HUGE = 0x20_0000;
/** The mock domain's aperture, inclusive. */
export const APERTURE = 0x100_0000;
export const APERTURE_LAST = 0x7fff_ffff;
/** The buffer that all tests share: 16 pages, at a huge page's address. */
export const BUFFER = 0x7fff_f000_0000;
export const BUFFER_SIZE = 16 * PAGE;
/** Where a test's own memory is. */
export const OWN = 0x7fff_e000_0000;

export type Own = { size: number; kind?: string; name?: string };

export const FIXED = 1;
export const WRITE = 2;
export const READ = 4;

export class Program {
  readonly machine: Machine;
  /** How many calls were made. */
  calls = 0;
  private readonly explain: boolean;

  /** `own`: a buffer of the test's own at OWN. `explain`: every call collects its checks, as for the step on screen. */
  constructor(own: Own | null = null, explain = true) {
    this.explain = explain;
    const buffers = [{ name: "buffer", va: hex(BUFFER), size: hex(BUFFER_SIZE), kind: "anon", shared: true, content: "zero" }];
    if (own) buffers.push({ name: "buf", va: hex(OWN), size: hex(own.size), kind: own.kind ?? "anon", shared: own.kind !== "file-private", content: "zero" });
    const scenario: Scenario = { title: "selftest", platform: { kind: "mock" }, trace: "iommufd", kernel: "6.12.117", first_fd: 4, buffers, calls: [] };
    this.machine = new Machine(machineConfig(scenario), wholeKernel);
  }

  /** Makes a call and gives its errno and output. */
  do(call: string, fields: JsonObject): { errno: ErrnoOrOk; out: JsonObject; rule: string } {
    this.calls++;
    const ready = this.machine.ready({ call, in: fields });
    const trace = new CallTrace(this.explain);
    const { errno, out } = this.machine.run(ready, trace);
    return { errno: errno ?? "OK", out: encodeOut(ready.def, out ?? {}), rule: trace.refusedBy?.id ?? "" };
  }

  ok(call: string, fields: JsonObject = {}): JsonObject {
    const { errno, out, rule } = this.do(call, fields);
    if (errno !== "OK") throw new Error(`${call} ${JSON.stringify(fields)}: ${errno} (${rule}) instead of OK`);
    return out;
  }

  err(expected: ErrnoOrOk, call: string, fields: JsonObject = {}): JsonObject {
    const { errno, out, rule } = this.do(call, fields);
    if (errno !== expected) throw new Error(`${call} ${JSON.stringify(fields)}: ${errno} (${rule}) instead of ${expected}`);
    return out;
  }

  is(found: unknown, expected: unknown, what: string): void {
    if (JSON.stringify(found) !== JSON.stringify(expected)) throw new Error(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`);
  }

  /** Runs a test, and what every test ends with: the iommufd is closed, and no page of the common buffer is pinned. Throws for a wrong answer. */
  run(test: () => void): void {
    test();
    checkInvariants(this.machine.iommufd);
    this.ok("CLOSE_FD", { fd: 3 });
    this.ok("IOMMUFD_OPEN");
    this.refs(BUFFER, BUFFER_SIZE, 0);
    this.ok("CLOSE_FD", { fd: 3 });
  }

  ioas(): number {
    return this.ok("IOMMU_IOAS_ALLOC", { flags: 0 }).out_ioas_id as number;
  }

  mock(ptId: number, flags?: number): { stdev: number; hwpt: number; device: number } {
    const out = flags === undefined ? this.ok("IOMMU_TEST_OP_MOCK_DOMAIN", { id: ptId }) : this.ok("IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS", { id: ptId, dev_flags: flags });
    return { stdev: out.out_stdev_id as number, hwpt: out.out_hwpt_id as number, device: out.out_idev_id as number };
  }

  destroy(id: number, errno: ErrnoOrOk = "OK"): void {
    this.err(errno, "IOMMU_DESTROY", { id });
  }

  replace(stdev: number, ptId: number, errno: ErrnoOrOk = "OK"): number {
    return this.err(errno, "IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE", { id: stdev, pt_id: ptId }).pt_id as number;
  }

  hwpt(device: number, ptId: number, flags = 0, errno: ErrnoOrOk = "OK", more: JsonObject = {}): number {
    return this.err(errno, "IOMMU_HWPT_ALLOC", { flags, dev_id: device, pt_id: ptId, data_type: 0, data_len: 0, fault_id: 0, ...more }).out_hwpt_id as number;
  }

  /** An automatic map; the IOVA. */
  map(ioas: number, va: U64, length: U64, flags = WRITE | READ): number {
    return Number(this.ok("IOMMU_IOAS_MAP", { flags, ioas_id: ioas, user_va: hex(va), length: hex(length), iova: "0x0" }).iova);
  }

  mapFails(errno: ErrnoOrOk, ioas: number, va: U64, length: U64): void {
    this.err(errno, "IOMMU_IOAS_MAP", { flags: WRITE | READ, ioas_id: ioas, user_va: hex(va), length: hex(length), iova: "0x0" });
  }

  mapFixed(ioas: number, va: U64, length: U64, iova: U64, errno: ErrnoOrOk = "OK", process = 0): void {
    this.err(errno, "IOMMU_IOAS_MAP", { flags: FIXED | WRITE | READ, ioas_id: ioas, user_va: hex(va), length: hex(length), iova: hex(iova), process });
  }

  /** Unmaps; how many bytes. */
  unmap(ioas: number, iova: U64, length: U64, errno: ErrnoOrOk = "OK"): number {
    return Number(this.err(errno, "IOMMU_IOAS_UNMAP", { ioas_id: ioas, iova: hex(iova), length: hex(length) }).length);
  }

  copy(from: number, to: number, srcIova: U64, dstIova: U64, length: U64, errno: ErrnoOrOk = "OK"): void {
    this.err(errno, "IOMMU_IOAS_COPY", { flags: FIXED | WRITE, dst_ioas_id: to, src_ioas_id: from, length: hex(length), dst_iova: hex(dstIova), src_iova: hex(srcIova) });
  }

  reserve(ioas: number, start: U64, length: U64, errno: ErrnoOrOk = "OK"): void {
    this.err(errno, "IOMMU_TEST_OP_ADD_RESERVED", { id: ioas, start: hex(start), length: hex(length) });
  }

  allow(ioas: number, ranges: [U64, U64][], errno: ErrnoOrOk = "OK"): void {
    this.err(errno, "IOMMU_IOAS_ALLOW_IOVAS", { ioas_id: ioas, num_iovas: ranges.length, allowed_iovas: ranges.map(([start, last]) => ({ start: hex(start), last: hex(last) })) });
  }

  /** Does the page table map the range to exactly this memory? */
  checkMap(hwpt: number, iova: U64, va: U64, length: U64): void {
    this.ok("IOMMU_TEST_OP_MD_CHECK_MAP", { id: hwpt, iova: hex(iova), length: hex(length), uptr: hex(va) });
  }

  refs(va: U64, length: U64, refs: number): void {
    this.ok("IOMMU_TEST_OP_MD_CHECK_REFS", { length: hex(length), uptr: hex(va), refs });
  }

  /** A new access; its fd. */
  access(ioas: number, pins: boolean): number {
    return this.ok("IOMMU_TEST_OP_CREATE_ACCESS", { id: ioas, flags: pins ? 1 : 0 }).out_access_fd as number;
  }

  /** Pins through an access; the item. */
  pin(fd: number, iova: U64, length: U64, va: U64): number {
    return this.ok("IOMMU_TEST_OP_ACCESS_PAGES", { id: fd, flags: 0, iova: hex(iova), length: hex(length), uptr: hex(va) }).out_access_pages_id as number;
  }

  unpin(fd: number, item: number, errno: ErrnoOrOk = "OK"): void {
    this.err(errno, "IOMMU_TEST_OP_DESTROY_ACCESS_PAGES", { id: fd, access_pages_id: item });
  }

  close(fd: number): void {
    this.ok("CLOSE_FD", { fd });
  }
}
