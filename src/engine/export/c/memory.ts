/** The memory that a program's calls name: the scenario's buffers, or the user addresses that a log shows. */
import { min, toBig, type U64 } from "../../../base/u64.ts";
import type { Pointer } from "../../../kernel/fields.ts";
import { big, type CallToWrite, type Program } from "./program.ts";
import { constant, remark } from "./words.ts";

export interface UserRange {
  first: U64;
  /** Exclusive. */
  end: U64;
}

const PAGE = 4096n;
const MOST_RANGES = 4096;
/** End of what a process may map on a usual machine. */
const HIGHEST: U64 = 0x7fff_ffff_f000;

/** User memory that a call names by its plain address; null when it names none, or when the log says that it could not be pinned. */
export function memoryOf({ name, fields }: CallToWrite, given: { pin?: string } | undefined): UserRange | null {
  const field = name === "IOMMU_IOAS_MAP" ? "user_va" : name === "VFIO_IOMMU_MAP_DMA" ? "vaddr" : null;
  if (field === null || given?.pin === "EFAULT") return null;
  const pointer = fields[field] as Pointer | undefined;
  const length = big(fields, name === "IOMMU_IOAS_MAP" ? "length" : "size");
  if (!pointer || !("va" in pointer) || pointer.va === 0 || length === 0) return null;
  const first = toBig(pointer.va) & ~(PAGE - 1n);
  const end = (toBig(pointer.va) + toBig(length) + PAGE - 1n) & ~(PAGE - 1n);
  return end > toBig(HIGHEST) || first < 0x10000n ? null : { first, end };
}

/** The same memory in ranges that don't touch. */
export function merged(ranges: UserRange[]): UserRange[] {
  const sorted = ranges.map(({ first, end }) => ({ first: toBig(first), end: toBig(end) })).sort((one, other) => (one.first < other.first ? -1 : one.first > other.first ? 1 : 0));
  const found: { first: bigint; end: bigint }[] = [];
  for (const range of sorted) {
    const last = found.at(-1);
    if (last && range.first <= last.end) {
      if (range.end > last.end) last.end = range.end;
    } else found.push({ ...range });
  }
  return found.slice(0, MOST_RANGES);
}

/** Lines before main, and lines in main, that make the memory. */
export function memoryText(program: Program, ranges: UserRange[]): { declarations: string[]; statements: string[] } {
  const declarations: string[] = [];
  const statements: string[] = [];
  const buffers = (program.config.buffers ?? []).filter(({ name }) => program.buffers.has(name));
  if (buffers.length > 0) {
    declarations.push(BUFFER);
    for (const { name, kind } of buffers) declarations.push(`static u64 buffer_${program.bufferIndex(name)}; /* ${remark(name)}: ${remark(kind)} */`);
    for (const { name, va, size, kind, shared, content } of buffers) {
      const index = program.bufferIndex(name);
      const flags = `${shared ? "MAP_SHARED" : "MAP_PRIVATE"} | MAP_ANONYMOUS${kind.startsWith("hugetlb") ? " | MAP_HUGETLB" : ""}`;
      const words = content === "zero" || content === "unspecified" ? "0" : constant(BigInt.asUintN(64, BigInt(index + 1) << 56n), 64);
      statements.push(`buffer_${index} = buffer(${constant(va, 64)}, ${constant(min(size, 2 ** 36), 64)}, ${flags}, ${words}, ${kind.includes("readonly") ? 1 : 0});`);
    }
  }
  const used = merged(ranges);
  if (used.length > 0) {
    declarations.push(RANGES(used));
    statements.push("for (size_t at = 0; at < sizeof(memory) / sizeof(memory[0]); at++)", "\tback(memory[at].first, memory[at].end - memory[at].first);");
  }
  return { declarations, statements };
}

const BUFFER = `/* Memory at the address that the recording had, or elsewhere if that is taken; each word holds its offset and the buffer's number. */
static u64 buffer(u64 wanted, u64 size, int flags, u64 word, int read_only)
{
	unsigned char *at = mmap((void *)(uintptr_t)wanted, size, PROT_READ | PROT_WRITE, flags | MAP_FIXED_NOREPLACE, -1, 0);

	if (at == MAP_FAILED)
		at = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (at == MAP_FAILED) {
		perror("a buffer");
		return 0;
	}
	if (word)
		for (u64 offset = 0; offset + 8 <= size; offset += 8)
			memcpy(at + offset, &(u64){ word | offset }, 8);
	else
		memset(at, 0, size);
	if (read_only)
		mprotect(at, size, PROT_READ);
	return (uintptr_t)at;
}`;

const RANGES = (ranges: UserRange[]): string => `/* Memory that the calls name. Large ranges are one small file again and again, so that they need little of it. */
static const struct { u64 first, end; } memory[] = {
${ranges.map(({ first, end }) => `\t{ ${constant(first, 64)}, ${constant(end, 64)} },`).join("\n")}
};

static void back(u64 first, u64 length)
{
	u64 piece = 64ull << 20;
	int file;

	while (length / piece > 8192)
		piece *= 2;
	if (length <= piece) {
		if (mmap((void *)(uintptr_t)first, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED)
			printf("no memory at 0x%llx: %s\\n", (unsigned long long)first, strerror(errno));
		return;
	}
	file = (int)syscall(SYS_memfd_create, "memory", 1);
	if (file < 0 || ftruncate(file, (off_t)piece) < 0)
		perror("memfd_create");
	for (u64 at = 0; at < length; at += piece) {
		u64 part = length - at < piece ? length - at : piece;

		if (mmap((void *)(uintptr_t)(first + at), part, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE, file, 0) == MAP_FAILED) {
			printf("no memory at 0x%llx: %s\\n", (unsigned long long)(first + at), strerror(errno));
			break;
		}
	}
	if (file >= 0)
		close(file);
}`;

