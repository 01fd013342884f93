/** Fault queues: page requests wait to be read, then for their answer (iommufd/fault.c, 6.12). */
import { plural } from "../../base/format.ts";
import type { CallTrace } from "../call-trace.ts";
import type { Fault, IGroup, PageRequest } from "./objects.ts";
import { nameOf, refOf } from "./refs.ts";

/** The lowest free cookie, from 1 — or from 0, once an answer with cookie 0 has damaged the kernel's table (a quirk). */
export function nextCookie(fault: Fault): number {
  let cookie = fault.zeroIsFree ? 0 : 1;
  while (fault.response.has(cookie)) cookie++;
  return cookie;
}

/** Puts a request into the queue. */
export function deliver(trace: CallTrace, fault: Fault, request: PageRequest): void {
  fault.deliver.push(request);
  trace.effect("fault", () => ({
    objects: [refOf(fault)],
    text: `${nameOf(fault)}: a page request of device ${request.dev_id} waits, ${plural(fault.deliver.length, "request")} in all`,
  }));
}

/** Answers INVALID for everything of a group that waits or was read: its attachment is gone. */
export function dropFaultsOf(trace: CallTrace, fault: Fault, group: IGroup): void {
  const kept = fault.deliver.filter((request) => request.group !== group);
  let dropped = fault.deliver.length - kept.length;
  fault.deliver.splice(0, fault.deliver.length, ...kept);
  for (const [cookie, request] of fault.response) {
    if (request.group !== group) continue;
    fault.response.delete(cookie);
    dropped++;
  }
  if (dropped === 0) return;
  trace.effect("fault", () => ({ objects: [refOf(fault)], text: `${nameOf(fault)}: ${plural(dropped, "page request")} answered INVALID, the device has moved on` }));
}
