/** A QEMU trace as calls. What the trace implies but does not print (opening files, joining a container) is added and noted. */
import { add, hex, sub, type U64 } from "../../base/u64.ts";
import type { JsonObject } from "../../base/json.ts";
import type { PackedList } from "../packed/packed-list.ts";
import type { Facts } from "../readers/facts.ts";
import type { TraceEvent } from "../readers/trace-events.ts";
import type { RecordedAnswer, ScenarioCall } from "../scenario.ts";
import { SLICE, type Slices } from "../slices.ts";
import { Bars } from "./bars.ts";
import { driverSaid, LegacyContainer, TYPE1_MAP, TYPE1_UNMAP } from "./legacy.ts";
import type { Roster } from "./roster.ts";
import { DIRECT_HINT, FAILED, GROUP_GUESSED, IMPLIED, known, pieces, Steps, type Bulk } from "./steps.ts";

type EventOf<Name extends TraceEvent["event"]> = Extract<TraceEvent, { event: Name }>;

const IOMMUFD_EVENTS: ReadonlySet<TraceEvent["event"]> = new Set(["open-device", "bind", "alloc-ioas", "alloc-hwpt", "attach", "map", "map-file", "unmap"]);
/** FIXED_IOVA, WRITEABLE, READABLE. */
const FIXED = 1;
const WRITE = 2;
const READ = 4;

const MAP_FIELDS = { flags: false, ioas_id: false, user_va: true, length: true, iova: true };
const UNMAP_FIELDS = { ioas_id: false, iova: true, length: true };
/** What the backend says that worked, and what the listener asked for. */
const MAPPED: Bulk = { call: "IOMMU_IOAS_MAP", fields: MAP_FIELDS, recorded: known("OK"), maps: { first: 4, size: 3 } };
const MAP: Bulk = { call: "IOMMU_IOAS_MAP", fields: MAP_FIELDS, maps: { first: 4, size: 3 } };
const UNMAPPED: Bulk = { call: "IOMMU_IOAS_UNMAP", fields: UNMAP_FIELDS, recorded: known("OK") };
const UNMAP: Bulk = { call: "IOMMU_IOAS_UNMAP", fields: UNMAP_FIELDS };

/** Does the trace speak of iommufd, or of a legacy container? */
export function isIommufdTrace(events: PackedList<TraceEvent>): boolean {
  return [...events.kinds("event")].some((kind) => IOMMUFD_EVENTS.has(kind as TraceEvent["event"]));
}

/** The calls of a trace. Those of a long one are packed while they are made, unless messages may yet change them. */
export async function traceCalls(events: PackedList<TraceEvent>, facts: Facts, roster: Roster, input: string, slices: Slices): Promise<Steps> {
  const settles = !facts.keepsOrigins && !facts.failures.some((failure) => failure.kind === "map");
  let count = 0;
  const assembler = isIommufdTrace(events) ? new IommufdTrace(events, facts, roster) : new LegacyTrace(facts, roster);
  for (const event of events.only("event", assembler.wanted)) {
    assembler.steps.from(input, event.line);
    assembler.take(event);
    if (++count % SLICE !== 0) continue;
    if (settles) assembler.steps.settle(assembler.unsettled);
    await slices.between(events.visited / events.length);
  }
  assembler.steps.from(input, null);
  assembler.end();
  return assembler.steps;
}

/** The cdev number in "/dev/vfio/devices/vfio3". */
function cdevNumber(path: string): number | undefined {
  const number = /vfio(\d+)$/.exec(path)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** What each kind of event does; kinds that are not here do nothing. */
type Handlers = { [Name in TraceEvent["event"]]?: (event: EventOf<Name>) => void };

function handle(handlers: Handlers, event: TraceEvent): void {
  const handler = handlers[event.event] as ((event: TraceEvent) => void) | undefined;
  handler?.(event);
}

/** The trace prints 0 or −1. */
function resultOf(event: { ret: number }): RecordedAnswer {
  return event.ret === 0 ? known("OK") : FAILED;
}

class LegacyTrace {
  readonly steps: Steps;
  private readonly container: LegacyContainer;
  private readonly roster: Roster;
  private readonly bars = new Bars();

  constructor(facts: Facts, roster: Roster) {
    this.steps = new Steps(facts.keepsOrigins);
    this.roster = roster;
    this.container = new LegacyContainer(this.steps, roster, facts);
  }

  private readonly handlers: Handlers = {
    "legacy-attach": (event) => void this.container.attach(event.group, event.device),
    "close-container": () => this.container.close(),
    "close-group": () => this.container.closeGroup(),
    "region-add": (event) => this.map(event.first, event.last, event.va, this.bars.nameOf(event.first, event.last) ?? undefined),
    "region-del": (event) => this.unmap(event.first, event.last),
    viommu: (event) => {
      if (event.map) this.map(event.first, event.last, event.first, "asked for through the guest's IOMMU; the log does not show the user address");
      else this.unmap(event.first, event.last);
    },
    "bar-size": (event) => this.bars.take(event),
    "config-write": (event) => this.bars.take(event),
  };

  take(event: TraceEvent): void {
    handle(this.handlers, event);
  }

  /** Kinds of events of which something comes. */
  get wanted(): ReadonlySet<string> {
    return new Set(Object.keys(this.handlers));
  }

  /** The first call that may yet change. */
  get unsettled(): ScenarioCall | undefined {
    return undefined;
  }

  end(): void {
    // A legacy trace ends where the log ends.
  }

  private map(first: U64, last: U64, vaddr: U64, note: string | undefined): void {
    this.ready();
    for (const { start, size } of pieces(first, last)) {
      if (note === undefined) this.steps.addBulk(TYPE1_MAP, [32, 3, vaddr, start, size], this.unsettled);
      else this.steps.add("VFIO_IOMMU_MAP_DMA", { argsz: 32, flags: 3, vaddr: hex(vaddr), iova: hex(start), size: hex(size) }, { note });
    }
  }

  private unmap(first: U64, last: U64): void {
    this.ready();
    for (const { start, size } of pieces(first, last)) this.steps.addBulk(TYPE1_UNMAP, [24, 0, start, size], this.unsettled);
  }

  /** A piece of a trace may begin after the device was attached. */
  private ready(): void {
    if (this.container.open || this.container.groups.length > 0) return;
    const device = this.roster.device(null);
    this.container.attach(device.group, device.name);
  }
}

class IommufdTrace {
  readonly steps: Steps;
  private readonly facts: Facts;
  private readonly roster: Roster;
  private readonly bars = new Bars();
  /** Maps are told by the backend too; then the listener's lines are the same calls again. */
  private readonly backendTells: boolean;
  /** Slot of each open device, by name or path. */
  private readonly slots = new Map<string, number>();
  private openPath: string | null = null;
  private slotCount = 0;
  private ioas: number | null = null;
  private closed = false;
  /** Places of maps of which messages say why they failed, once somebody asks. */
  private told: Set<string> | null = null;
  /** Maps that failed without an errno, and whether they hit a BAR. */
  private readonly unexplained: { step: ScenarioCall; bar: string | null }[] = [];

  constructor(events: PackedList<TraceEvent>, facts: Facts, roster: Roster) {
    this.steps = new Steps(facts.keepsOrigins);
    this.facts = facts;
    this.roster = roster;
    const kinds = events.kinds("event");
    this.backendTells = kinds.has("map") || kinds.has("unmap") || kinds.has("map-file");
  }

  private readonly handlers: Handlers = {
    "open-device": (event) => this.openDevice(event),
    connect: () => this.connect(),
    disconnect: (event) => {
      if (event.users === 0) this.disconnect();
    },
    bind: (event) => this.bind(event),
    "alloc-ioas": (event) => {
      this.ioas = event.ioas;
      this.steps.add("IOMMU_IOAS_ALLOC", { flags: 0 }, { recorded: known("OK", { out_ioas_id: event.ioas }) });
    },
    "alloc-hwpt": (event) => {
      const fields = { flags: event.flags, dev_id: event.devId, pt_id: event.ptId, data_type: event.dataType, data_len: event.dataLen, fault_id: 0 };
      this.steps.add("IOMMU_HWPT_ALLOC", fields, { recorded: event.ret === 0 ? known("OK", { out_hwpt_id: event.hwpt }) : FAILED });
    },
    attach: (event) => {
      this.steps.add("VFIO_DEVICE_ATTACH_IOMMUFD_PT", { dev: this.slotOf(event.device), ...pasidFields(12, event.pasid), pt_id: event.ptId }, { recorded: known("OK") });
    },
    detach: (event) => {
      this.steps.add("VFIO_DEVICE_DETACH_IOMMUFD_PT", { dev: this.slotOf(event.device), ...pasidFields(8, event.pasid) }, { recorded: known("OK") });
    },
    map: (event) => this.map(event),
    "map-file": (event) => {
      this.ready(event.ioas);
      const fields = { flags: mapFlags(event.readonly), ioas_id: event.ioas, fd: event.fd, start: hex(event.start), length: hex(event.size), iova: hex(event.iova) };
      this.failing(event, this.steps.add("IOMMU_IOAS_MAP_FILE", fields, { recorded: resultOf(event) }));
    },
    unmap: (event) => {
      this.ready(event.ioas);
      if (event.ret === 0 && event.ioas > 0) {
        this.steps.addBulk(UNMAPPED, [event.ioas, event.iova, event.size], this.unsettled);
        return;
      }
      const recorded = event.nonexistent ? known("ENOENT") : resultOf(event);
      this.steps.add("IOMMU_IOAS_UNMAP", { ioas_id: event.ioas, iova: hex(event.iova), length: hex(event.size) }, { recorded });
    },
    free: (event) => void this.steps.add("IOMMU_DESTROY", { id: event.id }, { recorded: resultOf(event) }),
    "set-dirty": (event) => void this.steps.add("IOMMU_HWPT_SET_DIRTY_TRACKING", { flags: event.enable ? 1 : 0, hwpt_id: event.hwpt }, { recorded: resultOf(event) }),
    "get-dirty": (event) => {
      const fields = { hwpt_id: event.hwpt, flags: Number(event.flags), iova: hex(event.iova), length: hex(event.size), page_size: hex(event.pageSize) };
      this.steps.add("IOMMU_HWPT_GET_DIRTY_BITMAP", fields, { recorded: resultOf(event) });
    },
    "region-add": (event) => {
      for (const { start, size } of pieces(event.first, event.last)) this.map({ event: "map", ioas: this.ioas ?? 2, iova: start, size, va: event.va, readonly: false, ret: 0 }, false);
    },
    "region-del": (event) => {
      const ioas = this.ioas ?? 2;
      this.ready(ioas);
      for (const { start, size } of pieces(event.first, event.last)) {
        if (ioas > 0) this.steps.addBulk(UNMAP, [ioas, start, size], this.unsettled);
        else this.steps.add("IOMMU_IOAS_UNMAP", { ioas_id: ioas, iova: hex(start), length: hex(size) });
      }
    },
    "bar-size": (event) => this.bars.take(event),
    "config-write": (event) => this.bars.take(event),
  };

  take(event: TraceEvent): void {
    handle(this.handlers, event);
  }

  /** Kinds of events of which something comes. */
  get wanted(): ReadonlySet<string> {
    const wanted = new Set(Object.keys(this.handlers));
    if (this.backendTells) for (const kind of ["region-add", "region-del"]) wanted.delete(kind);
    return wanted;
  }

  /** The first call that may yet change. */
  get unsettled(): ScenarioCall | undefined {
    return this.unexplained[0]?.step;
  }

  /** The trace prints that a map failed, never why: BARs can't be pinned by this kernel, which is why a BAR's does. */
  end(): void {
    this.explainBind();
    const warned = this.facts.failures.filter((failure) => failure.kind === "bar-efault").length;
    const silent = this.unexplained.filter(({ step }) => !this.isTold(step));
    for (const { step, bar } of silent) {
      if (warned > 0 && silent.length <= warned) {
        step.recorded = known("EFAULT");
        step.given = { pin: "EFAULT", source: "from the log" };
      } else if (bar !== null) step.given = { pin: "EFAULT", source: `a guess: ${bar} is device memory, which can't be pinned; the log shows only that the call failed` };
    }
  }

  /** Will a message on stderr say why this very map failed? */
  private isTold(step: ScenarioCall): boolean {
    this.told ??= new Set(this.facts.failures.flatMap((failure) => (failure.kind === "map" && failure.errno !== "EFAULT" ? [`${hex(failure.iova)} ${hex(failure.size)}`] : [])));
    return this.told.has(`${step.in.iova as string} ${step.in.length as string}`);
  }

  private openDevice(event: EventOf<"open-device">): void {
    const before = this.slots.get(event.path);
    if (before !== undefined) this.steps.implied("VFIO_CDEV_CLOSE", { dev: before });
    const slot = before ?? this.slotCount++;
    this.slots.set(event.path, slot);
    this.openPath = event.path;
    this.steps.add("VFIO_CDEV_OPEN", { dev: slot, path: event.path }, { recorded: known("OK") });
  }

  private bind(event: EventOf<"bind">): void {
    const vfio = this.openPath === null ? undefined : cdevNumber(this.openPath);
    const device = this.roster.device(event.device, { ...(vfio !== undefined && { vfio }) });
    const opened = this.steps.calls.at(-1);
    if (device.groupGuessed && opened?.call === "VFIO_CDEV_OPEN") opened.note = GROUP_GUESSED;
    if (this.openPath === null) this.openImplied(event.device);
    this.slots.set(event.device, this.slots.get(this.openPath ?? event.device) ?? 0);
    this.openPath = null;
    this.steps.add("VFIO_DEVICE_BIND_IOMMUFD", { dev: this.slotOf(event.device), argsz: 16, flags: 0 }, { recorded: known("OK", { out_devid: event.devId }) });
  }

  private openImplied(device: string): void {
    const slot = this.slotCount++;
    const { vfio } = this.roster.device(device, { vfio: slot });
    this.slots.set(device, slot);
    this.steps.implied("VFIO_CDEV_OPEN", { dev: slot, path: `/dev/vfio/devices/vfio${vfio ?? slot}` });
  }

  private slotOf(device: string): number {
    if (!this.slots.has(device)) this.openImplied(device);
    return this.slots.get(device) ?? 0;
  }

  /** A new /dev/iommu after the last one was closed: ids begin at 1 again. */
  private connect(): void {
    if (!this.closed) return;
    this.closed = false;
    for (const slot of new Set(this.slots.values())) this.steps.implied("VFIO_CDEV_CLOSE", { dev: slot });
    this.slots.clear();
    this.steps.implied("CLOSE_FD", { fd: 3 });
    this.steps.implied("IOMMUFD_OPEN", {});
  }

  private disconnect(): void {
    this.explainBind();
    this.closed = true;
  }

  /** A device was opened and never bound: a message may say why. */
  private explainBind(): void {
    if (this.openPath === null) return;
    const failure = this.facts.failures.find((candidate) => candidate.kind === "bind");
    const path = this.openPath;
    this.openPath = null;
    const vfio = cdevNumber(path);
    const name = failure?.kind === "bind" ? (failure.device ?? null) : null;
    const device = this.roster.device(name, { ...(vfio !== undefined && { vfio }), ...(failure?.kind === "bind" && failure.errno === "EINVAL" && { refused: true }) });
    if (!failure || failure.kind !== "bind") return;
    // EPERM is how iommufd says that another device of the group is in other hands.
    if (failure.errno === "EPERM") this.roster.hostMemberOf(device.group, device.name);
    this.steps.add("VFIO_DEVICE_BIND_IOMMUFD", { dev: this.slots.get(path) ?? 0, argsz: 16, flags: 0 }, {
      recorded: failure.errno ? known(failure.errno) : FAILED, ...(failure.errno === "EINVAL" && { note: DIRECT_HINT, ...driverSaid(this.facts, device, failure.errno) }),
    });
  }

  private map(event: Omit<EventOf<"map">, "line">, recorded = true): void {
    this.ready(event.ioas);
    const bar = this.bars.nameOf(event.iova, sub(add(event.iova, event.size), 1));
    if (bar === null && event.ret === 0 && event.ioas > 0) {
      this.steps.addBulk(recorded ? MAPPED : MAP, [mapFlags(event.readonly), event.ioas, event.va, event.size, event.iova], this.unsettled);
      return;
    }
    const fields: JsonObject = { flags: mapFlags(event.readonly), ioas_id: event.ioas, user_va: hex(event.va), length: hex(event.size), iova: hex(event.iova) };
    const step = this.steps.add("IOMMU_IOAS_MAP", fields, { note: bar ?? undefined, ...(recorded && { recorded: resultOf(event) }) });
    this.failing(event, step, bar);
  }

  private failing(event: { ret: number }, step: ScenarioCall, bar: string | null = null): void {
    if (event.ret !== 0) this.unexplained.push({ step, bar });
  }

  /** A piece of a trace may begin after everything was set up. */
  private ready(ioas: number): void {
    if (this.ioas !== null) return;
    this.ioas = ioas;
    if (this.slotCount === 0) {
      const device = this.roster.device(null, { vfio: 0 });
      this.openImplied(device.name);
      this.steps.implied("VFIO_DEVICE_BIND_IOMMUFD", { dev: 0, argsz: 16, flags: 0 });
    }
    this.steps.implied("IOMMU_IOAS_ALLOC", { flags: 0 });
    this.steps.implied("VFIO_DEVICE_ATTACH_IOMMUFD_PT", { dev: 0, argsz: 12, flags: 0, pt_id: ioas }, IMPLIED);
  }
}

function mapFlags(readonly: boolean): number {
  return FIXED | READ | (readonly ? 0 : WRITE);
}

/** An attach or detach without a PASID has the short struct. */
function pasidFields(argsz: number, pasid: number): JsonObject {
  return pasid === 0 ? { argsz, flags: 0 } : { argsz: argsz + 4, flags: 1, pasid };
}
