/** Undoing a bind: the entry goes, caches are flushed, and, if the driver waits for it, outstanding requests are discarded. */
import type { Answer } from "../answer.ts";
import { mmRules as R } from "../rules/mm.ts";
import type { Scene } from "./era.ts";
import { deviceRef, mmRef, pasidRef, type Binding, type Device, type MmStruct, type Process } from "./world.ts";

/** sva_unbind. `pasid` null: the mm's own, not a private one. `drain`: the driver stops the device and waits first. */
export function unbind(scene: Scene, process: Process | null, device: Device, pasid: number | null, drain: boolean): Answer {
  const { world, doing } = scene;
  const opened = (one: Binding) => (process ? process.handles.some((handle) => handle.device === device.name && handle.binding === one.name) : one.mm === null && one.devices.has(device.name));
  const binding = world.bindings.find((one) => opened(one) && (pasid === null ? !one.private : one.pasid === pasid));
  if (!doing.trace.holds(R["sva-is-bound"], binding !== undefined, () => ({
    objects: [deviceRef(device.name)], note: binding ? `${device.name} is bound under PASID ${binding.pasid}.` : `${device.name} is not bound ${process ? `by ${process.name}` : "by the kernel"}${pasid === null ? "" : ` under PASID ${pasid}`}.`,
  })) || !binding) return doing.trace.refusal();
  if (process) forgetHandle(process, device.name, binding.name);
  const bound = binding.devices.get(device.name);
  if (bound && --bound.users > 0) {
    doing.effect("users", () => ({ objects: [deviceRef(device.name)], text: `${device.name} stays bound: ${bound.users} left.` }));
    return { errno: "OK", ret: 0 };
  }
  tearDown(scene, binding, device, drain);
  binding.devices.delete(device.name);
  if (binding.devices.size === 0) {
    world.bindings.splice(world.bindings.indexOf(binding), 1);
    scene.era.lastUnbind(scene, binding);
  }
  return { errno: "OK", ret: 0 };
}

function forgetHandle(process: Process, device: string, binding: string): void {
  const at = process.handles.findIndex((handle) => handle.device === device && handle.binding === binding);
  if (at >= 0) process.handles.splice(at, 1);
}

/** Clears the entry under the binding's number, whoever it belongs to by now. */
function tearDown({ doing }: Scene, binding: Binding, device: Device, drain: boolean): void {
  const { pasid, mm } = binding;
  const entry = device.table.get(pasid);
  if (entry && entry.mm !== mm) {
    doing.effect("damage", () => ({
      objects: [deviceRef(device.name), pasidRef(pasid), ...(entry.mm ? [mmRef(entry.mm)] : [])],
      text: `${device.name}: the entry of PASID ${pasid} is torn down, but it belongs to ${owner(entry.mm)} by now: that binding is broken.`,
    }));
  }
  device.table.delete(pasid);
  doing.effect("detach", () => ({ objects: [deviceRef(device.name), pasidRef(pasid)], text: `${device.name}: the entry of PASID ${pasid} is cleared, caches are flushed.` }));
  const mine = device.queue.filter((work) => work.pasid === pasid);
  if (mine.length === 0) return;
  if (!drain) {
    doing.effect("warn", () => ({ objects: [deviceRef(device.name)], text: `${mine.map((work) => work.name).join(", ")} ${mine.length === 1 ? "stays" : "stay"} in the queue of ${device.name}, tagged with PASID ${pasid}.` }));
    return;
  }
  device.queue.splice(0, device.queue.length, ...device.queue.filter((work) => work.pasid !== pasid));
  doing.effect("release", () => ({ objects: [deviceRef(device.name)], text: `${mine.map((work) => work.name).join(", ")} ${mine.length === 1 ? "is" : "are"} discarded: the driver stops the device and waits before the number is let go.` }));
}

function owner(mm: MmStruct | null): string {
  return mm ? mmRef(mm).label : "the kernel";
}
