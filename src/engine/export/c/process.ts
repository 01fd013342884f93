/** What a process does besides ioctls: files, its memory, its children. */
import { parseU64 } from "../../../base/u64.ts";
import { isJsonObject, type Json } from "../../../base/json.ts";
import { memory, n32, n64, type Writer } from "./ioctl.ts";
import { big, num } from "./program.ts";
import { constant } from "./words.ts";

const open: Writer = (program, call) => {
  const fd = call.answer.out?.fd;
  return { before: [], call: 'open("/dev/iommu", O_RDWR)', good: [typeof fd === "number" ? program.giveFd(call.process, fd, "iommufd", "rc", true) : ""] };
};

const close: Writer = (program, call) => {
  const number = num(call.fields, "fd");
  const fd = program.fd(call.process, number);
  if (call.answer.errno === "OK") program.closeFd(call.process, number);
  return { before: [], call: `close(${fd})` };
};

const LONGEST = 256 * 1024 * 1024;

const bufferRead: Writer = (program, call) => {
  const room = memory("bytes", Number(big(call.fields, "length")), LONGEST);
  return { before: [room.before], call: `${program.helper("touch")}(${program.pointer(call.fields.va)}, bytes, ${room.length}, 0)`, finally: [room.free] };
};

const bufferWrite: Writer = (program, call) => {
  const { data } = call.fields;
  const bytes = typeof data === "string" ? (data.match(/[0-9a-fA-F]{2}/g) ?? []).slice(0, 65536).map((pair) => `0x${pair}`) : [];
  const room = memory("bytes", bytes.length > 0 ? bytes.length : Number(big(call.fields, "length")), LONGEST);
  const fill = bytes.length > 0
    ? [`static const unsigned char data[] = { ${bytes.join(", ")} };`, "memcpy(bytes, data, sizeof(data));"]
    : [`${program.helper("counting")}(bytes, ${room.length}, ${n32(call, "data_fill")});`];
  return { before: [room.before, ...fill], call: `${program.helper("touch")}(${program.pointer(call.fields.va)}, bytes, ${room.length}, 1)`, finally: [room.free] };
};

const CAPABILITIES: Readonly<Record<string, number>> = { CAP_IPC_LOCK: 14, CAP_SYS_RESOURCE: 24 };

const setLimit: Writer = (program, call) => {
  const drop = ["drop_cap", "drop_cap2"].flatMap((name) => CAPABILITIES[String(call.fields[name])] ?? []);
  return {
    before: [`struct rlimit limit = { ${n64(call, "memlock")}, ${n64(call, "memlock")} };`], call: "setrlimit(RLIMIT_MEMLOCK, &limit)", good: drop.map((number) => `${program.helper("drop_capability")}(${number});`),
  };
};

const MOST_FAULTS = 1024;

/** Cookies are the kernel's: what is read is kept for the answers. */
const faultRead: Writer = (program, call) => {
  const count = Math.min(num(call.fields, "count"), MOST_FAULTS * 40);
  const fd = num(call.fields, "fd");
  program.struct("iommu_hwpt_pgfault");
  const read = call.answer.out?.faults;
  const faults = Array.isArray(read) ? (read as Json[]) : [];
  const keep = faults.map((fault, index) => {
    const cookie = isJsonObject(fault) ? fault.cookie : undefined;
    const kept = program.give(`fault ${fd}`, cookie, "cookie", `faults[${index}].cookie`);
    return kept === "" ? "" : `if (rc >= ${(index + 1) * 40}) ${kept}`;
  });
  return {
    before: [`struct iommu_hwpt_pgfault faults[${Math.max(1, Math.ceil(count / 40))}];`], call: `(int)read(${program.fd(call.process, fd)}, faults, ${count})`,
    good: [`same(${call.step}, "bytes", (u64)rc, ${constant(num(call.answer.out ?? {}, "ret"), 64)});`, ...keep],
  };
};

const faultWrite: Writer = (program, call) => {
  const fd = num(call.fields, "fd");
  const responses = (call.fields.responses as { cookie: number; code: number }[]).slice(0, MOST_FAULTS);
  const count = Math.min(num(call.fields, "count"), MOST_FAULTS * 8);
  const room = Math.max(1, responses.length, Math.ceil(count / 8));
  program.struct("iommu_hwpt_page_response");
  return {
    before: [`struct iommu_hwpt_page_response answers[${room}] = {`, ...responses.map(({ cookie, code }) => `\t{ ${program.id(`fault ${fd}`, cookie)}, ${constant(code)} },`), ...(responses.length === 0 ? ["\t{ 0, 0 },"] : []), "};"],
    call: `(int)write(${program.fd(call.process, fd)}, answers, ${count})`,
  };
};

const faultPoll: Writer = (program, call) => ({ before: [`struct pollfd waiting = { ${program.fd(call.process, num(call.fields, "fd"))}, POLLIN | POLLOUT, 0 };`], call: "poll(&waiting, 1, 0)" });

const rawIoctl: Writer = (program, call) => {
  const command = parseU64(call.fields.cmd) ?? 0;
  const size = num(call.fields, "size");
  const room = memory("bytes", Math.max(8, size), 65536);
  const { fd } = program.iommufd(call.process, call.fields.fd);
  const given = call.fields.ptr !== null && call.fields.ptr !== undefined;
  if (given) return { before: [], call: `ioctl(${fd}, ${constant(command)}ul, (void *)(uintptr_t)(${program.pointer(call.fields.ptr)}))`.replace("uul", "ul") };
  return { before: [room.before, `uint32_t size = ${constant(size)};`, "memcpy(bytes, &size, sizeof(size));"], call: `ioctl(${fd}, ${constant(command)}ul, bytes)`.replace("uul", "ul"), finally: [room.free] };
};

const munmap: Writer = (program, call) => ({ before: [], call: `munmap((void *)(uintptr_t)(${program.pointer(call.fields.va)}), ${n64(call, "length")})` });

/** FORK and PROCESS_EXIT: see processes in assemble.ts. */
const fork: Writer = (program, call) => {
  const child = call.answer.out?.process;
  if (typeof child === "number") program.fork(call.process, child);
  return { before: [], call: `start_child(${typeof child === "number" ? child : 0})` };
};

const exit: Writer = (_program, call) => ({ before: [], call: `end_child(${n32(call, "process")})` });

export const processWriters: Readonly<Record<string, Writer>> = {
  IOMMUFD_OPEN: open, CLOSE_FD: close, BUFFER_READ: bufferRead, BUFFER_WRITE: bufferWrite, SETRLIMIT_MEMLOCK: setLimit, FAULT_READ: faultRead, FAULT_WRITE: faultWrite, FAULT_POLL: faultPoll, RAW_IOCTL: rawIoctl, MUNMAP: munmap,
  FORK: fork, PROCESS_EXIT: exit,
};
