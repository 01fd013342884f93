/** Processes, address spaces and devices, as far as PASIDs are concerned. Plain state; what the eras do with it is in the other files. */
import type { ObjectRef } from "../answer.ts";
import { CallError } from "../call.ts";

/** IA32_PASID: bit 31 says that bits 19:0 hold a PASID. MSR number 0xD93, one value per thread. */
export const MSR_VALID = 0x80000000;
export const MSR_PASID_MASK = 0xfffff;

export class Thread {
  /** Number inside the process, from 1. */
  readonly number: number;
  /** IA32_PASID as this thread has it. */
  msr = 0;
  /** The #GP handler has loaded the MSR once (task.pasid_activated). */
  activated = false;

  constructor(number: number) {
    this.number = number;
  }
}

/** An address space (struct mm_struct). */
export class MmStruct {
  /** Of which process it was at first. */
  readonly name: string;
  /** Tasks and others that need the address space itself (mm_users). */
  users = 1;
  /** Those who need the structure; all users together count once (mm_count). */
  count = 1;
  /** References that calls mmget and mmgrab took. */
  extraUsers = 0;
  extraCount = 0;
  /** Null: none. How an era writes "none" down is in its state. */
  pasid: number | null = null;
  /** The address space has been torn down (__mmput). */
  torn = false;
  /** The structure has been freed (__mmdrop). */
  freed = false;

  constructor(name: string) {
    this.name = name;
  }
}

/** A successful bind that has not been undone, as the process's open file of the device remembers it. */
export interface Handle {
  device: string;
  pasid: number;
  /** Name of the binding; it stays with the mm that was bound, also after an execve. */
  binding: string;
}

export class Process {
  readonly name: string;
  mm: MmStruct;
  readonly threads: Thread[] = [];
  /** Open device files with their binds, oldest first. */
  readonly handles: Handle[] = [];
  /** How far its exit is. */
  stage: "alive" | "mm-gone" | "exited" = "alive";

  constructor(name: string, mm: MmStruct) {
    this.name = name;
    this.mm = mm;
  }
}

/** One request in a device's queue; it carries the number it was submitted with, not the process. */
export interface Work {
  name: string;
  pasid: number;
  process: string;
  mm: MmStruct;
}

export class Device {
  readonly name: string;
  /** One past its last PASID. */
  readonly maxPasids: number;
  /** It can do shared virtual addressing at all. */
  readonly capable: boolean;
  /** The IOMMU's PASID table for this device: number → page tables. A null mm means the kernel's own. */
  readonly table = new Map<number, { mm: MmStruct | null }>();
  readonly queue: Work[] = [];

  constructor(name: string, maxPasids: number, capable: boolean) {
    this.name = name;
    this.maxPasids = maxPasids;
    this.capable = capable;
  }
}

/** An mm bound to devices under one PASID: VT-d's intel_svm, or the SVA domain of later kernels. */
export class Binding {
  readonly name: string;
  /** Null: the kernel's own address space (supervisor). */
  readonly mm: MmStruct | null;
  readonly pasid: number;
  readonly private: boolean;
  /** By device name: how often it was bound, and with which callbacks. */
  readonly devices = new Map<string, { users: number; ops: string }>();

  constructor(name: string, mm: MmStruct | null, pasid: number, isPrivate: boolean) {
    this.name = name;
    this.mm = mm;
    this.pasid = pasid;
    this.private = isPrivate;
  }
}

export const DEFAULT_MAX_PASIDS = 0x100000;

export class World {
  readonly processes = new Map<string, Process>();
  readonly devices = new Map<string, Device>();
  readonly bindings: Binding[] = [];
  /** The CPU has ENQCMD. */
  enqcmd = true;
  /** A stable backport makes binding fail on x86. */
  x86Refused = false;
  /** One past the IOMMU's last PASID (intel_pasid_max_id). */
  iommuMaxPasids = DEFAULT_MAX_PASIDS;
  private made = 0;

  /** Throws CallError when there never was such a process. */
  process(name: string): Process {
    const process = this.processes.get(name);
    if (!process) throw new CallError(`there is no process "${name}"; make it with process_create`);
    return process;
  }

  /** The device of this name; one nobody described has as many PASIDs as PCIe allows. */
  device(name: string): Device {
    let device = this.devices.get(name);
    if (!device) {
      device = new Device(name, DEFAULT_MAX_PASIDS, true);
      this.devices.set(name, device);
    }
    return device;
  }

  /** Distinct address spaces that are still there. */
  mms(): MmStruct[] {
    const mms = new Set<MmStruct>();
    for (const { mm } of this.processes.values()) mms.add(mm);
    for (const { mm } of this.bindings) if (mm) mms.add(mm);
    return [...mms].filter((mm) => !mm.freed);
  }

  bindingsOf(mm: MmStruct | null): Binding[] {
    return this.bindings.filter((binding) => binding.mm === mm);
  }

  nextName(what: string): string {
    return `${what} ${++this.made}`;
  }

  threadsOf(mm: MmStruct): Thread[] {
    return [...this.processes.values()].filter((process) => process.mm === mm).flatMap((process) => process.threads);
  }
}

export function mmRef(mm: MmStruct): ObjectRef {
  return { key: `mm:${mm.name}`, label: `mm of ${mm.name}` };
}

export function processRef(name: string): ObjectRef {
  return { key: `process:${name}`, label: `process ${name}` };
}

export function deviceRef(name: string): ObjectRef {
  return { key: `device:${name}`, label: name };
}

export function pasidRef(pasid: number): ObjectRef {
  return { key: `ioasid:${pasid}`, label: `PASID ${pasid}` };
}

/** "P1's memory", "the kernel's memory". */
export function memoryOf(mm: MmStruct | null): string {
  return mm ? `${mm.name}'s memory` : "the kernel's memory";
}
