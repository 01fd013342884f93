/** What a field of a call that is not there yet may well hold, in the words of the text form. */
import { add, alignUp, hex, lengthOf, sub, type U64 } from "../../base/u64.ts";
import type { Range } from "../../kernel/answer.ts";
import type { CallDef } from "../../kernel/call.ts";
import type { NodeKind, ObjectNode } from "../../kernel/inspect.ts";
import type { IovaSpace } from "../../kernel/inspect.ts";
import type { Machine } from "../../kernel/machine.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import { namesOf } from "../../scenario/text/flag-names.ts";
import { idKindOf } from "../../scenario/text/ids.ts";
import type { GivenName } from "../../scenario/text/names.ts";
import { sizeText, writeValue } from "../../scenario/text/values.ts";
import { kindOf } from "../../scenario/text/vocabulary.ts";
import { allSpaces, mergedGraph } from "./merge.ts";

const USUAL_LENGTH = 0x20_0000;
/** Mappings looked at for a gap. */
const MOST_LOOKED_AT = 5000;
/** Values from earlier calls that are offered again. */
const MOST_USED = 12;

/** Which objects a kind of id may name. */
const OBJECTS: Readonly<Record<string, readonly NodeKind[]>> = {
  "id of an IOAS": ["ioas"], "id of a device": ["device"], "id of an IOAS or HWPT": ["ioas", "hwpt-paging", "hwpt-nested"], "id of a fault queue": ["fault"],
  "id of a nested HWPT": ["hwpt-nested"], "id of a paging HWPT": ["hwpt-paging"], "id of a selftest object": ["selftest"],
};

/** What a form starts with where the kind of field does not tell. */
const USUAL: Readonly<Record<string, string>> = {
  "IOMMU_IOAS_MAP.flags": "FIXED_IOVA|WRITEABLE|READABLE", "IOMMU_IOAS_COPY.flags": "FIXED_IOVA|WRITEABLE|READABLE", "VFIO_IOMMU_MAP_DMA.flags": "READ|WRITE",
  "VFIO_IOMMU_MAP_DMA.argsz": "32", "map_dma.flags": '["READ","WRITE"]', "unmap_dma.flags": "[]", "VFIO_SET_IOMMU.arg": "TYPE1v2", "VFIO_CHECK_EXTENSION.arg": "TYPE1v2",
  "IOMMU_VFIO_IOAS.op": "GET", "IOMMU_OPTION.option_id": "HUGE_PAGES", "IOMMU_OPTION.op": "GET", "IOMMU_HWPT_SET_DIRTY_TRACKING.flags": "ENABLE",
  "IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS.dev_flags": "NO_DIRTY", "ioasid_alloc.min": "1", "ioasid_alloc.max": "1000", "ioasid_set_alloc.quota": "100", "ioasid_set_alloc.type": "1",
  "iommu_alloc_global_pasid.max_pasids": "1024", "sva_alloc_pasid.min": "1", "sva_alloc_pasid.max": "1000", "ioasid_notify.cmd": "3", "ioasid_notify.flags": "1",
  "ioasid_install_capacity.total": "1000", "ioasid_reserve_capacity.nr": "10", "ioasid_cancel_capacity.nr": "10", "ioasid_adjust_set.quota": "200", "EDU_DMA.dir": "0",
  "PCI_COMMAND.value": "4", "SETRLIMIT_MEMLOCK.memlock": "0x10000", "IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT.limit": "0", "IOMMU_TEST_OP_RAW.op": "0", "lane_start.cpu": "0",
  "lane_step.cpu": "0", "lane_finish.cpu": "0", "RAW_IOCTL.cmd": "0x3b80", "RAW_IOCTL.size": "12", "IOMMU_TEST_OP_MD_CHECK_REFS.refs": "0",
};
/** First of its kind, where nothing was named yet. */
const FIRST_NAME: Readonly<Record<string, string>> = {
  set: "s1", ops: "A1", private: "p1", nb: "N1", token: "mm1", name: "P1", process: "P1", device: "accel", work: "W1", child: "P2", group: "A", quota: "100",
};

export interface Pick {
  text: string;
  label: string;
}

/** Looks at one machine for what may stand in fields. Reads only. */
export class Suggestions {
  readonly nodes: ObjectNode[];
  private readonly spaces: IovaSpace[];
  private readonly machine: Machine;
  private readonly names: readonly GivenName[];
  private readonly used = new Map<string, Set<string>>();

  constructor(machine: Machine, scenario: Scenario, step: number, names: readonly GivenName[]) {
    this.machine = machine;
    this.nodes = mergedGraph(machine).nodes;
    this.spaces = allSpaces(machine);
    this.names = names.filter((given) => given.step <= step);
    for (const call of scenario.calls.slice(Math.max(0, step - 500), step).toReversed()) {
      for (const [field, value] of Object.entries(call.in)) {
        const text = typeof value === "string" && !value.startsWith("0x") ? writeValue(value, { call: call.call, field, kind: null }) : null;
        if (text === null) continue;
        let texts = this.used.get(field);
        if (!texts) this.used.set(field, (texts = new Set()));
        if (texts.size < MOST_USED) texts.add(text);
      }
    }
  }

  /** Live objects, numbers of devices, names in use: what a person can pick. */
  picks(def: CallDef, field: string): Pick[] {
    const { name } = def;
    const ids = idKindOf(def, name, field);
    if (ids === "object") return this.objects(kindOf(def, field)?.name ?? "");
    if (ids !== null) return this.given(ids);
    const { devices } = this.machine.config.platform;
    if (field === "dev") return devices.flatMap((device) => (device.vfio === undefined ? [] : [{ text: String(device.vfio), label: `vfio${device.vfio} · ${device.name}` }]));
    if (name === "VFIO_CDEV_OPEN" && field === "path") return devices.flatMap((device) => (device.vfio === undefined ? [] : [{ text: `/dev/vfio/devices/vfio${device.vfio}`, label: device.name }]));
    const groups = [...new Set(devices.map((device) => device.group))];
    if (name === "VFIO_GROUP_OPEN" && field === "path") return groups.map((group) => ({ text: `/dev/vfio/${group}`, label: `group ${group}` }));
    if (field === "group" && def.subsystem === "vfio" && kindOf(def, field)?.name === "number") return groups.map((group) => ({ text: String(group), label: `group ${group}` }));
    if (/^VFIO_(GROUP_GET_DEVICE_FD|DEVICE_CLOSE)$/.test(name) && field === "name") return devices.map((device) => ({ text: device.name, label: device.model ?? `group ${device.group}` }));
    const named = namesOf(name, field);
    if (named) return named.values.map((one) => ({ text: one.name, label: "" }));
    const listed = field === "ops" ? this.machine.config.ioasid.ops : field === "nb" ? this.machine.config.ioasid.nbs : [];
    const configured = listed.flatMap((entry) => (typeof entry === "object" && entry !== null && !Array.isArray(entry) && typeof entry[field] === "string" ? [entry[field]] : []));
    return [...new Set([...configured, ...(this.used.get(field) ?? [])])].map((text) => ({ text, label: "" }));
  }

  private objects(kind: string): Pick[] {
    const kinds = OBJECTS[kind];
    const given = new Map(this.names.filter((name) => name.kind === "object").map((name) => [`${name.context}/${name.id}`, name.name]));
    return this.nodes.flatMap((node) => {
      const place = /^[a-z]+:(\d+\/(\d+))$/.exec(node.key);
      if (!place || (kinds && !kinds.includes(node.kind)) || node.kind === "group") return [];
      const name = given.get(place[1] as string);
      const about = node.lines[0] === undefined || node.kind === "ioas" ? node.type : `${node.type} · ${node.lines[0]}`;
      return [{ text: name ?? (place[2] as string), label: name === node.title.replace(" ", "") ? about : `${node.title} · ${about}` }];
    });
  }

  private given(kind: GivenName["kind"]): Pick[] {
    const latest = new Map(this.names.filter((name) => name.kind === kind).map((name) => [name.name, name]));
    return [...latest.values()].toReversed().map(({ name, id }) => ({ text: name, label: `${kind === "ioasid" ? "IOASID" : kind} ${id}` }));
  }

  /** What the form starts with; empty where nothing is likely. */
  value(def: CallDef, field: string): string {
    const usual = USUAL[`${def.name}.${field}`];
    if (usual !== undefined) return usual;
    const kind = kindOf(def, field);
    const picks = this.picks(def, field);
    const likely = field === "pt_id" ? (picks.find((pick) => !pick.label.startsWith("ioas")) ?? picks.at(-1)) : /^(src_ioas_id|dev|path|group|name)$/.test(field) ? picks[0] : picks.at(-1);
    if (likely && !namesOf(def.name, field)) return likely.text;
    if (/^(iova|dst_iova|start)$/.test(field)) return hex(this.place(def).first);
    if (field === "src_iova") return hex(this.mapped()?.first ?? 0);
    if (field === "length" || field === "size") return sizeText(this.place(def).length);
    if (field === "page_size" || field === "bitmap_pgsize") return "4K";
    if (kind?.name === "pointer" || field === "vaddr") return this.machine.config.buffers?.[0]?.name ?? "0x7f0000000000";
    if (kind?.name === "text" || (kind?.name.startsWith("name of") ?? false)) return FIRST_NAME[field] ?? "";
    if (kind?.name === "flags") return "0";
    if (kind?.name === "yes or no") return "false";
    if (kind?.name === "list of ranges") return "";
    return kind?.name === "number" || kind?.name === "IOASID" ? (field === "count" ? "8" : "0") : "";
  }

  /** A range that the call could ask for: what is mapped, for calls that take it apart; else a gap. */
  private place(def: CallDef): { first: U64; length: U64 } {
    const mapped = this.mapped();
    if (mapped && /UNMAP|unmap|DIRTY|EDU_DMA|ACCESS_|MD_CHECK|COPY|MUNMAP|BUFFER/.test(def.name)) {
      if (!def.name.includes("COPY")) return { first: mapped.first, length: lengthOf(mapped.first, mapped.last) };
      return { first: this.gap(lengthOf(mapped.first, mapped.last)) ?? mapped.first, length: lengthOf(mapped.first, mapped.last) };
    }
    return { first: this.gap(USUAL_LENGTH) ?? 0, length: USUAL_LENGTH };
  }

  private get space(): IovaSpace | undefined {
    return this.spaces.at(-1);
  }

  private mapped(): Range | null {
    let found: Range | null = null;
    this.space?.eachMapping(0, (1n << 64n) - 1n, (mapping) => {
      found = { first: mapping.first, last: mapping.last };
      return false;
    });
    return found;
  }

  /** The lowest place where so many bytes may be mapped, on a multiple of 2 MiB where there is one. */
  private gap(length: U64): U64 | null {
    const { space } = this;
    if (!space) return null;
    for (const range of space.valid()) {
      let first = alignUp(range.first, USUAL_LENGTH);
      let looked = 0;
      let fits = first <= range.last && sub(range.last, first) >= sub(length, 1);
      space.eachMapping(range.first, range.last, (mapping) => {
        if (fits && add(first, length) <= mapping.first) return false;
        first = alignUp(add(mapping.last, 1), USUAL_LENGTH);
        fits = first <= range.last && sub(range.last, first) >= sub(length, 1);
        return fits && ++looked < MOST_LOOKED_AT;
      });
      if (fits) return first;
    }
    return null;
  }
}
