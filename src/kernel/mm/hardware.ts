/** ENQCMD puts a request into a device's queue under the thread's PASID; the device works it off later. Spec sections 8.0, 8.4, 8.7. */
import type { Json } from "../../base/json.ts";
import type { Answer } from "../answer.ts";
import { CallError } from "../call.ts";
import { mmRules as R } from "../rules/mm.ts";
import type { Scene } from "./era.ts";
import { isAlive } from "./processes.ts";
import { deviceRef, memoryOf, mmRef, MSR_PASID_MASK, MSR_VALID, pasidRef, processRef, type Device, type Process, type Thread, type Work } from "./world.ts";

/** ENQCMD: the request is tagged with the number in the MSR at this moment. */
export function submit(scene: Scene, process: Process, threadNumber: number, device: Device, name: string): Answer {
  const { world, era, doing } = scene;
  const { trace } = doing;
  if (!isAlive(scene, process)) return trace.refusal();
  const thread = process.threads.find((one) => one.number === threadNumber);
  if (!thread) throw new CallError(`${process.name} has no thread ${threadNumber}`);
  if (!trace.holds(R["enqcmd-on-cpu"], world.enqcmd, () => ({ note: "" }))) return trace.refusal();
  const portal = process.handles.some((handle) => handle.device === device.name);
  if (!trace.holds(R["enqcmd-portal"], portal, () => ({ objects: [processRef(process.name), deviceRef(device.name)], note: portal ? "" : `${process.name} has ${device.name} not bound.` }))) return trace.refusal();
  if (!msrValid(process, thread, scene)) {
    if (!era.generalProtection(scene, process, thread)) return trace.refusal();
    trace.swallow();
  }
  const pasid = thread.msr & MSR_PASID_MASK;
  device.queue.push({ name, pasid, process: process.name, mm: process.mm });
  doing.effect("create", () => ({ objects: [deviceRef(device.name), processRef(process.name), pasidRef(pasid)], text: `${name} of ${process.name} is in the queue of ${device.name}, tagged with PASID ${pasid}.` }));
  return { errno: "OK", ret: { work: name, pasid } };
}

function msrValid({ name }: Process, { msr, number }: Thread, { doing }: Scene): boolean {
  return doing.trace.holds(R["enqcmd-msr-valid"], (msr & MSR_VALID) !== 0, () => ({ objects: [processRef(name)], note: `IA32_PASID (0xd93) of thread ${number} of ${name} is 0x${msr.toString(16)}.` }));
}

/** The device works its queue off, oldest first; each request goes where its number leads now. */
export function runDevice(scene: Scene, device: Device, only: string | null): Answer {
  const due = device.queue.filter((work) => only === null || work.name === only);
  device.queue.splice(0, device.queue.length, ...device.queue.filter((work) => !due.includes(work)));
  return { errno: "OK", ret: { done: due.map((work) => land(scene, device, work)) } };
}

function land({ doing }: Scene, device: Device, { name, pasid, process, mm }: Work): Json {
  const entry = device.table.get(pasid);
  const objects = [deviceRef(device.name), pasidRef(pasid), processRef(process)];
  if (!entry) {
    doing.effect("fault", () => ({ objects, text: `DMA of ${name} (PASID ${pasid}, process ${process}) faults: ${device.name} has no entry under that number.` }));
    return { work: name, pasid, from: process, lands_in: null };
  }
  const target = entry.mm;
  const wrong = target !== mm;
  doing.effect(wrong ? "damage" : "memory", () => ({ objects: target ? [...objects, mmRef(target)] : objects, text: `DMA of ${name} (PASID ${pasid}, process ${process}) lands in ${memoryOf(target)}${wrong ? "!" : "."}` }));
  return { work: name, pasid, from: process, lands_in: target?.name ?? "kernel" };
}
