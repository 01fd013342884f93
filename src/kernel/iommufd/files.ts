/** Processes and their open files. An open file may be shared by a parent and its children; it closes with its last descriptor. */
import type { CallTrace } from "../call-trace.ts";
import type { HostDevice } from "../config.ts";
import type { Context } from "./context.ts";
import type { Iommufd } from "./iommufd.ts";
import { destroyAccess, leaveDevice, releaseContext } from "./lifecycle.ts";
import type { Access, Device, Fault } from "./objects.ts";
import { nameOf, refOf } from "./refs.ts";
import { unhold } from "./trace-help.ts";

/** An open /dev/vfio/devices/vfioN. */
export interface Cdev {
  readonly host: HostDevice;
  device: Device | null;
  /** The PCI command register allows DMA. */
  busMaster: boolean;
  /** The edu device's own 4 KiB of memory. */
  readonly memory: Uint8Array;
}

export type FileKind = { kind: "iommufd"; context: Context } | { kind: "access"; access: Access } | { kind: "fault"; fault: Fault } | { kind: "cdev"; cdev: Cdev };

export interface OpenFile {
  readonly what: FileKind;
  /** Descriptors that refer to it. */
  descriptors: number;
}

export class Process {
  readonly number: number;
  readonly files = new Map<number, OpenFile>();
  /** The iommufd that calls without a descriptor mean: the one opened last that is still open. */
  current: Context | null = null;

  constructor(number: number) {
    this.number = number;
  }
}

/** Gives an open file the lowest free descriptor: 3, else from `firstFd` on. */
export function installFile(process: Process, firstFd: number, what: FileKind): number {
  let fd = 3;
  while (process.files.has(fd)) fd = Math.max(fd + 1, firstFd);
  process.files.set(fd, { what, descriptors: 1 });
  if (what.kind === "iommufd") process.current = what.context;
  return fd;
}

/** close(2). The last descriptor of a file releases what it stands for. */
export function closeFile(iommufd: Iommufd, trace: CallTrace, process: Process, fd: number): void {
  const file = process.files.get(fd);
  if (!file) return;
  process.files.delete(fd);
  if (file.what.kind === "iommufd" && process.current === file.what.context) process.current = lastIommufd(process);
  file.descriptors--;
  if (file.descriptors === 0) releaseFile(iommufd, trace, file.what);
}

function lastIommufd(process: Process): Context | null {
  let last: Context | null = null;
  for (const { what } of process.files.values()) if (what.kind === "iommufd") last = what.context;
  return last;
}

function releaseFile(iommufd: Iommufd, trace: CallTrace, what: FileKind): void {
  switch (what.kind) {
    case "iommufd":
      leaveContext(iommufd, trace, what.context);
      return;
    case "access":
      destroyAccess(iommufd, trace, what.access);
      leaveContext(iommufd, trace, what.access.context);
      return;
    case "fault":
      what.fault.open = false;
      unhold(trace, what.fault, "its file");
      leaveContext(iommufd, trace, what.fault.context);
      return;
    case "cdev":
      releaseCdev(iommufd, trace, what.cdev);
  }
}

/** One file less keeps the context alive; the last one ends it. */
export function leaveContext(iommufd: Iommufd, trace: CallTrace, context: Context): void {
  context.files--;
  if (context.files === 0) releaseContext(iommufd, trace, context);
}

function releaseCdev(iommufd: Iommufd, trace: CallTrace, cdev: Cdev): void {
  for (const [slot, file] of iommufd.cdevs) if (file.cdev === cdev) iommufd.cdevs.delete(slot);
  const { device } = cdev;
  if (!device) return;
  cdev.device = null;
  trace.effect("host", () => ({ objects: [refOf(device)], text: `the file of ${nameOf(device)} is closed` }));
  leaveDevice(iommufd, trace, device);
  leaveContext(iommufd, trace, device.context);
}
