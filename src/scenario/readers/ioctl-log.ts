/**
 * The output of capture-iommufd.bt (a bpftrace script): every VFIO and iommufd ioctl with its fields and the kernel's
 * answer. Grammar: formats.md section (g).
 */
import { hexNumber } from "./numbers.ts";
import type { Facts } from "./facts.ts";
import { CONTAINER_NAMES, IOCTL_NAMES, type IoctlEvent } from "./ioctl-log-events.ts";
import { ignored, USED, type Reader, type Session, type Taken } from "./reader.ts";

const LINE = /^\s*(\d+) (\d+) (.+?) fd=(\d+) (?:([A-Z0-9_]+)|ioctl\(0x3b([0-9a-f]{2})\))((?: [a-z_0-9]+=\S+| 0x[0-9a-f]+)*)((?: \[0x[0-9a-f]+-0x[0-9a-f]+\])*) = (-?\d+)$/;
const NOISE = /^(?:Attaching \d+ probes?\.\.\.|\/?\S*\.bt:\d+:.*|\s+else if \(.*|\s*~+\s*|WARNING: .*|@\w*.*: .*|Lost \d+ events)$/;
/** Only a container answers these. */
const CONTAINER_MARKS: ReadonlySet<string> = new Set(["VFIO_GET_API_VERSION", "VFIO_CHECK_EXTENSION", "VFIO_SET_IOMMU"]);

class IoctlLog implements Session {
  private readonly facts: Facts;
  private readonly input: string;
  /** "pid fd" of containers: some numbers mean another thing on them. */
  private readonly containers = new Set<string>();

  constructor(facts: Facts, input: string) {
    this.facts = facts;
    this.input = input;
  }

  take(line: string, number: number): Taken | null {
    const match = LINE.exec(line);
    if (!match) return NOISE.test(line) ? ignored("bpftrace's own words") : null;
    const pid = Number(match[2]);
    const fd = Number(match[4]);
    const key = `${pid} ${fd}`;
    const given = match[5];
    const raw = match[6] ?? (given === "DEVICE_IOCTL" ? /0x3b([0-9a-f]{2})/.exec(match[7] as string)?.[1] : undefined);
    const nr = raw === undefined ? null : parseInt(raw, 16);
    const name = nr === null ? (given as string) : ((this.containers.has(key) ? CONTAINER_NAMES[nr] : undefined) ?? IOCTL_NAMES[nr] ?? `ioctl 0x3b${raw}`);
    if (CONTAINER_MARKS.has(name)) this.containers.add(key);
    if (name === "VFIO_GROUP_SET_CONTAINER") {
      const container = /container_fd=(\d+)/.exec(match[7] as string)?.[1];
      if (container !== undefined) this.containers.add(`${pid} ${container}`);
    }
    const event: IoctlEvent = {
      line: number, pid, comm: match[3] as string, fd, name, fields: fieldsOf(match[7] as string), ranges: rangesOf(match[8] as string), ret: Number(match[9]), hasFields: nr === null,
    };
    if (!isModelled(event)) return ignored(`not modelled: ${name}`);
    this.facts.stream("ioctls", this.input).events.push(event);
    if (name === "VFIO_GROUP_GET_DEVICE_FD") {
      this.facts.device(event.fields.name as string);
      this.facts.assigned.add(event.fields.name as string);
    }
    return USED;
  }
}

/** Ioctls about devices' registers and interrupts, which touch no address space. */
const NOT_MODELLED = /^(?:ioctl 0x|VFIO_DEVICE_(?!BIND_IOMMUFD|ATTACH_IOMMUFD_PT|DETACH_IOMMUFD_PT|GET_INFO)|VFIO_IOMMU_(?:ENABLE|DISABLE|DIRTY_PAGES)|IOMMU_(?:VIOMMU|VDEVICE|VEVENTQ|HW_QUEUE)_ALLOC|IOMMU_IOAS_(?:MAP_FILE|CHANGE_PROCESS)|IOMMU_HWPT_INVALIDATE|VFIO_GROUP_GET_DEVICE_FD$)/;

function isModelled(event: IoctlEvent): boolean {
  // The name of the device tells which group it is, even where the call itself is no step.
  if (event.name === "VFIO_GROUP_GET_DEVICE_FD" && event.fields.name !== undefined) return true;
  return !NOT_MODELLED.test(event.name);
}

function fieldsOf(text: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const pair of text.trim().split(" ")) {
    const at = pair.indexOf("=");
    if (at > 0) fields[pair.slice(0, at)] = pair.slice(at + 1);
  }
  return fields;
}

function rangesOf(text: string): IoctlEvent["ranges"] {
  return [...text.matchAll(/\[(0x[0-9a-f]{1,16})-(0x[0-9a-f]{1,16})\]/g)].map((match) => ({ first: hexNumber(match[1]), last: hexNumber(match[2]) }));
}

export const ioctlLogReader: Reader = {
  format: "ioctl log",
  open: (facts, input) => new IoctlLog(facts, input),
};
