/** What destroying an object would give: tried on a copy of the machine. */
import type { Call } from "../../kernel/call.ts";
import { CallTrace } from "../../kernel/call-trace.ts";
import type { Machine } from "../../kernel/machine.ts";
import type { History } from "../history.ts";
import { makeCall, outcomeOf } from "../make-call.ts";
import type { DestroyTrial } from "./history-views.ts";
import { mergedPasids } from "./merge.ts";

/** Null: nothing of this key can be destroyed by a call. */
export function tryDestroy(history: History, step: number, key: string): DestroyTrial | null {
  const machine = history.at(step);
  const call = callFor(machine, key);
  if (!call) return null;
  const trace = new CallTrace(true);
  const made = makeCall(machine.clone(), call, trace);
  const { name } = outcomeOf(made, trace);
  const failed = trace.checks.findLast((check) => !check.passed);
  if (name === "OK") {
    const gone = trace.effects.filter((effect) => effect.kind === "destroy" || effect.kind === "unmap").map((effect) => effect.text);
    return { key, call: call.call, errno: "OK", text: gone.slice(-3).join("; "), note: "", holders: [] };
  }
  const holders = [...(trace.advice?.objects ?? []), ...(failed?.objects ?? [])].filter((object, index, all) => object.key !== key && all.findIndex((other) => other.key === object.key) === index);
  return { key, call: call.call, errno: name, text: trace.refusedBy?.meaning ?? "", note: failed?.note ?? "", holders };
}

function callFor(machine: Machine, key: string): Call | null {
  const [, id] = /^ioasid:(\d+)$/.exec(key) ?? [];
  if (id !== undefined) {
    const entry = mergedPasids(machine)?.ids.find((candidate) => candidate.key === key);
    if (!entry || entry.state === "reserved" || entry.state === "orphaned") return null;
    return { call: "ioasid_free", in: { set: entry.set?.replace(/^set:/, "") ?? null, ioasid: Number(id) } };
  }
  const [, contextKey, number] = /^(?:ioas|hwpt|device|access|fault|selftest):([^/]+)\/(\d+)$/.exec(key) ?? [];
  if (contextKey === undefined || !machine.defOf("IOMMU_DESTROY")) return null;
  const { iommufd } = machine;
  const context = iommufd.contexts.find((candidate) => candidate.key === contextKey);
  if (!context) return null;
  for (const process of iommufd.processes) {
    for (const [fd, { what }] of process.files) if (what.kind === "iommufd" && what.context === context) return { call: "IOMMU_DESTROY", in: { id: Number(number), fd, ...(process.number > 0 && { process: process.number }) } };
  }
  return null;
}
