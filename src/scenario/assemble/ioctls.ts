/** An ioctl log as calls: every ioctl that the model knows is a step, with the kernel's own answer beside it. */
import { hex, parseU64 } from "../../base/u64.ts";
import { ensure } from "../../base/assert.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import { errnoName } from "../../kernel/errno.ts";
import type { IoctlEvent } from "../readers/ioctl-log-events.ts";
import type { ScenarioCall } from "../scenario.ts";
import type { Roster } from "./roster.ts";
import { givenOf, GROUP_GUESSED, IMPLIED, known, knownResult, Steps } from "./steps.ts";

const NO_FIELDS = "the log shows the call and its result, not its fields";
/** The script prints no more ranges than this. */
const PRINTED_RANGES = 4;
/** sizeof(struct vfio_iommu_type1_info): what VMMs ask with first. */
const INFO_SIZE = 24;
const PAGE = "0x1000";
const U64_ALL = "0xffffffffffffffff";
const FIXED = 1;

/** Events by process; processes that ran one after the other share a scenario, others get one each. */
export function processesOf(events: IoctlEvent[]): IoctlEvent[][] {
  const spans = new Map<number, { first: number; last: number }>();
  events.forEach((event, index) => {
    const span = spans.get(event.pid);
    if (span) span.last = index;
    else spans.set(event.pid, { first: index, last: index });
  });
  const ordered = [...spans.values()].sort((one, other) => one.first - other.first);
  const apart = ordered.every((span, index) => index === 0 || span.first > (ordered[index - 1] as typeof span).last);
  return apart ? [events] : [...spans.keys()].map((pid) => events.filter((event) => event.pid === pid));
}

export function ioctlCalls(events: IoctlEvent[], roster: Roster, origin: { input: string; keep: boolean }): Steps {
  const log = new IoctlCalls(events, roster, new Steps(origin.keep));
  for (const event of events) {
    log.steps.from(origin.input, event.line);
    log.take(event);
  }
  return log.steps;
}

const NEEDS_IOMMU: ReadonlySet<string> = new Set(["VFIO_SET_IOMMU", "VFIO_IOMMU_GET_INFO", "VFIO_IOMMU_MAP_DMA", "VFIO_IOMMU_UNMAP_DMA", "VFIO_IOMMU_DIRTY_PAGES"]);
const BEGINS_LATER = "implied: the log begins later";
const TYPE1V2 = 3;
/** Of a group whose file the log does not show. */
const NO_FD = -1;

class IoctlCalls {
  readonly steps: Steps;
  private readonly roster: Roster;
  private readonly events: IoctlEvent[];
  private pid: number | null = null;
  /** Group number behind each group fd, slot behind each device fd; of the process that is running. */
  private groups = new Map<number, number>();
  private slots = new Map<number, number>();
  /** Devices opened through their group, by the group's fd. */
  private devices = new Map<number, { group: number; name: string }>();
  private containerOpen = false;
  /** Groups in the container, and whether it has an IOMMU, as far as the log shows or what works proves. */
  private joined = 0;
  private backed = false;
  private slotCount = 0;
  private usedIommufd = false;

  constructor(events: IoctlEvent[], roster: Roster, steps: Steps) {
    this.steps = steps;
    this.events = events;
    this.roster = roster;
  }

  take(event: IoctlEvent): void {
    if (this.pid !== null && this.pid !== event.pid) this.processEnds(this.pid);
    this.pid = event.pid;
    if (event.name.startsWith("VFIO_GROUP_")) return this.group(event);
    if (event.name.startsWith("VFIO_DEVICE_")) return this.device(event);
    if (event.name.startsWith("IOMMU_")) return this.iommufd(event);
    return this.container(event);
  }

  /** The next process starts with nothing of the last one's open. */
  private processEnds(pid: number): void {
    const note = `implied: process ${pid} has ended`;
    for (const slot of this.slots.values()) this.steps.implied("VFIO_CDEV_CLOSE", { dev: slot }, note);
    if (this.usedIommufd) {
      this.steps.implied("CLOSE_FD", { fd: 3 }, note);
      this.steps.implied("IOMMUFD_OPEN", {}, note);
    }
    for (const device of this.devices.values()) this.steps.implied("VFIO_DEVICE_CLOSE", { ...device }, note);
    for (const group of this.groups.values()) {
      if (this.containerOpen) this.steps.implied("VFIO_GROUP_UNSET_CONTAINER", { group }, note);
      this.steps.implied("VFIO_GROUP_CLOSE", { group }, note);
    }
    if (this.containerOpen) this.steps.implied("VFIO_CONTAINER_CLOSE", {}, note);
    this.devices.clear();
    this.groups.clear();
    this.slots.clear();
    this.containerOpen = this.usedIommufd = this.backed = false;
    this.joined = 0;
    this.slotCount = 0;
  }

  private group(event: IoctlEvent): void {
    const group = this.groupOf(event);
    switch (event.name) {
      case "VFIO_GROUP_GET_STATUS":
        this.add(event, event.name, { group }, event.hasFields ? { flags: numberOf(event, "flags") } : undefined);
        return;
      case "VFIO_GROUP_SET_CONTAINER":
        this.openContainer();
        this.add(event, event.name, { group });
        if (event.ret >= 0) this.joined++;
        return;
      case "VFIO_GROUP_UNSET_CONTAINER":
        this.add(event, event.name, { group });
        if (event.ret >= 0 && this.joined > 0 && --this.joined === 0) this.backed = false;
        return;
      case "VFIO_GROUP_GET_DEVICE_FD":
        if (event.ret >= 0) this.devices.set(event.fd, { group, name: event.fields.name ?? "" });
        this.add(event, event.name, { group, name: event.fields.name ?? "" });
        return;
    }
  }

  /** The group behind an fd: by a device that was asked for on it, anywhere in the log. */
  private groupOf(event: IoctlEvent): number {
    const before = this.groups.get(event.fd);
    if (before !== undefined) return before;
    const asked = this.events.find((other) => other.pid === event.pid && other.fd === event.fd && other.name === "VFIO_GROUP_GET_DEVICE_FD");
    const device = this.roster.device(asked?.fields.name ?? null);
    this.groups.set(event.fd, device.group);
    const note = device.groupGuessed ? `${IMPLIED}; ${GROUP_GUESSED}` : IMPLIED;
    this.steps.implied("VFIO_GROUP_OPEN", { path: `/dev/vfio/${device.group}`, group: device.group }, note);
    return device.group;
  }

  private openContainer(): void {
    if (this.containerOpen) return;
    this.containerOpen = true;
    this.steps.implied("VFIO_CONTAINER_OPEN", {});
  }

  /** What worked needs an IOMMU: a capture that began later does not show how the container got it. */
  private begunBefore(event: IoctlEvent): void {
    if (!NEEDS_IOMMU.has(event.name) || (event.ret < 0 && errnoName(event.ret) === "EINVAL")) return;
    if (this.joined === 0) {
      const ofGroup = this.events.find((other) => other.pid === event.pid && other.name.startsWith("VFIO_GROUP_"));
      const group = ofGroup ? this.groupOf(ofGroup) : this.groupOf({ ...event, fd: NO_FD });
      this.steps.implied("VFIO_GROUP_SET_CONTAINER", { group }, BEGINS_LATER);
      this.joined = 1;
    }
    if (event.name !== "VFIO_SET_IOMMU" && !this.backed) this.steps.implied("VFIO_SET_IOMMU", { arg: TYPE1V2 }, BEGINS_LATER);
    this.backed = true;
  }

  private container(event: IoctlEvent): void {
    this.openContainer();
    this.begunBefore(event);
    const direct = event.ret >= 0 ? { ret: event.ret } : undefined;
    switch (event.name) {
      case "VFIO_GET_API_VERSION":
        return this.add(event, event.name, { arg: 0 }, direct);
      case "VFIO_CHECK_EXTENSION":
        return this.add(event, event.name, { arg: numberOf(event, "ext") }, direct);
      case "VFIO_SET_IOMMU":
        return this.add(event, event.name, { arg: numberOf(event, "type") }, direct);
      case "VFIO_IOMMU_GET_INFO":
        return this.info(event);
      case "VFIO_IOMMU_MAP_DMA":
        return this.add(event, event.name, { argsz: 32, flags: numberOf(event, "flags"), vaddr: hexOf(event, "vaddr"), iova: hexOf(event, "iova"), size: hexOf(event, "size") });
      case "VFIO_IOMMU_UNMAP_DMA":
        return this.unmapDma(event);
      case "VFIO_IOMMU_DIRTY_PAGES":
        return this.add(event, event.name, { flags: numberOf(event, "flags") });
    }
  }

  /** The log shows the struct after the call: a smaller one than the kernel needs came back with the size it needs. */
  private info(event: IoctlEvent): void {
    if (!event.hasFields) return this.add(event, event.name, { argsz: INFO_SIZE });
    const needed = numberOf(event, "argsz");
    const whole = event.ranges.length > 0 || needed <= INFO_SIZE;
    const out: JsonObject = { argsz: needed, flags: numberOf(event, "flags"), iova_pgsizes: hexOf(event, "pgsizes") };
    const caps: JsonObject[] = [];
    if (event.fields.dma_avail !== undefined) caps.push({ id: 3, avail: numberOf(event, "dma_avail") });
    if (event.ranges.length > 0 && event.ranges.length < PRINTED_RANGES) {
      caps.push({ id: 1, nr_iovas: event.ranges.length, iova_ranges: event.ranges.map((range) => ({ start: hex(range.first), end: hex(range.last) })) });
    }
    if (caps.length > 0) out.caps = caps;
    this.add(event, event.name, { argsz: whole ? needed : INFO_SIZE }, out);
  }

  /** `size` is what was removed. Nothing removed: the size asked for is not in the log. */
  private unmapDma(event: IoctlEvent): void {
    const removed = hexOf(event, "size");
    // Our own script prints what was asked for too.
    const asked = event.fields.asked === undefined ? null : hexOf(event, "asked");
    const unknown = asked === null && removed === "0x0" && event.ret === 0;
    const all = (numberOf(event, "flags") & 2) !== 0;
    const fields = { argsz: 24, flags: numberOf(event, "flags"), iova: hexOf(event, "iova"), size: all ? "0x0" : unknown ? PAGE : (asked ?? removed) };
    this.add(event, event.name, fields, { size: removed }, unknown && !all ? "nothing was there; the log does not show the size asked for, one page is assumed" : undefined);
  }

  private device(event: IoctlEvent): void {
    const group = [...this.groups.keys()].length > 0 && !this.usedIommufd && event.name === "VFIO_DEVICE_GET_INFO";
    if (group) return;
    const dev = this.slotOf(event);
    const pasid: JsonObject = event.fields.pasid === undefined ? {} : { pasid: numberOf(event, "pasid") };
    const flags = numberOf(event, "flags");
    switch (event.name) {
      case "VFIO_DEVICE_BIND_IOMMUFD":
        this.usedIommufd = true;
        this.add(event, event.name, { dev, argsz: 16, flags }, event.hasFields ? { out_devid: numberOf(event, "out_devid") } : undefined);
        return;
      case "VFIO_DEVICE_ATTACH_IOMMUFD_PT":
        this.add(event, event.name, { dev, argsz: flags & 1 ? 16 : 12, flags, ...pasid, pt_id: event.hasFields ? numberOf(event, "pt_id") : this.lastId }, event.hasFields ? { pt_id: numberOf(event, "pt_id") } : undefined);
        return;
      case "VFIO_DEVICE_DETACH_IOMMUFD_PT":
        this.add(event, event.name, { dev, argsz: flags & 1 ? 12 : 8, flags, ...pasid });
        return;
      case "VFIO_DEVICE_GET_INFO":
        this.add(event, event.name, { dev });
        return;
    }
  }

  private slotOf(event: IoctlEvent): number {
    const before = this.slots.get(event.fd);
    if (before !== undefined) return before;
    const slot = this.slotCount++;
    this.slots.set(event.fd, slot);
    const device = this.roster.device(null, { vfio: slot });
    this.steps.implied("VFIO_CDEV_OPEN", { dev: slot, path: `/dev/vfio/devices/vfio${device.vfio ?? slot}` }, device.groupGuessed ? `${IMPLIED}; ${GROUP_GUESSED}` : IMPLIED);
    return slot;
  }

  /** The object that a log without fields goes on with: the newest page table, as every VMM does. */
  private lastId = 2;

  private iommufd(event: IoctlEvent): void {
    this.usedIommufd = true;
    const fields = event.hasFields ? fieldsOf(event) : this.fieldsByOrder(event);
    if (fields === null) return;
    this.add(event, event.name, fields.in, fields.out, fields.note);
    const made = fields.out?.out_hwpt_id ?? fields.out?.out_ioas_id;
    if (typeof made === "number") this.lastId = made;
  }

  /** strace prints no fields: VMMs bind a device (1), allocate an IOAS (2), then a page table for it (3). */
  private fieldsByOrder(event: IoctlEvent): Fields | null {
    switch (event.name) {
      case "IOMMU_IOAS_ALLOC":
        return { in: { flags: 0 }, note: NO_FIELDS };
      case "IOMMU_GET_HW_INFO":
        return { in: { flags: 0, dev_id: 1, data_len: 0 }, note: NO_FIELDS };
      case "IOMMU_HWPT_ALLOC":
        this.lastId = 3;
        return { in: { flags: 0, dev_id: 1, pt_id: 2, data_type: 0, data_len: 0, fault_id: 0 }, note: NO_FIELDS };
      case "IOMMU_IOAS_IOVA_RANGES":
        return { in: { ioas_id: 2, num_iovas: errnoName(event.ret) === "EMSGSIZE" ? 0 : PRINTED_RANGES }, note: NO_FIELDS };
      default:
        return null;
    }
  }

  private add(event: IoctlEvent, call: string, fields: Record<string, Json>, out?: JsonObject, note?: string): void {
    const answered = event.ret >= 0 || errnoName(event.ret) === "EMSGSIZE";
    const recorded = event.ret >= 0 ? knownResult(event.ret, out) : { ...knownResult(event.ret), ...(answered && out !== undefined && { out }) };
    const more: Pick<ScenarioCall, "note" | "given"> = {};
    if (note !== undefined) more.note = note;
    else if (!event.hasFields) more.note = NO_FIELDS;
    const given = event.ret < 0 && /_MAP/.test(call) ? givenOf(errnoName(event.ret)) : undefined;
    if (given) more.given = given;
    this.steps.add(call, fields, { recorded: event.ret >= 0 && out === undefined ? known("OK") : recorded, ...more });
  }
}

interface Fields {
  in: JsonObject;
  out?: JsonObject;
  note?: string;
}

/** The fields of an iommufd ioctl, and its outputs, which the script prints with them. */
function fieldsOf(event: IoctlEvent): Fields | null {
  const n = (name: string) => numberOf(event, name);
  const h = (name: string) => hexOf(event, name);
  switch (event.name) {
    case "IOMMU_DESTROY":
      return { in: { id: n("id") } };
    case "IOMMU_IOAS_ALLOC":
      return { in: { flags: n("flags") }, out: { out_ioas_id: n("out_ioas_id") } };
    case "IOMMU_IOAS_ALLOW_IOVAS": {
      const cut = n("num_iovas") > event.ranges.length;
      return {
        in: { ioas_id: n("ioas_id"), num_iovas: event.ranges.length, allowed_iovas: event.ranges.map((range) => ({ start: hex(range.first), last: hex(range.last) })) },
        ...(cut && { note: `the log shows ${event.ranges.length} of ${n("num_iovas")} ranges` }),
      };
    }
    case "IOMMU_IOAS_COPY": {
      const fixed = (n("flags") & FIXED) !== 0;
      return {
        in: { flags: n("flags"), dst_ioas_id: n("dst_ioas_id"), src_ioas_id: n("src_ioas_id"), length: h("length"), dst_iova: fixed ? h("dst_iova") : "0x0", src_iova: h("src_iova") },
        out: { dst_iova: h("dst_iova") },
      };
    }
    case "IOMMU_IOAS_IOVA_RANGES": {
      const count = n("num_iovas");
      const whole = event.ret >= 0 && count === event.ranges.length;
      const ranges = event.ranges.map((range) => ({ start: hex(range.first), last: hex(range.last) }));
      // A VMM asks with room for none first; the kernel then says how many there are.
      return { in: { ioas_id: n("ioas_id"), num_iovas: event.ret >= 0 ? count : 0 }, out: { num_iovas: count, ...(whole && { allowed_iovas: ranges }), out_iova_alignment: h("align") } };
    }
    case "IOMMU_IOAS_MAP":
      return {
        in: { flags: n("flags"), ioas_id: n("ioas_id"), user_va: h("user_va"), length: h("length"), iova: n("flags") & FIXED || event.ret < 0 ? h("iova") : "0x0" },
        out: { iova: h("iova") },
      };
    case "IOMMU_IOAS_MAP_FILE":
      return { in: { flags: n("flags"), ioas_id: n("ioas_id"), fd: n("file_fd"), start: h("start"), length: h("length"), iova: h("iova") }, out: { iova: h("iova") } };
    case "IOMMU_IOAS_UNMAP": {
      // The kernel writes how much went. "Everything" is asked for as (0, 2^64 − 1) and may have been nothing.
      const nothing = event.ret >= 0 && h("length") === "0x0";
      return { in: { ioas_id: n("ioas_id"), iova: h("iova"), length: nothing ? U64_ALL : h("length") }, out: { length: h("length") } };
    }
    case "IOMMU_OPTION":
      return { in: { option_id: n("option"), op: n("op"), object_id: n("object"), val64: n("op") === 0 ? h("val") : "0x0" }, out: { val64: h("val") } };
    case "IOMMU_VFIO_IOAS":
      return { in: { ioas_id: n("op") === 0 ? 0 : n("ioas_id"), op: n("op") }, ...(n("op") === 0 && { out: { ioas_id: n("ioas_id") } }) };
    case "IOMMU_HWPT_ALLOC":
      return {
        in: { flags: n("flags"), dev_id: n("dev_id"), pt_id: n("pt_id"), data_type: n("data_type"), data_len: n("data_len"), fault_id: 0 },
        out: { out_hwpt_id: n("out_hwpt_id") },
      };
    case "IOMMU_GET_HW_INFO":
      return { in: { flags: 0, dev_id: n("dev_id"), data_len: 0 }, out: { out_data_type: n("type"), out_capabilities: h("caps") } };
    case "IOMMU_HWPT_SET_DIRTY_TRACKING":
      return { in: { flags: n("flags"), hwpt_id: n("hwpt_id") } };
    case "IOMMU_HWPT_GET_DIRTY_BITMAP":
      return { in: { hwpt_id: n("hwpt_id"), flags: 0, iova: h("iova"), length: h("length"), page_size: h("page_size") } };
    case "IOMMU_FAULT_QUEUE_ALLOC":
      return { in: { flags: 0 }, out: { out_fault_id: n("out_fault_id") } };
    default:
      return null;
  }
}

/** A field that the log may lack (older script): 0 then, and the recorded answer tells. */
function numberOf(event: IoctlEvent, name: string): number {
  const value = Number(event.fields[name] ?? "0");
  return Number.isSafeInteger(value) ? value : 0;
}

function hexOf(event: IoctlEvent, name: string): string {
  return hex(ensure(parseU64(event.fields[name] ?? "0x0") ?? 0, name));
}
