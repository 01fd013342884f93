/** What the historic forms of "the PASID of a process" have to answer. */
import type { Answer } from "../answer.ts";
import { mmRules as R } from "../rules/mm.ts";
import type { IoasidCore } from "../ioasid/core.ts";
import type { Doing } from "../ioasid/doing.ts";
import type { Json } from "../../base/json.ts";
import { deviceRef, mmRef, pasidRef, type Binding, type Device, type MmStruct, type Process, type Thread, type World } from "./world.ts";
import { dropMm, grabMm } from "./lifetime.ts";

/** Where a bind can be made to fail. */
export const FAILURES = ["none", "sdev", "enable", "svm", "notifier", "table", "group", "masking", "memory", "domain", "attach"] as const;
export type Failure = (typeof FAILURES)[number];

export interface BindRequest {
  process: Process | null;
  device: Device;
  private: boolean;
  supervisor: boolean;
  ops: string;
  fail: Failure;
}

/** Everything a handler works on. */
export interface Scene {
  world: World;
  era: Era;
  core: IoasidCore;
  doing: Doing;
  /** Is the kernel at least major.minor? */
  atLeast(major: number, minor: number): boolean;
}

export interface Era {
  /** Binds the process's address space to the device; ret {pasid}. */
  bind(scene: Scene, request: BindRequest): Answer;
  /** The last device of a binding is unbound. */
  lastUnbind(scene: Scene, binding: Binding): void;
  /** The address space is torn down; the notifiers have been called (__mmput). */
  addressSpaceGone(scene: Scene, mm: MmStruct): void;
  /** The last reference on the structure goes (__mmdrop). */
  structureGone(scene: Scene, mm: MmStruct): void;
  /** What a child's mm inherits. */
  forked(scene: Scene, parent: MmStruct, child: MmStruct): void;
  /** A thread used ENQCMD with its MSR not valid: true when the kernel repaired it. */
  generalProtection(scene: Scene, process: Process, thread: Thread): boolean;
  /** A new thread of the process starts. */
  threadStarted(scene: Scene, process: Process, thread: Thread): void;
  /** How the mm's PASID is written down. */
  pasidJson(mm: MmStruct): Json;
}

/** Takes the lowest free id of [min, max] from the machine's allocator; null when there is none. The refusal stays listed but decides nothing. */
export function takeId({ core, doing }: Scene, min: number, max: number, owner: string): number | null {
  const set = core.kernelSet(doing);
  const id = core.allocFor({ set, min, max, private: owner }, doing);
  doing.trace.swallow();
  return id;
}

/** Gives an id back to the machine's allocator. */
export function freeId({ core, doing }: Scene, id: number, why: string): void {
  const known = core.table.load(id) !== null;
  doing.effect(known ? "id" : "damage", () => ({ objects: [pasidRef(id)], text: known ? `PASID ${id} is freed ${why}.` : `PASID ${id} is freed ${why}, though nobody has it any more.` }));
  const refused = doing.trace.refusedBy !== null;
  core.release(id, doing);
  // What the allocator makes of it is no concern of the caller, who may be on an error path already.
  if (!refused) doing.trace.swallow();
}

/** An injected failure: which step, and what it does to the caller. */
export function succeeds(scene: Scene, request: BindRequest, step: Failure): boolean {
  const rule = R[`sva-step-${step}` as "sva-step-notifier"];
  return scene.doing.trace.holds(rule, request.fail !== step, () => ({ objects: [deviceRef(request.device.name)], note: request.fail === step ? "Made to fail by the scenario." : "" }));
}

/** Writes a number's entry in the device's PASID table. */
export function programEntry({ doing }: Scene, device: Device, pasid: number, mm: MmStruct | null): void {
  device.table.set(pasid, { mm });
  doing.effect("attach", () => ({ objects: [deviceRef(device.name), pasidRef(pasid), ...(mm ? [mmRef(mm)] : [])], text: `${device.name}: PASID ${pasid} now leads to the page tables of ${mm ? mmRef(mm).label : "the kernel"}.` }));
}

/** The MMU notifier holds the structure until it is unregistered. */
export function registerNotifier(scene: Scene, mm: MmStruct | null): void {
  if (mm) grabMm(scene, mm, "The MMU notifier");
}

export function unregisterNotifier(scene: Scene, mm: MmStruct | null): void {
  if (mm) dropMm(scene, mm, "The MMU notifier");
}

/** Loads a value into the MSR of every thread of the mm. */
export function loadMsrs({ world, doing }: Scene, mm: MmStruct, value: number, how: string): void {
  const threads = world.threadsOf(mm);
  for (const thread of threads) thread.msr = value;
  if (threads.length > 0) doing.effect("set", () => ({ objects: [mmRef(mm)], text: `IA32_PASID of all threads of ${mm.name} becomes 0x${value.toString(16)}, ${how}.` }));
}
