/**
 * strace: it decodes no fields of these ioctls, so only their order and their errno are known. Names collide; the role of
 * the fd decides. Grammar: formats.md section (e).
 */
import { ERRNO, type Errno } from "../../kernel/errno.ts";
import type { Facts } from "./facts.ts";
import { CONTAINER_NAMES, IOCTL_NAMES } from "./ioctl-log-events.ts";
import { anyOf } from "./literals.ts";
import { ignored, USED, type Reader, type Session, type Taken } from "./reader.ts";

const LINE = /^\s*(?:\[pid +(\d+)\]|(\d+))?\s*(?:[\d:.]+ )?ioctl\((0x[0-9a-f]+|\d+)(?:<[^>]*>)?, (.+?), (0x[0-9a-f]+|NULL|0|\{.*\})\)\s*= (0x[0-9a-f]+|-?\d+)(?: (E[A-Z0-9]+))?/;
/** Characters of a line of strace: it cuts strings and structures short. */
const LONGEST = 2048;
const OTHER = /^\s*(?:\[pid +\d+\]|\d+)?\s*(?:[\d:.]+ )?(?:[a-z_0-9]+\(.*(?:\)\s+= (?:-?\d+|0x[0-9a-f]+|\?)|<unfinished \.\.\.>$)|<\.\.\. [a-z_0-9]+ resumed|\+\+\+ (?:exited|killed)|--- SIG)/;
const RAW = /_IOC\(_IOC_NONE, 0x3b, 0x([0-9a-f]{2}), 0\)|0x3b([0-9a-f]{2})\b/;
const NUMBERS = new Map([...Object.entries(CONTAINER_NAMES), ...Object.entries(IOCTL_NAMES)].map(([nr, name]) => [name, Number(nr)]));

class Strace implements Session {
  private readonly facts: Facts;
  private readonly input: string;
  private readonly containers = new Set<string>();
  /** Containers whose IOMMU is set. */
  private readonly backed = new Set<string>();

  constructor(facts: Facts, input: string) {
    this.facts = facts;
    this.input = input;
  }

  take(line: string, number: number): Taken | null {
    if (line.length > LONGEST) return null;
    const match = LINE.exec(line);
    if (!match) return OTHER.test(line) ? ignored("another system call") : null;
    const command = match[4] as string;
    const raw = RAW.exec(command);
    const nr = raw ? parseInt((raw[1] ?? raw[2]) as string, 16) : command.split(" or ").map((name) => NUMBERS.get(name)).find((known) => known !== undefined);
    if (nr === undefined) return ignored("another ioctl");
    const pid = Number(match[1] ?? match[2] ?? 0);
    const fd = Number(match[3]);
    const key = `${pid} ${fd}`;
    if (nr >= 0x64 && nr <= 0x66) this.containers.add(key);
    const name = (this.containers.has(key) ? CONTAINER_NAMES[nr] : undefined) ?? IOCTL_NAMES[nr] ?? command;
    if (name === "VFIO_SET_IOMMU" && match[7] === undefined) this.backed.add(key);
    if (match[7] !== undefined) this.refused(command, name, match[7] as Errno, key, number, line);
    if (/_MAP|_UNMAP|_COPY|ALLOW_IOVAS/.test(name)) return ignored(`${name}: strace shows no addresses, the capture script does`);
    if (!STEPS.has(name)) return ignored(`not modelled: ${name}`);
    const errno = match[7] as Errno | undefined;
    const ret = errno === undefined ? Number(match[6]) : -(ERRNO[errno] ?? 22);
    const fields: Record<string, string> = name === "VFIO_SET_IOMMU" ? { type: String(Number(match[5])) } : name === "VFIO_CHECK_EXTENSION" ? { ext: String(Number(match[5])) } : {};
    this.facts.stream("ioctls", this.input).events.push({ line: number, pid, comm: "", fd, name, fields, ranges: [], ret, hasFields: false });
    return USED;
  }

  /** Refusals of calls that make no step for want of fields: their errno and order still tell something. */
  private refused(command: string, name: string, errno: Errno, key: string, number: number, line: string): void {
    const at = { file: this.input, line: number };
    const isMap = /VFIO_IOMMU_MAP_DMA/.test(command) || name === "VFIO_IOMMU_MAP_DMA" || name === "IOMMU_IOAS_MAP" || name === "IOMMU_IOAS_MAP_FILE";
    if (errno === "ENOTTY" && (name.startsWith("IOMMU_") || name === "VFIO_DEVICE_BIND_IOMMUFD")) this.facts.hints.push({ cause: "kernel-too-old", errno, at, text: line.slice(0, 200), object: name });
    else if (isMap && errno === "EINVAL" && !name.startsWith("IOMMU_") && !this.backed.has(key)) this.facts.hints.push({ cause: "map-before-iommu-set", errno, at, text: line.slice(0, 200), object: "VFIO_IOMMU_MAP_DMA" });
    // The order was right where this is reached, so it is the place or the memory.
    else if (isMap) this.facts.failures.push({ kind: "map-errno", errno, at });
  }
}

/** Calls that need no field the log does not have, or whose fields follow from their order. */
const STEPS: ReadonlySet<string> = new Set([
  "VFIO_GET_API_VERSION", "VFIO_CHECK_EXTENSION", "VFIO_SET_IOMMU", "VFIO_GROUP_GET_STATUS", "VFIO_GROUP_SET_CONTAINER", "VFIO_GROUP_UNSET_CONTAINER", "VFIO_IOMMU_GET_INFO",
  "VFIO_DEVICE_BIND_IOMMUFD", "VFIO_DEVICE_ATTACH_IOMMUFD_PT", "VFIO_DEVICE_DETACH_IOMMUFD_PT", "IOMMU_IOAS_ALLOC", "IOMMU_HWPT_ALLOC", "IOMMU_IOAS_IOVA_RANGES", "IOMMU_GET_HW_INFO",
]);

export const straceReader: Reader = {
  format: "strace",
  needs: [anyOf([LINE, OTHER])],
  open: (facts, input) => new Strace(facts, input),
};
