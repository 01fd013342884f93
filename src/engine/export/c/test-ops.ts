/** The test device's operations (CONFIG_IOMMUFD_TEST) as C: one ioctl, IOMMU_TEST_CMD. */
import { toBig, type U64 } from "../../../base/u64.ts";
import { address, iommufdIoctl, memory, n32, n64, type Writer, type Written } from "./ioctl.ts";
import { big, num, type CallToWrite, type Program } from "./program.ts";
import { constant } from "./words.ts";

type Fields = readonly (readonly [string, string])[];

function test(program: Program, call: CallToWrite, fields: Fields, id: "object" | "fd" | "none" = "object"): Written & { context: string } {
  const { context } = program.iommufd(call.process, call.fields.fd);
  const target: Fields = id === "none" ? [] : [["id", id === "object" ? program.id(context, call.fields.id) : `(uint32_t)${program.fd(call.process, num(call.fields, "id"))}`]];
  return iommufdIoctl(program, call, "IOMMU_TEST_CMD", "iommu_test_cmd", [["op", program.number(call.name)], ...target, ...fields]);
}

const mockDomain = (fields: (call: CallToWrite) => Fields): Writer => (program, call) => {
  const { context, ...written } = test(program, call, fields(call));
  const { out_stdev_id, out_hwpt_id, out_idev_id } = call.answer.out ?? {};
  return {
    ...written,
    good: [
      program.give(context, out_stdev_id, "stdev", "cmd.mock_domain.out_stdev_id"), program.give(context, out_idev_id, "idev", "cmd.mock_domain.out_idev_id"),
      // A page table that was there before keeps its variable.
      program.knows(context, out_hwpt_id) ? "" : program.give(context, out_hwpt_id, "hwpt", "cmd.mock_domain.out_hwpt_id"),
    ],
  };
};

const replace: Writer = (program, call) => {
  const { context } = program.iommufd(call.process, call.fields.fd);
  const written = test(program, call, [["mock_domain_replace.pt_id", program.id(context, call.fields.pt_id)]]);
  const used = call.answer.out?.pt_id;
  return { ...written, good: [program.knows(context, used) ? "" : program.give(context, used, "hwpt", "cmd.mock_domain_replace.pt_id")] };
};

const createAccess: Writer = (program, call) => {
  const { out_access_fd } = call.answer.out ?? {};
  return {
    ...test(program, call, [["create_access.flags", n32(call, "flags")]]),
    good: [typeof out_access_fd === "number" ? program.giveFd(call.process, out_access_fd, "access", "(int)cmd.create_access.out_access_fd") : ""],
  };
};

const replaceIoas: Writer = (program, call) => {
  const { context } = program.iommufd(call.process, call.fields.fd);
  return test(program, call, [["access_replace_ioas.ioas_id", program.id(context, call.fields.ioas_id)]], "fd");
};

const accessPages: Writer = (program, call) => {
  const item = call.answer.out?.out_access_pages_id;
  const written = test(program, call, [
    ["access_pages.flags", n32(call, "flags")], ["access_pages.iova", n64(call, "iova")], ["access_pages.length", n64(call, "length")], ["access_pages.uptr", program.pointer(call.fields.uptr)],
  ], "fd");
  return { ...written, good: [program.give(`fd ${num(call.fields, "id")}`, item, "pages", "cmd.access_pages.out_access_pages_id")] };
};

/** Bytes of a hexadecimal text, as many as a call may carry. */
function bytesOf(text: string): string[] {
  return (text.match(/[0-9a-fA-F]{2}/g) ?? []).slice(0, 65536).map((pair) => `0x${pair}`);
}

const RW_WRITE = 1;
const LONGEST_RW = 16 * 1024 * 1024;

const accessRw: Writer = (program, call) => {
  const length = big(call.fields, "length");
  const room = memory("bytes", length > LONGEST_RW ? 1 : Number(length));
  const { data } = call.fields;
  const given = call.fields.uptr !== null && call.fields.uptr !== undefined;
  const before = given ? [] : [room.before];
  if (!given && (num(call.fields, "flags") & RW_WRITE) !== 0) {
    const bytes = typeof data === "string" ? bytesOf(data).slice(0, room.length) : [];
    if (bytes.length > 0) before.push(`static const unsigned char data[] = { ${bytes.join(", ")} };`, "memcpy(bytes, data, sizeof(data));");
    else before.push(`${program.helper("counting")}(bytes, ${room.length}, ${n32(call, "data_fill")});`);
  }
  const written = test(program, call, [
    ["access_rw.iova", n64(call, "iova")], ["access_rw.length", n64(call, "length")], ["access_rw.uptr", given ? program.pointer(call.fields.uptr) : address("bytes")], ["access_rw.flags", n32(call, "flags")],
  ], "fd");
  return { ...written, before: [...before, ...written.before], finally: given ? [] : [room.free] };
};

/** The bits are told apart by their distance from the start of the range, in pages. */
const dirty: Writer = (program, call) => {
  const pageSize = toBig(big(call.fields, "page_size"));
  const iova = toBig(big(call.fields, "iova"));
  const bits = pageSize === 0n ? [] : (call.fields.set_iovas as U64[]).slice(0, 65536).map((at) => BigInt.asUintN(64, toBig(at) - iova) / pageSize);
  const pages = pageSize === 0n ? 0n : toBig(big(call.fields, "length")) / pageSize;
  const room = memory("bitmap", pages > 2n ** 29n ? 2 ** 26 : Math.ceil(Number(pages) / 8) + 8);
  const given = call.fields.uptr !== null && call.fields.uptr !== undefined;
  const before = given ? [] : [room.before];
  if (!given && bits.length > 0) before.push(`static const u64 bits[] = { ${bits.map((bit) => constant(bit, 64)).join(", ")} };`, `${program.helper("set_bits")}(bitmap, ${room.length}, bits, sizeof(bits) / sizeof(bits[0]));`);
  const written = test(program, call, [
    ["dirty.flags", n32(call, "flags")], ["dirty.iova", n64(call, "iova")], ["dirty.length", n64(call, "length")], ["dirty.page_size", n64(call, "page_size")], ["dirty.uptr", given ? program.pointer(call.fields.uptr) : address("bitmap")],
  ]);
  return {
    ...written, before: [...before, ...written.before], good: [`same(${call.step}, "out_nr_dirty", cmd.dirty.out_nr_dirty, ${constant(num(call.answer.out ?? {}, "out_nr_dirty"), 64)});`], finally: given ? [] : [room.free],
  };
};

const raw: Writer = (program, call) => {
  const { context } = program.iommufd(call.process, call.fields.fd);
  return iommufdIoctl(program, call, "IOMMU_TEST_CMD", "iommu_test_cmd", [["op", n32(call, "op")], ["id", program.id(context, call.fields.id)]]);
};

export const testWriters: Readonly<Record<string, Writer>> = {
  IOMMU_TEST_OP_ADD_RESERVED: (program, call) => test(program, call, [["add_reserved.start", n64(call, "start")], ["add_reserved.length", n64(call, "length")]]),
  IOMMU_TEST_OP_MOCK_DOMAIN: mockDomain(() => []),
  IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS: mockDomain((call) => [["mock_domain.dev_flags", n32(call, "dev_flags")]]),
  IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE: replace,
  IOMMU_TEST_OP_MD_CHECK_MAP: (program, call) => test(program, call, [["check_map.iova", n64(call, "iova")], ["check_map.length", n64(call, "length")], ["check_map.uptr", program.pointer(call.fields.uptr)]]),
  IOMMU_TEST_OP_MD_CHECK_REFS: (program, call) => test(program, call, [["check_refs.length", n64(call, "length")], ["check_refs.uptr", program.pointer(call.fields.uptr)], ["check_refs.refs", n32(call, "refs")]], "none"),
  IOMMU_TEST_OP_MD_CHECK_IOTLB: (program, call) => test(program, call, [["check_iotlb.id", n32(call, "check_iotlb.id")], ["check_iotlb.iotlb", n32(call, "check_iotlb.iotlb")]]),
  IOMMU_TEST_OP_CREATE_ACCESS: createAccess,
  IOMMU_TEST_OP_ACCESS_REPLACE_IOAS: replaceIoas,
  IOMMU_TEST_OP_ACCESS_PAGES: accessPages,
  IOMMU_TEST_OP_DESTROY_ACCESS_PAGES: (program, call) =>
    test(program, call, [["destroy_access_pages.access_pages_id", program.id(`fd ${num(call.fields, "id")}`, call.fields.access_pages_id)]], "fd"),
  IOMMU_TEST_OP_ACCESS_RW: accessRw,
  IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT: (program, call) => test(program, call, [["memory_limit.limit", n32(call, "limit")]], "none"),
  IOMMU_TEST_OP_DIRTY: dirty,
  IOMMU_TEST_OP_TRIGGER_IOPF: (program, call) => {
    const { context } = program.iommufd(call.process, call.fields.fd);
    return test(program, call, [
      ["trigger_iopf.dev_id", program.id(context, call.fields.dev_id)], ["trigger_iopf.pasid", n32(call, "pasid")], ["trigger_iopf.grpid", n32(call, "grpid")], ["trigger_iopf.perm", n32(call, "perm")],
      ["trigger_iopf.addr", n64(call, "addr")],
    ], "none");
  },
  IOMMU_TEST_OP_RAW: raw,
};
