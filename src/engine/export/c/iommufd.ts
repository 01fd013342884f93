/** The ioctls of iommufd as C. */
import { lowestBit, toBig } from "../../../base/u64.ts";
import { isJsonObject } from "../../../base/json.ts";
import type { InclusiveRange } from "../../../kernel/fields.ts";
import { address, iommufdIoctl, memory, n32, n64, structure, type Writer } from "./ioctl.ts";
import { big, num } from "./program.ts";
import { constant } from "./words.ts";

const alloc: Writer = (program, call) => {
  const { context, ...written } = iommufdIoctl(program, call, "IOMMU_IOAS_ALLOC", "iommu_ioas_alloc", [["flags", n32(call, "flags")]]);
  return { ...written, good: [program.give(context, call.answer.out?.out_ioas_id, "ioas", "cmd.out_ioas_id")] };
};

/** Ranges that a list of the kernel's may have; a program asks for no more. */
const MOST_RANGES = 65536;

const iovaRanges: Writer = (program, call) => {
  const { context } = program.iommufd(call.process, call.fields.fd);
  const given = call.fields.allowed_iovas as InclusiveRange[] | { at: number | bigint };
  const room = Math.min(MOST_RANGES, num(call.fields, "num_iovas"));
  const isPointer = !Array.isArray(given);
  const ranges = isPointer ? null : memory("ranges", room * 16);
  program.struct("iommu_iova_range");
  const written = iommufdIoctl(program, call, "IOMMU_IOAS_IOVA_RANGES", "iommu_ioas_iova_ranges", [
    ["ioas_id", program.id(context, call.fields.ioas_id)], ["num_iovas", constant(room)], ["allowed_iovas", isPointer ? constant(given.at, 64) : address("ranges")],
  ]);
  const usable = call.answer.out?.num_iovas;
  const check = typeof usable === "number" ? [`same(${call.step}, "num_iovas", cmd.num_iovas, ${constant(usable, 64)});`] : [];
  return { ...written, before: [...(ranges ? [ranges.before] : []), ...written.before], good: check, finally: ranges ? [ranges.free] : [] };
};

const allowIovas: Writer = (program, call) => {
  const { context } = program.iommufd(call.process, call.fields.fd);
  const given = call.fields.allowed_iovas as InclusiveRange[] | { at: number | bigint };
  const list = Array.isArray(given) ? given : [];
  const count = num(call.fields, "num_iovas") < 0 ? list.length : num(call.fields, "num_iovas");
  const array = list.length === 0 ? [] : [`${program.struct("iommu_iova_range")} ranges[] = {`, ...list.map(({ start, last }) => `\t{ ${constant(start, 64)}, ${constant(last, 64)} },`), "};"];
  const written = iommufdIoctl(program, call, "IOMMU_IOAS_ALLOW_IOVAS", "iommu_ioas_allow_iovas", [
    ["ioas_id", program.id(context, call.fields.ioas_id)], ["num_iovas", constant(Math.min(count, Array.isArray(given) ? list.length : count))],
    ["allowed_iovas", Array.isArray(given) ? (list.length === 0 ? "0" : address("ranges")) : constant(given.at, 64)],
  ]);
  return { ...written, before: [...array, ...written.before] };
};

const map: Writer = (program, call) => {
  const { context } = program.iommufd(call.process, call.fields.fd);
  const written = iommufdIoctl(program, call, "IOMMU_IOAS_MAP", "iommu_ioas_map", [
    ["flags", n32(call, "flags")], ["ioas_id", program.id(context, call.fields.ioas_id)], ["user_va", program.pointer(call.fields.user_va)], ["length", n64(call, "length")], ["iova", n64(call, "iova")],
  ]);
  return { ...written, good: [`same(${call.step}, "iova", cmd.iova, ${constant(big(call.answer.out ?? {}, "iova"), 64)});`] };
};

const copy: Writer = (program, call) => {
  const { context } = program.iommufd(call.process, call.fields.fd);
  const written = iommufdIoctl(program, call, "IOMMU_IOAS_COPY", "iommu_ioas_copy", [
    ["flags", n32(call, "flags")], ["dst_ioas_id", program.id(context, call.fields.dst_ioas_id)], ["src_ioas_id", program.id(context, call.fields.src_ioas_id)], ["length", n64(call, "length")],
    ["dst_iova", n64(call, "dst_iova")], ["src_iova", n64(call, "src_iova")],
  ]);
  return { ...written, good: [`same(${call.step}, "dst_iova", cmd.dst_iova, ${constant(big(call.answer.out ?? {}, "dst_iova"), 64)});`] };
};

const unmap: Writer = (program, call) => {
  const { context } = program.iommufd(call.process, call.fields.fd);
  const written = iommufdIoctl(program, call, "IOMMU_IOAS_UNMAP", "iommu_ioas_unmap", [["ioas_id", program.id(context, call.fields.ioas_id)], ["iova", n64(call, "iova")], ["length", n64(call, "length")]]);
  return { ...written, good: [`same(${call.step}, "length", cmd.length, ${constant(big(call.answer.out ?? {}, "length"), 64)});`] };
};

const destroy: Writer = (program, call) => {
  const { context } = program.iommufd(call.process, call.fields.fd);
  return iommufdIoctl(program, call, "IOMMU_DESTROY", "iommu_destroy", [["id", program.id(context, call.fields.id)]]);
};

const option: Writer = (program, call) => {
  const { context } = program.iommufd(call.process, call.fields.fd);
  return iommufdIoctl(program, call, "IOMMU_OPTION", "iommu_option", [
    ["option_id", n32(call, "option_id")], ["op", constant(num(call.fields, "op"), 16)], ["object_id", program.id(context, call.fields.object_id)], ["val64", n64(call, "val64")],
  ]);
};

const vfioIoas: Writer = (program, call) => {
  const { context } = program.iommufd(call.process, call.fields.fd);
  return iommufdIoctl(program, call, "IOMMU_VFIO_IOAS", "iommu_vfio_ioas", [["ioas_id", program.id(context, call.fields.ioas_id)], ["op", constant(num(call.fields, "op"), 16)]]);
};

/** The driver's data of a page table: what the test device and VT-d take; anything else is zeros of that length. */
const hwptAlloc: Writer = (program, call) => {
  const { context } = program.iommufd(call.process, call.fields.fd);
  const { data } = call.fields;
  const length = num(call.fields, "data_len");
  const before: string[] = [];
  let pointer = "0";
  if (call.fields.data_uptr !== null && call.fields.data_uptr !== undefined) pointer = program.pointer(call.fields.data_uptr);
  else if (length > 0) {
    const known = isJsonObject(data) ? data : {};
    const number = (name: string, bits: 32 | 64) => constant(typeof known[name] === "number" ? known[name] : typeof known[name] === "string" && /^0x[0-9a-f]{1,16}$/i.test(known[name]) ? BigInt(known[name]) : 0, bits);
    const parts = "pgtbl_addr" in known
      ? structure(program, "iommu_hwpt_vtd_s1", "data", [["flags", number("flags", 64)], ["pgtbl_addr", number("pgtbl_addr", 64)], ["addr_width", number("addr_width", 32)]])
      : structure(program, "iommu_hwpt_selftest", "data", [["iotlb", number("iotlb", 32)]]);
    // Drivers look at all of data_len: it must be memory of ours.
    before.push(...parts, `unsigned char bytes[${Math.max(64, Math.min(65536, length))}] = { 0 };`, "memcpy(bytes, &data, sizeof(data));");
    pointer = address("bytes");
  }
  const { context: at, ...written } = iommufdIoctl(program, call, "IOMMU_HWPT_ALLOC", "iommu_hwpt_alloc", [
    ["flags", n32(call, "flags")], ["dev_id", program.id(context, call.fields.dev_id)], ["pt_id", program.id(context, call.fields.pt_id)], ["data_type", n32(call, "data_type")], ["data_len", constant(length)],
    ["data_uptr", pointer], ["fault_id", program.id(context, call.fields.fault_id)], ["reserved2", n32(call, "__reserved2")],
  ]);
  return { ...written, before: [...before, ...written.before], good: [program.give(at, call.answer.out?.out_hwpt_id, "hwpt", "cmd.out_hwpt_id")] };
};

const invalidate: Writer = (program, call) => {
  const { context } = program.iommufd(call.process, call.fields.fd);
  const entries = call.fields.data as { flags: number; iotlb_id: number }[];
  const length = num(call.fields, "entry_len");
  const given = call.fields.data_uptr !== null && call.fields.data_uptr !== undefined;
  const room = memory("entries", Math.max(8, Math.max(entries.length, num(call.fields, "entry_num")) * Math.max(8, length)), 16 * 1024 * 1024);
  program.struct("iommu_hwpt_invalidate_selftest");
  const fill = entries.slice(0, 4096).filter((_entry, index) => (index + 1) * Math.max(8, length) <= room.length).flatMap(({ flags, iotlb_id }, index) => [
    `memcpy(entries + ${index * length}, &(struct iommu_hwpt_invalidate_selftest){ ${constant(flags)}, ${constant(iotlb_id)} }, 8);`, ...(num(call.fields, "entry_trailing_nonzero") === 0 || length <= 8 ? [] : [`entries[${index * length + 8}] = 1;`]),
  ]);
  const written = iommufdIoctl(program, call, "IOMMU_HWPT_INVALIDATE", "iommu_hwpt_invalidate", [
    ["hwpt_id", program.id(context, call.fields.hwpt_id)], ["data_uptr", given ? program.pointer(call.fields.data_uptr) : address("entries")], ["data_type", n32(call, "data_type")], ["entry_len", constant(length)],
    ["entry_num", n32(call, "entry_num")],
  ]);
  return given ? written : { ...written, before: [room.before, ...fill, ...written.before], finally: [room.free] };
};

const hwInfo: Writer = (program, call) => {
  const { context } = program.iommufd(call.process, call.fields.fd);
  const given = call.fields.data_uptr !== null && call.fields.data_uptr !== undefined;
  const room = memory("data", num(call.fields, "data_len"), 1024 * 1024);
  const written = iommufdIoctl(program, call, "IOMMU_GET_HW_INFO", "iommu_hw_info", [
    ["flags", n32(call, "flags")], ["dev_id", program.id(context, call.fields.dev_id)], ["data_len", constant(Math.min(num(call.fields, "data_len"), 1024 * 1024))], ["data_uptr", given ? program.pointer(call.fields.data_uptr) : address("data")],
  ]);
  return given ? written : { ...written, before: [room.before, ...written.before], finally: [room.free] };
};

const setTracking: Writer = (program, call) => {
  const { context } = program.iommufd(call.process, call.fields.fd);
  return iommufdIoctl(program, call, "IOMMU_HWPT_SET_DIRTY_TRACKING", "iommu_hwpt_set_dirty_tracking", [["flags", n32(call, "flags")], ["hwpt_id", program.id(context, call.fields.hwpt_id)]]);
};

const getBitmap: Writer = (program, call) => {
  const { context } = program.iommufd(call.process, call.fields.fd);
  const pageSize = big(call.fields, "page_size");
  const bits = pageSize === 0 ? 0n : toBig(big(call.fields, "length")) / toBig(lowestBit(pageSize));
  const given = call.fields.data !== null && call.fields.data !== undefined;
  const room = memory("bitmap", bits > 2n ** 29n ? 2 ** 26 : Number(bits) / 8 + 4096);
  room.before = room.before.replace(/calloc\(1, [\d.]+\)/, `calloc(1, ${Math.ceil(room.length)})`);
  const written = iommufdIoctl(program, call, "IOMMU_HWPT_GET_DIRTY_BITMAP", "iommu_hwpt_get_dirty_bitmap", [
    ["hwpt_id", program.id(context, call.fields.hwpt_id)], ["flags", n32(call, "flags")], ["iova", n64(call, "iova")], ["length", n64(call, "length")], ["page_size", constant(pageSize, 64)],
    ["data", given ? program.pointer(call.fields.data) : address("bitmap")],
  ]);
  return given ? written : { ...written, before: [room.before, ...written.before], finally: [room.free] };
};

const faultAlloc: Writer = (program, call) => {
  const { context, ...written } = iommufdIoctl(program, call, "IOMMU_FAULT_QUEUE_ALLOC", "iommu_fault_alloc", [["flags", n32(call, "flags")]]);
  const { out_fault_id, out_fault_fd } = call.answer.out ?? {};
  return {
    ...written, good: [program.give(context, out_fault_id, "fault", "cmd.out_fault_id"), typeof out_fault_fd === "number" ? program.giveFd(call.process, out_fault_fd, "fault_fd", "(int)cmd.out_fault_fd") : ""],
  };
};

export const iommufdWriters: Readonly<Record<string, Writer>> = {
  IOMMU_IOAS_ALLOC: alloc, IOMMU_IOAS_IOVA_RANGES: iovaRanges, IOMMU_IOAS_ALLOW_IOVAS: allowIovas, IOMMU_IOAS_MAP: map, IOMMU_IOAS_COPY: copy, IOMMU_IOAS_UNMAP: unmap, IOMMU_DESTROY: destroy, IOMMU_OPTION: option,
  IOMMU_VFIO_IOAS: vfioIoas, IOMMU_HWPT_ALLOC: hwptAlloc, IOMMU_HWPT_INVALIDATE: invalidate, IOMMU_GET_HW_INFO: hwInfo, IOMMU_HWPT_SET_DIRTY_TRACKING: setTracking, IOMMU_HWPT_GET_DIRTY_BITMAP: getBitmap,
  IOMMU_FAULT_QUEUE_ALLOC: faultAlloc,
};
