/** Binding as VT-d's own code did it up to 5.10: the checks in their order (intel_svm_bind_mm). */
import type { Answer } from "../answer.ts";
import { mmRules as R } from "../rules/mm.ts";
import { programEntry, registerNotifier, succeeds, unregisterNotifier, type BindRequest, type Scene } from "./era.ts";
import { Binding, deviceRef, mmRef, pasidRef, type MmStruct } from "./world.ts";

/** A number for a new binding, and whether it was allocated just now. Null: the allocator has none. */
export interface Given {
  pasid: number;
  fresh: boolean;
}

/** Where the eras differ. */
export interface VtdRules {
  allocate(scene: Scene, mm: MmStruct | null, isPrivate: boolean, limit: number, owner: string): Given | null;
  /** No number: what bind returns. */
  exhausted(scene: Scene, limit: number): Answer;
  /** A failure after the number was there. */
  undo(scene: Scene, given: Given, owner: string): void;
  /** All went well with a new binding. */
  bound(scene: Scene, binding: Binding, given: Given): void;
}

/** Up to the point where a number is needed. */
export function bind(scene: Scene, request: BindRequest, rules: VtdRules): Answer {
  const { device, process } = request;
  const { trace } = scene.doing;
  const mm = process?.mm ?? null;
  if (!trace.holds(R["sva-device-capable"], device.capable, () => ({ objects: [deviceRef(device.name)], note: device.capable ? "" : `${device.name} can't.` }))) return trace.refusal();
  if (!trace.holds(R["sva-device-has-pasids"], device.maxPasids > 0, () => ({ objects: [deviceRef(device.name)], note: `${device.name} has ${device.maxPasids} PASIDs.` }))) return trace.refusal();
  if (!trace.holds(R["sva-supervisor-has-no-mm"], request.supervisor === (mm === null), () => ({ objects: mm ? [mmRef(mm)] : [], note: request.supervisor ? "The supervisor flag is set." : "The supervisor flag is not set." }))) return trace.refusal();
  const old = request.private ? undefined : scene.world.bindingsOf(mm).find((binding) => !binding.private);
  if (!old) return bindNew(scene, request, mm, rules);
  const fits = old.pasid < device.maxPasids;
  if (!trace.holds(R["sva-pasid-fits-device"], fits, () => ({ objects: [deviceRef(device.name), pasidRef(old.pasid)], note: `The mm has PASID ${old.pasid}; ${device.name} takes 0–${device.maxPasids - 1}.` }))) return trace.refusal();
  const there = old.devices.get(device.name);
  if (there) return bindAgain(scene, request, old, there);
  if (!succeeds(scene, request, "sdev") || !succeeds(scene, request, "enable") || !succeeds(scene, request, "table")) return trace.refusal();
  programEntry(scene, device, old.pasid, mm);
  old.devices.set(device.name, { users: 1, ops: request.ops });
  return { errno: "OK", ret: { pasid: old.pasid } };
}

/** The same mm on the same device once more. */
function bindAgain({ doing }: Scene, { device, ops }: BindRequest, binding: Binding, there: { users: number; ops: string }): Answer {
  if (!doing.trace.holds(R["sva-same-callbacks"], there.ops === ops, () => ({ objects: [deviceRef(device.name)], note: `Bound with ${there.ops}, now asked with ${ops}.` }))) return doing.trace.refusal();
  there.users++;
  doing.effect("users", () => ({ objects: [deviceRef(device.name), pasidRef(binding.pasid)], text: `${device.name} is bound already; that makes ${there.users}.` }));
  return { errno: "OK", ret: { pasid: binding.pasid } };
}

function bindNew(scene: Scene, request: BindRequest, mm: MmStruct | null, rules: VtdRules): Answer {
  const { world, doing } = scene;
  const { device } = request;
  if (!succeeds(scene, request, "sdev") || !succeeds(scene, request, "enable") || !succeeds(scene, request, "svm")) return doing.trace.refusal();
  const limit = Math.min(device.maxPasids, world.iommuMaxPasids);
  const owner = world.nextName("svm");
  const given = rules.allocate(scene, mm, request.private, limit, owner);
  if (!given) return rules.exhausted(scene, limit);
  if (mm && !succeeds(scene, request, "notifier")) {
    rules.undo(scene, given, owner);
    return doing.trace.refusal();
  }
  registerNotifier(scene, mm);
  const binding = new Binding(owner, mm, given.pasid, request.private);
  if (!succeeds(scene, request, "table")) {
    unregisterNotifier(scene, mm);
    rules.undo(scene, given, owner);
    return doing.trace.refusal();
  }
  programEntry(scene, device, given.pasid, mm);
  binding.devices.set(device.name, { users: 1, ops: request.ops });
  world.bindings.push(binding);
  rules.bound(scene, binding, given);
  return { errno: "OK", ret: { pasid: given.pasid } };
}
