/**
 * QEMU's VFIO and iommufd trace events, backend "log" (7.2 to 11.1, with and without timestamps), also carried by ftrace
 * or syslog. Event names and formats: formats.md section (b).
 */
import { add, sub } from "../../base/u64.ts";
import { hexNumber, smallNumber } from "./numbers.ts";
import { cleanLine } from "./lines.ts";
import { anyOf } from "./literals.ts";
import { ignored, USED, type Plain, type Reader, type Session, type Taken } from "./reader.ts";
import type { Facts } from "./facts.ts";
import type { TraceEvent } from "./trace-events.ts";

/** Characters of a trace event's line. */
const LONGEST = 4096;
const LINE = /^\s*(?:\d+@\d+\.\d{6}:|\d{4}-\d\d-\d\dT[\d:.]+Z |.*tracing_mark_write: )?((?:vfio|iommufd|vtd|virtio_iommu|smmuv3|smmu|amdvi|memory_region)_[a-z0-9_]+)(?: (.*))?$/;
/** The second half of an event that QEMU 7.2 prints over two lines. */
const TAIL = /^\s+size: 0x[0-9a-f]+, offset: /;
const H = "(0x[0-9a-f]{1,16})";
const N = "(-?\\d+)";
const BACKEND = `^ ?iommufd=-?\\d+ ioas=${N} iova=${H} size=${H}`;

type Distributive<Union> = Union extends unknown ? Omit<Union, "line"> : never;
type Bare = Distributive<TraceEvent>;
interface Form {
  pattern: RegExp;
  event: (match: RegExpExecArray) => Bare;
}

function form(pattern: string, event: Form["event"]): Form {
  return { pattern: new RegExp(pattern), event };
}

const ATTACH_LEGACY = form("^ ?\\((\\S+)\\) group (\\d+)$", (m) => ({ event: "legacy-attach", device: m[1] as string, group: smallNumber(m[2]) }));
const DETACH_LEGACY = form("^ ?\\((\\S+)\\) group (\\d+)$", (m) => ({ event: "legacy-detach", device: m[1] as string, group: smallNumber(m[2]) }));
const CLOSE_CONTAINER = form("^close container", () => ({ event: "close-container" }));
const CLOSE_GROUP = form("^close group", () => ({ event: "close-group" }));
const ATTACH = form("^ ?\\[iommufd=\\d+\\] Successfully attached device (\\S+) \\(-?\\d+\\)(?: pasid (\\d+))? to id=(\\d+)$", (m) => ({
  event: "attach", device: m[1] as string, pasid: smallNumber(m[2] ?? "0"), ptId: smallNumber(m[3]),
}));
const DETACH = form("^ ?\\[iommufd=\\d+\\] Successfully detached (\\S+)(?: pasid (\\d+))?$", (m) => ({
  event: "detach", device: m[1] as string, pasid: smallNumber(m[2] ?? "0"),
}));

/** Events that become steps, or without which a step can't be understood. */
const FORMS: Readonly<Record<string, Form>> = {
  iommufd_cdev_getfd: form("^ ?(\\S+) \\(fd=(-?\\d+)\\)$", (m) => ({ event: "open-device", path: m[1] as string, fd: smallNumber(m[2]) })),
  iommufd_backend_connect: form("^ ?fd=-?\\d+", () => ({ event: "connect" })),
  iommufd_backend_disconnect: form("^ ?fd=-?\\d+ users=(\\d+)", (m) => ({ event: "disconnect", users: smallNumber(m[1]) })),
  iommufd_cdev_connect_and_bind: form("^ ?\\[iommufd=\\d+\\] Successfully bound device (\\S+) \\(fd=(\\d+)\\): output devid=(\\d+)$", (m) => ({
    event: "bind", device: m[1] as string, fd: smallNumber(m[2]), devId: smallNumber(m[3]),
  })),
  iommufd_backend_alloc_ioas: form("^ ?iommufd=-?\\d+ ioas=(\\d+)$", (m) => ({ event: "alloc-ioas", ioas: smallNumber(m[1]) })),
  iommufd_backend_alloc_hwpt: form(
    `^ ?iommufd=-?\\d+ dev_id=(\\d+) pt_id=(\\d+) flags=${H} hwpt_type=(\\d+) len=(\\d+) data_ptr=0x[0-9a-f]+ out_hwpt=(\\d+) \\(${N}\\)$`,
    (m) => ({
      event: "alloc-hwpt", devId: smallNumber(m[1]), ptId: smallNumber(m[2]), flags: smallNumber(m[3]), dataType: smallNumber(m[4]), dataLen: smallNumber(m[5]),
      hwpt: smallNumber(m[6]), ret: smallNumber(m[7]),
    }),
  ),
  iommufd_cdev_attach_ioas_hwpt: ATTACH,
  iommufd_cdev_pasid_attach_ioas_hwpt: ATTACH,
  iommufd_cdev_detach_ioas_hwpt: DETACH,
  iommufd_cdev_pasid_detach_ioas_hwpt: DETACH,
  iommufd_backend_map_dma: form(`${BACKEND} addr=${H} readonly=([01]) \\(${N}\\)$`, (m) => ({
    event: "map", ioas: smallNumber(m[1]), iova: hexNumber(m[2]), size: hexNumber(m[3]), va: hexNumber(m[4]), readonly: m[5] === "1", ret: smallNumber(m[6]),
  })),
  iommufd_backend_map_file_dma: form(`${BACKEND} fd=${N} start=(\\d+) readonly=([01]) \\(${N}\\)$`, (m) => ({
    event: "map-file", ioas: smallNumber(m[1]), iova: hexNumber(m[2]), size: hexNumber(m[3]), fd: smallNumber(m[4]), start: smallNumber(m[5]), readonly: m[6] === "1",
    ret: smallNumber(m[7]),
  })),
  iommufd_backend_unmap_dma: form(`${BACKEND} \\(${N}\\)$`, (m) => ({
    event: "unmap", ioas: smallNumber(m[1]), iova: hexNumber(m[2]), size: hexNumber(m[3]), ret: smallNumber(m[4]), nonexistent: false,
  })),
  iommufd_backend_unmap_dma_non_exist: form(`^ ?Unmap nonexistent mapping: iommufd=-?\\d+ ioas=${N} iova=${H} size=${H} \\(${N}\\)$`, (m) => ({
    event: "unmap", ioas: smallNumber(m[1]), iova: hexNumber(m[2]), size: hexNumber(m[3]), ret: smallNumber(m[4]), nonexistent: true,
  })),
  iommufd_backend_free_id: form(`^ ?iommufd=-?\\d+ id=(\\d+) \\(${N}\\)$`, (m) => ({ event: "free", id: smallNumber(m[1]), ret: smallNumber(m[2]) })),
  iommufd_backend_set_dirty: form(`^ ?iommufd=-?\\d+ hwpt=(\\d+) enable=([01]) \\(${N}\\)$`, (m) => ({
    event: "set-dirty", hwpt: smallNumber(m[1]), enable: m[2] === "1", ret: smallNumber(m[3]),
  })),
  iommufd_backend_get_dirty_bitmap: form(`^ ?iommufd=-?\\d+ hwpt=(\\d+) iova=${H} size=${H}(?: flags=${H})? page_size=${H} \\(${N}\\)$`, (m) => ({
    event: "get-dirty", hwpt: smallNumber(m[1]), iova: hexNumber(m[2]), size: hexNumber(m[3]), flags: hexNumber(m[4] ?? "0x0"), pageSize: hexNumber(m[5]), ret: smallNumber(m[6]),
  })),
  vfio_realize: ATTACH_LEGACY,
  vfio_attach_device: ATTACH_LEGACY,
  vfio_device_attach: ATTACH_LEGACY,
  vfio_detach_device: DETACH_LEGACY,
  vfio_device_detach: DETACH_LEGACY,
  vfio_disconnect_container: CLOSE_CONTAINER,
  vfio_container_disconnect: CLOSE_CONTAINER,
  vfio_put_group: CLOSE_GROUP,
  vfio_group_put: CLOSE_GROUP,
  vfio_listener_region_add_ram: form(`^region_add \\[ram\\] ${H} - ${H} \\[${H}\\]$`, (m) => ({
    event: "region-add", first: hexNumber(m[1]), last: hexNumber(m[2]), va: hexNumber(m[3]),
  })),
  vfio_listener_region_del: form(`^region_del ${H} - ${H}$`, (m) => ({ event: "region-del", first: hexNumber(m[1]), last: hexNumber(m[2]) })),
  vfio_iommu_map_notify: form(`^ ?iommu (\\S+) @ ${H} - ${H}$`, (m) => ({ event: "viommu", map: m[1] === "MAP", first: hexNumber(m[2]), last: hexNumber(m[3]) })),
  vfio_region_setup: form(`^ ?Device (\\S+), region (\\d+) ".*", flags: ${H}, offset: ${H}, size: ${H}$`, (m) => ({
    event: "bar-size", device: m[1] as string, bar: smallNumber(m[2]), size: hexNumber(m[5]),
  })),
  vfio_pci_write_config: form(`^ ?\\((\\S+), @${H}, ${H}, len=${H}\\)$`, (m) => ({
    event: "config-write", device: m[1] as string, offset: smallNumber(m[2]), value: hexNumber(m[3]), length: smallNumber(m[4]),
  })),
};

/** Events that are told twice or say nothing about addresses, and why they make no step. */
const SAID: readonly [RegExp, string][] = [
  [/^vfio_listener_region(?:_add|_del)?_skip/, "not mapped by the VMM: no RAM there"],
  [/^vfio_listener_region_add_no_dma_map$|^vfio_listener_region_skip_dma_map$/, "not mapped by the VMM: not page-aligned, or marked so"],
  [/^vfio_listener_region_(?:add|del)_iommu$/, "the guest's own IOMMU, not a mapping"],
  [/^iommufd_cdev_alloc_ioas$/, "said already by iommufd_backend_alloc_ioas"],
  [/^iommufd_backend_(?:alloc_viommu|alloc_vdev|invalidate_cache|alloc_hw_queue|viommu_mmap)$|^iommufd_viommu_|^iommufd_change_process$/, "not modelled: virtual IOMMU objects"],
  [/./, "no DMA address in it"],
];

/** A VMM that leaves device memory out of the page table on purpose. */
const SKIPPED_BAR = /^Region "([^"]*)" (0x[0-9a-f]{1,16}) size=(0x[0-9a-f]{1,16}) /;

/** Events that say more than goes into the list of events. */
const TELLING: ReadonlySet<TraceEvent["event"]> = new Set(["legacy-attach", "bind"]);
/** Lines after which others are read otherwise, or that say more than that they came. */
const SPECIAL: ReadonlySet<string> = new Set(["vfio_populate_device_config", "vfio_listener_region_skip_dma_map"]);

/** What a line of a trace says by itself; null for those that say more than that, and for what is none. */
export function plainTraceLine(line: string): Plain<TraceEvent> | null {
  // Such a line may go on in the next one; and one that carries another message is not read as what it begins with.
  if (/[:,(]$/.test(line) || cleanLine(line) !== line) return null;
  const match = LINE.exec(line);
  const name = match?.[1];
  if (!match || name === undefined || SPECIAL.has(name)) return null;
  const known = FORMS[name];
  if (!known) return { event: null, ignored: whyIgnored(name) };
  const args = known.pattern.exec(match[2] ?? "");
  if (!args) return null;
  const event: TraceEvent = { line: 0, ...known.event(args) };
  if (TELLING.has(event.event) || ("first" in event && event.last < event.first)) return null;
  return { event, ignored: isQuiet(event) ? NO_ADDRESS : undefined };
}

const NO_ADDRESS = "no DMA address in it";

function isQuiet({ event }: TraceEvent): boolean {
  return event === "bar-size" || event === "config-write";
}

function whyIgnored(name: string): string {
  return SAID.find(([pattern]) => pattern.test(name))?.[1] as string;
}

class QemuTrace implements Session {
  private readonly facts: Facts;
  private readonly input: string;
  /** QEMU 7.2 prints one event over two lines. */
  private tailExpected = false;

  constructor(facts: Facts, input: string) {
    this.facts = facts;
    this.input = input;
  }

  private leftOut(match: RegExpExecArray, line: string, number: number): void {
    const first = hexNumber(match[2]);
    const size = hexNumber(match[3]);
    const range = size === 0 ? {} : { range: { first, last: sub(add(first, size), 1) } };
    this.facts.hints.push({ cause: "bar-memory-not-pinnable", errno: null, at: { file: this.input, line: number }, text: line.slice(0, 200), object: match[1], ...range, weak: true });
  }

  take(line: string, number: number): Taken | null {
    if (this.tailExpected && TAIL.test(line)) {
      this.tailExpected = false;
      return ignored(NO_ADDRESS);
    }
    if (line.length > LONGEST) return null;
    const match = LINE.exec(line);
    if (!match) return null;
    const name = match[1] as string;
    const known = FORMS[name];
    if (!known) {
      this.tailExpected = name === "vfio_populate_device_config";
      const left = name === "vfio_listener_region_skip_dma_map" ? SKIPPED_BAR.exec(match[2] ?? "") : null;
      if (left) this.leftOut(left, line, number);
      return ignored(whyIgnored(name));
    }
    const args = known.pattern.exec(match[2] ?? "");
    if (!args) return null;
    const event: TraceEvent = { line: number, ...known.event(args) };
    if ("first" in event && event.last < event.first) return ignored("a range that ends before it starts");
    if (event.event === "legacy-attach") this.facts.join(event.device, event.group);
    if (event.event === "legacy-attach" || event.event === "bind") this.facts.assigned.add(event.device);
    this.facts.stream("trace", this.input).events.push(event);
    return isQuiet(event) ? ignored(NO_ADDRESS) : USED;
  }
}

export const qemuTraceReader: Reader = {
  format: "QEMU VFIO trace",
  needs: [anyOf([LINE, TAIL])],
  open: (facts, input) => new QemuTrace(facts, input),
};
