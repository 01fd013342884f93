/** What the simulated processes do besides ioctls: open and close files, use and unmap their memory, fork, set limits. */
import { U64_MAX } from "../../../base/u64.ts";
import { groupedHex, plural } from "../../../base/format.ts";
import { defineCall, type CallDef } from "../../call.ts";
import type { CallTrace } from "../../call-trace.ts";
import { length as lengthKind, optional, orElse, pointer, text, u32, u64 } from "../../fields.ts";
import { iommufdRules as R } from "../../rules/iommufd.ts";
import { countingBytes, hexToBytes, readResult } from "../../memory/crc32.ts";
import { closeFile, Process } from "../files.ts";
import { freezePinned } from "../freeze.ts";
import { pinCounts } from "../pin-count.ts";

const open = defineCall(
  "IOMMUFD_OPEN",
  { subsystem: "iommufd", summary: "Opens /dev/iommu: a new context, empty, with ids of its own.", in: {}, out: { fd: u32 } },
  (machine, _fields, trace) => {
    const fd = machine.iommufd.open(machine.iommufd.process(machine.caller));
    trace.effect("create", () => ({ objects: [], text: `an empty iommufd context, fd ${fd}` }));
    return { errno: "OK", out: { fd } };
  },
);

/** Closing the last descriptor of a file releases what it stands for before close returns. */
const close = defineCall(
  "CLOSE_FD",
  { subsystem: "iommufd", summary: "Closes a file descriptor: an iommufd, an access or a fault queue.", in: { fd: u32 }, order: [R["fd-not-open"]] },
  (machine, { fd }, trace) => {
    const process = machine.iommufd.process(machine.caller);
    if (!trace.holds(R["fd-not-open"], process.files.has(fd), () => ({ fn: "close", note: `fd ${fd}` }))) return trace.refusal();
    closeFile(machine.iommufd, trace, process, fd);
    trace.effect("host", () => ({ objects: [], text: `fd ${fd} is free` }));
    return { errno: "OK" };
  },
);

function mayUse(trace: CallTrace, good: boolean, what: string): boolean {
  return trace.holds(R["process-memory"], good, () => ({ note: what }));
}

/** More than any buffer has, bytes: longer reads and writes can't be meant. */
const LONGEST = 256 * 1024 * 1024;

const read = defineCall(
  "BUFFER_READ",
  { subsystem: "host", summary: "The process reads its own memory.", in: { va: pointer, length: lengthKind }, order: [R["process-memory"]] },
  (machine, { va, length }, trace) => {
    const address = machine.memory.address(va);
    if (!mayUse(trace, length <= LONGEST && machine.memory.isUsable(machine.caller, address, length, false), `read at ${groupedHex(address)}`)) return trace.refusal();
    return { errno: "OK", out: readResult(machine.memory.read(machine.caller, address, Number(length))) };
  },
);

const write = defineCall(
  "BUFFER_WRITE",
  {
    subsystem: "host", summary: "The process writes its own memory.",
    in: { va: pointer, length: orElse(lengthKind, 0), data_fill: orElse(u32, 0), data: optional(text) }, order: [R["process-memory"]],
  },
  (machine, { va, length, data_fill, data }, trace) => {
    const address = machine.memory.address(va);
    if (!mayUse(trace, length <= LONGEST, `write of ${groupedHex(length)} bytes`)) return trace.refusal();
    const bytes = data === null ? countingBytes(data_fill, Number(length)) : hexToBytes(data);
    if (!mayUse(trace, machine.memory.isUsable(machine.caller, address, bytes.length, true), `write at ${groupedHex(address)}`)) return trace.refusal();
    machine.memory.write(machine.caller, address, bytes);
    trace.effect("memory", () => ({ objects: [], text: `${plural(bytes.length, "byte")} at ${groupedHex(address)}` }));
    return { errno: "OK" };
  },
);

/** Pages that a device or driver has pinned stay what they are; only the process no longer sees them. */
const unmap = defineCall(
  "MUNMAP",
  { subsystem: "host", summary: "The process gives back part of its memory.", in: { va: pointer, length: lengthKind } },
  (machine, { va, length }, trace) => {
    const address = machine.memory.address(va);
    if (length !== 0) {
      freezePinned(machine.iommufd, machine.caller, address, length);
      machine.memory.unmap(machine.caller, address, length);
    }
    trace.effect("memory", () => ({ objects: [], text: `${groupedHex(address)} + ${groupedHex(length)} is unmapped; pinned pages stay with whoever pinned them` }));
    return { errno: "OK" };
  },
);

const setLimit = defineCall(
  "SETRLIMIT_MEMLOCK",
  {
    subsystem: "host", summary: "The process limits its locked memory and drops the capabilities that would bypass the limit.",
    in: { memlock: u64, drop_cap: orElse(text, "CAP_IPC_LOCK"), drop_cap2: optional(text) },
  },
  (machine, { memlock, drop_cap, drop_cap2 }, trace) => {
    const { accounting } = machine.iommufd;
    const credentials = accounting.of(machine.caller);
    accounting.setLimit(machine.caller, memlock);
    const dropped = [drop_cap, ...(drop_cap2 === null ? [] : [drop_cap2])];
    if (dropped.includes("CAP_IPC_LOCK")) credentials.ipcLock = false;
    if (dropped.includes("CAP_SYS_RESOURCE")) credentials.sysResource = false;
    trace.effect("set", () => ({
      objects: [{ key: `process:${machine.caller}`, label: `process ${machine.caller}` }],
      text: `RLIMIT_MEMLOCK is ${groupedHex(memlock)} bytes; without ${dropped.join(" and ")}`,
    }));
    return { errno: "OK" };
  },
);

/** A child: it inherits memory, open files and limits. */
const fork = defineCall(
  "FORK",
  { subsystem: "host", summary: "The process forks; the child has its files and memory.", in: {}, out: { process: u32 } },
  (machine, _fields, trace) => {
    const { iommufd, memory, caller } = machine;
    const counts = pinCounts(iommufd);
    const number = memory.fork(caller, (frame) => counts(frame) > 0);
    iommufd.accounting.fork(caller);
    const parent = iommufd.process(caller);
    const child = new Process(number);
    child.current = parent.current;
    for (const [fd, file] of parent.files) {
      file.descriptors++;
      child.files.set(fd, file);
    }
    iommufd.processes.push(child);
    trace.effect("create", () => ({
      objects: [{ key: `process:${number}`, label: `process ${number}` }],
      text: `process ${number} is a child of process ${caller}`,
    }));
    return { errno: "OK", out: { process: number } };
  },
);

/** Pages the process had pinned stay usable; those it had mapped but nobody pinned can't be pinned any more. */
const exit = defineCall(
  "PROCESS_EXIT",
  { subsystem: "host", summary: "A child process ends.", in: { process: u32 } },
  (machine, { process: number }, trace) => {
    const { iommufd, memory } = machine;
    const process = iommufd.processes[number];
    if (process && memory.isAlive(number)) {
      freezePinned(iommufd, number, 0, U64_MAX);
      for (const fd of process.files.keys()) closeFile(iommufd, trace, process, fd);
      memory.exit(number);
    }
    trace.effect("destroy", () => ({ objects: [{ key: `process:${number}`, label: `process ${number}` }], text: `process ${number} is gone` }));
    return { errno: "OK" };
  },
);

export const processCalls: readonly CallDef[] = [open, close, read, write, unmap, setLimit, fork, exit];
