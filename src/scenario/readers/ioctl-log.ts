/**
 * The output of public/capture/capture-vfio.bt (a bpftrace script): every VFIO and iommufd ioctl with its fields and the kernel's
 * answer. Grammar: formats.md section (g).
 */
import { hexNumber } from "./numbers.ts";
import type { Facts } from "./facts.ts";
import { CONTAINER_NAMES, IOCTL_NAMES, type IoctlEvent } from "./ioctl-log-events.ts";
import { anyOf } from "./literals.ts";
import { ignored, USED, type Reader, type Session, type Taken } from "./reader.ts";

const LINE = /^\s*(\d+) (\d+) (.+?) fd=(\d+) (?:([A-Z0-9_]+)|ioctl\(0x3b([0-9a-f]{2})\))((?: [a-z_0-9]+=\S+| 0x[0-9a-f]+)*)((?: \[0x[0-9a-f]+-0x[0-9a-f]+\])*) = (-?\d+)$/;
const NOISE = /^(?:Attaching \d+ probes?\.\.\.|\/?\S*\.bt:\d+:.*|\s+else if \(.*|\s*~+\s*|WARNING: (?!CPU: ).*|@\w*.*: .*|Lost \d+ events)$/;
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
    const why = reasonToSkip(event);
    if (why !== null) return ignored(why);
    this.facts.stream("ioctls", this.input).events.push(event);
    if (name === "VFIO_GROUP_GET_DEVICE_FD") {
      this.facts.device(event.fields.name as string);
      this.facts.assigned.add(event.fields.name as string);
    }
    return USED;
  }
}

/** Ioctls about devices' registers and interrupts, which touch no address space. */
const NOT_MODELLED = /^(?:ioctl 0x|VFIO_DEVICE_(?!BIND_IOMMUFD|ATTACH_IOMMUFD_PT|DETACH_IOMMUFD_PT|GET_INFO)|VFIO_IOMMU_(?:ENABLE|DISABLE)|IOMMU_(?:VIOMMU|VDEVICE|VEVENTQ|HW_QUEUE)_ALLOC|IOMMU_IOAS_CHANGE_PROCESS)/;
/** VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP. */
const GET_BITMAP = 4;

/** Why an ioctl makes no step; null when it does. */
function reasonToSkip(event: IoctlEvent): string | null {
  if (NOT_MODELLED.test(event.name)) return `not modelled: ${event.name}`;
  if (event.name === "IOMMU_HWPT_INVALIDATE") return `${event.name}: its entries are not in the log`;
  if (event.name === "VFIO_IOMMU_DIRTY_PAGES" && (!event.hasFields || (Number(event.fields.flags) & GET_BITMAP) !== 0)) return `${event.name}: its range is not in the log`;
  return event.hasFields || !NEEDS_FIELDS.test(event.name) ? null : `${event.name}: its fields are not in the log`;
}

/** Without their fields these say nothing. */
const NEEDS_FIELDS = /_MAP|_UNMAP|_COPY|_IOVAS|OPTION|IOAS$|_DIRTY_|DESTROY|FAULT_QUEUE|GET_DEVICE_FD/;

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
  needs: [anyOf([LINE, NOISE])],
  open: (facts, input) => new IoctlLog(facts, input),
};
