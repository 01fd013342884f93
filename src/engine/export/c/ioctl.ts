/** What one call becomes, and the common way of an ioctl with a structure. */
import { big, num, type CallToWrite, type Program } from "./program.ts";
import { constant } from "./words.ts";

/** The body of a step's function. */
export interface Written {
  /** Declarations and statements before the call. */
  before: string[];
  /** The call: an expression that is negative, with errno set, when it fails. */
  call: string;
  /** When it has succeeded. */
  good?: string[];
  /** Whether it succeeded or not. */
  finally?: string[];
}

export type Writer = (program: Program, call: CallToWrite) => Written;

/** Bytes of the structures that begin with their size. */
const SIZES: Readonly<Record<string, number>> = {
  iommu_destroy: 8, iommu_ioas_alloc: 12, iommu_ioas_allow_iovas: 24, iommu_ioas_copy: 40, iommu_ioas_iova_ranges: 32, iommu_ioas_map: 40, iommu_ioas_unmap: 24, iommu_option: 24, iommu_vfio_ioas: 12,
  iommu_hwpt_alloc: 48, iommu_hw_info: 40, iommu_hwpt_set_dirty_tracking: 16, iommu_hwpt_get_dirty_bitmap: 48, iommu_hwpt_invalidate: 32, iommu_fault_alloc: 16, iommu_test_cmd: 72,
};
/** Longer structures than this are refused by the kernel whatever they hold. */
const LONGEST = 65536;

/** An ioctl of an iommufd: its structure with these fields (field, C expression). */
export function iommufdIoctl(program: Program, call: CallToWrite, request: string, struct: string, fields: readonly (readonly [string, string])[]): { before: string[]; call: string; context: string } {
  const { fd, context } = program.iommufd(call.process, call.fields.fd);
  const known = SIZES[struct] ?? 0;
  const size = typeof call.fields.size === "number" ? call.fields.size : known;
  const reserved = num(call.fields, "__reserved");
  const all = [["size", size === known ? "sizeof(cmd)" : constant(size)] as const, ...fields, ...(reserved === 0 ? [] : [["reserved", constant(reserved)] as const])];
  const before = structure(program, struct, "cmd", all);
  program.number(request);
  if (size <= known) return { before, call: `ioctl(${fd}, ${request}, &cmd)`, context };
  program.helper("longer");
  return { before, call: `longer(${fd}, ${request}, &cmd, sizeof(cmd), ${constant(Math.min(size, LONGEST))}, ${num(call.fields, "trailing_nonzero") === 0 ? 0 : 1})`, context };
}

/** A structure with a name. Zeros are left out. */
export function structure(program: Program, struct: string, name: string, fields: readonly (readonly [string, string])[]): string[] {
  const set = fields.filter(([, value]) => value !== "0" && value !== "0ull");
  if (set.length === 0) return [`${program.struct(struct)} ${name} = { 0 };`];
  return [`${program.struct(struct)} ${name} = {`, ...set.map(([field, value]) => `\t.${field} = ${value},`), "};"];
}

/** A 32-bit field of the call. */
export function n32({ fields }: CallToWrite, name: string): string {
  return constant(num(fields, name));
}

/** A 64-bit field of the call. */
export function n64({ fields }: CallToWrite, name: string): string {
  return constant(big(fields, name), 64);
}

/** Memory of a bounded size, zeroed; `name` is freed in the end. */
export function memory(name: string, bytes: number, most = 64 * 1024 * 1024): { before: string; free: string; length: number } {
  const length = Math.max(1, Math.min(most, bytes));
  return { before: `unsigned char *${name} = calloc(1, ${length});`, free: `free(${name});`, length };
}

export function address(name: string): string {
  return `(uintptr_t)${name}`;
}
