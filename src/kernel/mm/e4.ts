/**
 * E4: 5.18. A small library gives an mm its number at the first bind; it goes with the mm. The first form let it go with the address
 * space (__mmput), while device files were still open; fixed in 5.18-rc6 to go with the structure (__mmdrop). Spec 8.5 and 8.6.
 */
import type { Json } from "../../base/json.ts";
import type { Answer } from "../answer.ts";
import { mmRules as R } from "../rules/mm.ts";
import { freeId, programEntry, registerNotifier, succeeds, takeId, unregisterNotifier, type BindRequest, type Era, type Scene } from "./era.ts";
import { Binding, deviceRef, mmRef, MSR_VALID, pasidRef, type MmStruct, type Process, type Thread } from "./world.ts";

/** iommu_sva_alloc_pasid: gives the mm a number in [min, max], both inclusive, or checks the one it has. Null: refused. */
export function allocPasid(scene: Scene, mm: MmStruct, min: number, max: number): number | null {
  const { doing } = scene;
  if (!doing.trace.holds(R["sva-range-sane"], min > 0 && max >= min, () => ({ note: `Asked for ${min}–${max}.` }))) return null;
  const { pasid } = mm;
  if (pasid !== null) {
    const inclusive = scene.atLeast(6, 4);
    const fits = pasid >= min && (inclusive ? pasid <= max : pasid < max);
    const offByOne = !inclusive && pasid === max;
    return doing.trace.holds(R["sva-pasid-in-range"], fits, () => ({
      objects: [mmRef(mm), pasidRef(pasid)], note: `The mm has PASID ${pasid}, asked for ${min}–${max}${offByOne ? ": the last one is taken for outside, although max is inclusive (fixed in 6.4)" : ""}.`,
    })) ? pasid : null;
  }
  const id = takeId(scene, min, max, mmRef(mm).label);
  if (!doing.trace.holds(R["sva-pasid-to-be-had"], id !== null, () => ({ note: id === null ? `No PASID of ${min}–${max} is free.` : `PASID ${id}.` }), "ENOMEM")) return null;
  mm.pasid = id;
  doing.effect("set", () => ({ objects: [mmRef(mm), pasidRef(id as number)], text: `The mm of ${mm.name} keeps PASID ${id} until it goes.` }));
  return id;
}

export class E4 implements Era {
  private readonly fixed: boolean;

  constructor(fixed: boolean) {
    this.fixed = fixed;
  }

  bind(scene: Scene, request: BindRequest): Answer {
    const { world, doing } = scene;
    const { device, process } = request;
    const mm = boundMm(scene, request);
    if (!mm) return doing.trace.refusal();
    if (!doing.trace.holds(R["sva-device-capable"], device.capable, () => ({ objects: [deviceRef(device.name)], note: device.capable ? "" : `${device.name} can't.` }), "ENODEV")) return doing.trace.refusal();
    const pasid = allocPasid(scene, mm, 1, Math.min(device.maxPasids, world.iommuMaxPasids) - 1);
    if (pasid === null) return doing.trace.refusal();
    const old = world.bindingsOf(mm)[0];
    const there = old?.devices.get(device.name);
    if (there) {
      there.users++;
      doing.effect("users", () => ({ objects: [deviceRef(device.name), pasidRef(pasid)], text: `${process?.name} has ${device.name} bound already; that makes ${there.users}.` }));
      return { errno: "OK", ret: { pasid } };
    }
    // A failure from here on leaves the mm its number.
    if (!old && !succeeds(scene, request, "notifier")) return doing.trace.refusal();
    if (!succeeds(scene, request, "table")) return doing.trace.refusal();
    const binding = old ?? new Binding(world.nextName("svm"), mm, pasid, false);
    if (!old) {
      registerNotifier(scene, mm);
      world.bindings.push(binding);
    }
    programEntry(scene, device, pasid, mm);
    binding.devices.set(device.name, { users: 1, ops: request.ops });
    return { errno: "OK", ret: { pasid } };
  }

  lastUnbind(scene: Scene, { mm }: Binding): void {
    unregisterNotifier(scene, mm);
  }

  addressSpaceGone(scene: Scene, mm: MmStruct): void {
    if (!this.fixed) dropPasid(scene, mm, "with the address space, while device files are still open");
  }

  structureGone(scene: Scene, mm: MmStruct): void {
    dropPasid(scene, mm, "because its mm goes");
  }

  /** A new mm has none. */
  forked(): void {}

  generalProtection(scene: Scene, process: Process, thread: Thread): boolean {
    return lazyMsr(scene, process, thread);
  }

  threadStarted(): void {}

  pasidJson(mm: MmStruct): Json {
    return mm.pasid ?? "INVALID_IOASID";
  }
}

/** Which mm to bind: later eras know neither private numbers nor supervisor binds. */
export function boundMm({ doing }: Scene, { process, private: isPrivate, supervisor }: BindRequest): MmStruct | null {
  const plain = process !== null && !isPrivate && !supervisor;
  const held = doing.trace.holds(R["sva-plain-bind"], plain, () => ({ note: plain ? "" : isPrivate ? "A private PASID was asked for." : "A supervisor bind was asked for." }));
  return held ? (process?.mm ?? null) : null;
}

/** mm_pasid_drop. */
export function dropPasid(scene: Scene, mm: MmStruct, why: string): void {
  if (mm.pasid === null) return;
  freeId(scene, mm.pasid, why);
  mm.pasid = null;
}

/** The #GP handler of 5.18 and later: loads the thread's MSR the first time it is needed. */
export function lazyMsr({ world, doing }: Scene, process: Process, thread: Thread): boolean {
  const { pasid } = process.mm;
  const ours = world.enqcmd && pasid !== null && !thread.activated;
  if (!doing.trace.holds(R["gp-lazy"], ours, () => ({ note: pasid === null ? `The mm of ${process.name} has no PASID.` : thread.activated ? "The thread's MSR was loaded before." : `The mm has PASID ${pasid}.` })) || pasid === null) return false;
  thread.msr = (pasid | MSR_VALID) >>> 0;
  thread.activated = true;
  doing.effect("set", () => ({ objects: [mmRef(process.mm)], text: `#GP: IA32_PASID of thread ${thread.number} of ${process.name} becomes 0x${thread.msr.toString(16)}, and the instruction is tried again.` }));
  return true;
}
