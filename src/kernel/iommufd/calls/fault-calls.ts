/** Fault queues: FAULT_QUEUE_ALLOC, and read, write and poll on the queue's file (iommufd/fault.c, 6.12). */
import { plural } from "../../../base/format.ts";
import { defineCall, type CallDef } from "../../call.ts";
import type { CallTrace } from "../../call-trace.ts";
import { flags as flagBits, orElse, u32 } from "../../fields.ts";
import type { Machine } from "../../machine.ts";
import { iommufdRules as R } from "../../rules/iommufd.ts";
import { hex } from "../../../base/u64.ts";
import { nextCookie } from "../fault.ts";
import { installFile } from "../files.ts";
import { Fault } from "../objects.ts";
import { nameOf, refOf } from "../refs.ts";
import { hold } from "../trace-help.ts";
import { defineIoctl, flagsAreKnown } from "./ioctl.ts";
import { responses } from "./kinds.ts";

const alloc = defineIoctl(
  "IOMMU_FAULT_QUEUE_ALLOC",
  { nr: 0x8e, min: 16, full: 16, summary: "Makes a queue for page requests, with a file to read them from.", in: { flags: orElse(flagBits, 0) }, out: { out_fault_id: u32, out_fault_fd: u32 }, order: [R["unknown-flag"]] },
  (iommufd, context, { flags }, trace, _given, caller) => {
    if (!flagsAreKnown(trace, flags, 0, "iommufd_fault_alloc")) return trace.refusal();
    const fault = new Fault(context, context.reserveId());
    context.publish(fault);
    context.files++;
    const fd = installFile(iommufd.process(caller), iommufd.config.firstFd, { kind: "fault", fault });
    trace.effect("create", () => ({ objects: [refOf(fault)], text: `${nameOf(fault)} is made; its file is fd ${fd}` }));
    hold(trace, fault, "its file");
    return { errno: "OK", out: { out_fault_id: fault.id, out_fault_fd: fd } };
  },
);

const MESSAGE = 40;
const RESPONSE = 8;

/** The queue behind a descriptor; null: a check refused. */
function findFault(machine: Machine, trace: CallTrace, fd: number): Fault | null {
  const what = machine.iommufd.process(machine.caller).files.get(fd)?.what ?? null;
  if (!trace.holds(R["fd-not-open"], what !== null, () => ({ fn: "read", note: `fd ${fd}` }))) return null;
  return trace.holds(R["fault-fd"], what?.kind === "fault", () => ({ note: `fd ${fd}` })) && what?.kind === "fault" ? what.fault : null;
}

function sizeIsWhole(trace: CallTrace, count: number, unit: number, fn: string): boolean {
  return trace.holds(R["fault-io-size"], count % unit === 0, () => ({ fn, note: `count ${count}, messages of ${unit} bytes` }));
}

/** read(2): as many waiting requests as fit; each gets a cookie and then waits for its answer. Never blocks. */
const read = defineCall(
  "FAULT_READ",
  { subsystem: "iommufd", summary: "Reads page requests from a fault queue.", in: { fd: u32, count: orElse(u32, MESSAGE) }, order: [R["fd-not-open"], R["fault-fd"], R["fault-io-size"], R["fault-read-room"]] },
  (machine, { fd, count }, trace) => {
    const fault = findFault(machine, trace, fd);
    if (!fault || !sizeIsWhole(trace, count, MESSAGE, "iommufd_fault_fops_read")) return trace.refusal();
    const room = count >= MESSAGE || fault.deliver.length === 0;
    if (
      !trace.holds(R["fault-read-room"], room, () => ({
        objects: [refOf(fault)],
        note: `${plural(fault.deliver.length, "request")} waiting, count ${count}`,
      }))
    ) return trace.refusal();
    const taken = fault.deliver.splice(0, count / MESSAGE);
    const faults = taken.map((request) => {
      const cookie = nextCookie(fault);
      fault.response.set(cookie, request);
      const { flags, dev_id, pasid, grpid, perm, addr } = request;
      return { flags, dev_id, pasid, grpid, perm, addr: hex(addr), length: 0, cookie };
    });
    if (taken.length > 0) trace.effect("fault", () => ({
      objects: [refOf(fault)],
      text: `${plural(taken.length, "page request")} read from ${nameOf(fault)}, waiting for an answer now`,
    }));
    return { errno: "OK", out: { ret: taken.length * MESSAGE, faults } };
  },
);

/** write(2): answers, in order; stops at the first bad one and is an error only when nothing was done before it. */
const write = defineCall(
  "FAULT_WRITE",
  {
    subsystem: "iommufd", summary: "Answers page requests of a fault queue.", in: { fd: u32, count: orElse(u32, RESPONSE), responses: orElse(responses, []) },
    order: [R["fd-not-open"], R["fault-fd"], R["fault-io-size"], R["fault-bad-response"]],
  },
  (machine, { fd, count, responses: answers }, trace) => {
    const fault = findFault(machine, trace, fd);
    if (!fault || !sizeIsWhole(trace, count, RESPONSE, "iommufd_fault_fops_write")) return trace.refusal();
    let done = 0;
    for (const { cookie, code } of answers.slice(0, count / RESPONSE)) {
      if (!trace.holds(R["fault-bad-response"], code === 0 || code === 1, () => ({ objects: [refOf(fault)], note: `code ${code}` }))) break;
      const request = fault.response.get(cookie);
      if (!request && cookie === 0 && fault.response.size > 0) {
        fault.zeroIsFree = true;
        trace.effect("warn", () => ({ objects: [refOf(fault)], text: "cookie 0 now counts as free: a later request will get it (a quirk of the kernel)" }));
      }
      if (
        !trace.holds(R["fault-bad-response"], request !== undefined, () => ({
          objects: [refOf(fault)],
          note: `cookie ${cookie}; unanswered: ${[...fault.response.keys()].join(", ") || "none"}`,
        }))
      ) break;
      fault.response.delete(cookie);
      done++;
      trace.effect("fault", () => ({ objects: [refOf(fault)], text: `page request ${cookie} is answered ${code === 0 ? "SUCCESS" : "INVALID"}` }));
    }
    if (done === 0 && trace.errno !== "OK") return trace.refusal();
    trace.swallow();
    return { errno: "OK", out: { ret: done * RESPONSE } };
  },
);

/** poll(2) with timeout 0. A file that is no fault queue is always ready; a descriptor that is not open is invalid. */
const poll = defineCall(
  "FAULT_POLL",
  { subsystem: "iommufd", summary: "Asks a fault queue whether a page request waits.", in: { fd: u32 } },
  (machine, { fd }) => {
    const what = machine.iommufd.process(machine.caller).files.get(fd)?.what;
    if (!what) return { errno: "OK", out: { revents: ["POLLNVAL"] } };
    const readable = what.kind !== "fault" || what.fault.deliver.length > 0;
    return { errno: "OK", out: { revents: [...(readable ? ["POLLIN"] : []), "POLLOUT"] } };
  },
);

export const faultCalls: readonly CallDef[] = [alloc, read, write, poll];
