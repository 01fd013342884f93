/** Frames for tests and for looking at the diagrams without an engine: the scene of the design, and crowded ones. */
import { add, lastOf, parseU64, sub, type U64 } from "../../base/u64.ts";
import { humanSize } from "../../base/format.ts";
import { ensure } from "../../base/assert.ts";
import type { Frame, IovaView, Lane, Span, SpanKind } from "../../engine/views.ts";
import type { ObjectGraph, ObjectNode, PasidEntry, PasidSpace } from "../../kernel/inspect.ts";

const GIB = 2 ** 30;

function u64(text: string): U64 {
  return ensure(parseU64(text), text);
}

export function span(kind: SpanKind, first: string, last: string, label = "", detail = "", objects: string[] = [], count = 1): Span {
  const range = { first: u64(first), last: u64(last) };
  return { key: `${kind}:${first}-${last}:${objects[0] ?? ""}`, kind, ...range, label, detail, objects, count };
}

function lane(kind: Lane["kind"], key: string, title: string, detail: string, spans: Span[]): Lane {
  return { key, kind, title, detail, spans, total: spans.reduce((sum, each) => sum + each.count, 0) };
}

const DEVICE = "device:3/1";

function contributor(key: string, title: string, detail: string): Lane {
  return lane("contributor", `by:${key}`, title, detail, [
    span("aperture-field", "0x0", "0xffffffffffff", "aperture", "256 TiB", [key]),
    span("msi", "0xfee00000", "0xfeefffff", "MSI", "1 MiB", [key]),
    span("reserved", "0xfd00000000", "0xffffffffff", "HyperTransport", "12 GiB", [key]),
  ]);
}

const HOLES = lane("holes", "holes", "holes", "carved by devices", [
  span("msi", "0xfee00000", "0xfeefffff", "MSI", "1 MiB", [DEVICE]),
  span("reserved", "0xfd00000000", "0xffffffffff", "HyperTransport", "12 GiB", [DEVICE]),
  span("aperture", "0x1000000000000", "0xffffffffffffffff", "outside", "", [DEVICE]),
]);

const VALID = lane("valid", "valid", "valid", "what a user may map", [
  span("valid", "0x0", "0xfedfffff"),
  span("valid", "0xfef00000", "0xfcffffffff"),
  span("valid", "0x10000000000", "0xffffffffffff"),
]);

const MAPPED = lane("mapped", "mapped", "mapped", "IOAS areas", [
  span("mapping", "0x0", "0x7fffffff", "pc.ram below 4G", "2 GiB · rw · hwpt 3", ["hwpt:3/3", "ioas:3/2"]),
]);

const ASKED = { first: u64("0x100000000"), last: lastOf(u64("0x100000000"), 1022 * GIB) };

const CALL = lane("call", "call", "this call", "IOMMU_IOAS_MAP", [
  span("call", "0x100000000", "0x1007fffffff", "pc.ram above 4G", "0x1_0000_0000 + 1022 GiB", ["ioas:3/2"]),
  span("call-hit", "0xfd00000000", "0xffffffffff", "HyperTransport", "12 GiB", [DEVICE]),
]);

export const lookIova: IovaView = {
  space: "ioas:3/2",
  label: "IOAS 2",
  alignment: 4096,
  lanes: [contributor(DEVICE, "dev 1", "nvme 0000:41:00.0"), HOLES, VALID, MAPPED, CALL],
  asked: { range: ASKED, errno: "EINVAL", decidedBy: { first: u64("0xfd00000000"), last: u64("0xffffffffff") } },
};

function node(key: string, kind: ObjectNode["kind"], title: string, type: string, lines: string[], users: number | null, holders: string[]): ObjectNode {
  return { key, label: title, kind, title, type, lines, users, holders };
}

export const lookGraph: ObjectGraph = {
  nodes: [
    node(DEVICE, "device", "dev 1", "DEVICE", ["nvme · group 27", "0000:41:00.0", "AMD-Vi"], 3, ["the VFIO driver has bound it", "it is attached to a page table"]),
    node("ioas:3/2", "ioas", "ioas 2", "IOAS", ["1 mapping", "alignment 0x1000"], 2, ["HWPT 3 is filled from it"]),
    node("hwpt:3/3", "hwpt-paging", "hwpt 3", "HWPT_PAGING", ["NEST_PARENT"], 3, ["dev 1 is attached", "HWPT 4 nests on it"]),
    node("hwpt:3/4", "hwpt-nested", "hwpt 4", "HWPT_NESTED", ["guest's table, data type 1"], 1, []),
    node("igroup:3/27", "group", "group 27", "iommu group", ["on hwpt 3"], null, []),
  ],
  edges: [
    { from: DEVICE, to: "hwpt:3/3", label: "attached", counts: true },
    { from: "hwpt:3/4", to: "hwpt:3/3", label: "parent", counts: true },
    { from: "hwpt:3/3", to: "ioas:3/2", label: "mappings", counts: true },
    { from: "ioas:3/2", to: "hwpt:3/3", label: "fills", counts: false },
    { from: DEVICE, to: "igroup:3/27", label: "member", counts: false },
    { from: "igroup:3/27", to: "hwpt:3/3", label: "translated by", counts: false },
  ],
};

function entry(id: number, state: PasidEntry["state"], set: string | null, refs: number | null, lines: string[]): PasidEntry {
  return { id, key: `ioasid:${id}`, state, set, refs, lines, allocator: "allocator:A1", holders: refs ? [`${set ?? "a process"} holds ${refs}`] : [] };
}

export const lookPasids: PasidSpace = {
  bits: 20,
  variant: "series-2020-v2",
  allocators: [
    { key: "allocator:A1", label: "A1", active: true, members: ["vIOMMU1"], ids: 7, note: "" },
    { key: "allocator:A2", label: "A2", active: false, members: ["vIOMMU2"], ids: 0, note: "takes over when A1 goes" },
  ],
  sets: [
    { key: "set:qemu", label: "qemu", quota: 8, used: 2, lines: [] },
    { key: "set:dpdk", label: "dpdk", quota: 4, used: 2, lines: [] },
    { key: "set:spdk", label: "spdk", quota: 4, used: 1, lines: [] },
  ],
  ids: [
    entry(0, "reserved", null, null, ["RID"]),
    entry(1, "active", "set:qemu", 3, []),
    entry(2, "active", "set:dpdk", 1, []),
    entry(3, "pending", "set:dpdk", 1, []),
    entry(4, "active", "set:spdk", 1, []),
    entry(6, "active", "set:qemu", 1, []),
    entry(7, "orphaned", "set:spdk", 1, []),
    entry(0xfff0, "idle", "set:spdk", 1, []),
  ],
};

const DETAIL: Frame["detail"] = {
  step: 8,
  call: "IOMMU_IOAS_MAP",
  summary: "Map memory at an address",
  fields: [],
  errno: "EINVAL",
  out: [],
  rule: null,
  checks: [],
  effects: [],
  advice: null,
  recorded: null,
  note: "",
  given: null,
  spoken: "IOMMU_IOAS_MAP refused with EINVAL: the range crosses a reserved region.",
};

/** The scene of design/look.png. */
export const lookFrame: Frame = {
  step: 8,
  detail: DETAIL,
  graph: lookGraph,
  pasids: lookPasids,
  spaces: [{ key: "ioas:3/2", label: "IOAS 2", mappings: 1 }],
  iova: lookIova,
};

/** Nothing has happened yet. */
export const emptyFrame: Frame = { step: 0, detail: null, graph: { nodes: [], edges: [] }, pasids: null, spaces: [], iova: null };

/** The same scene one call earlier, for watching what moves. */
export const beforeFrame: Frame = {
  ...lookFrame,
  step: 7,
  detail: { ...DETAIL, step: 7, errno: "OK", spoken: "hwpt 4 was made." },
  iova: { ...lookIova, lanes: lookIova.lanes.slice(0, 4), asked: null },
};

function manyMappings(count: number): Lane {
  const spans: Span[] = [];
  let at: U64 = 0x10000;
  for (let index = 0; index < count; index++) {
    const length = 4096 * (1 + ((index * 7919) % 37));
    spans.push({ key: `m${index}`, kind: "mapping", first: at, last: lastOf(at, length), label: `buffer ${index}`, detail: `${humanSize(length)} · rw`, count: 1 + (index % 11 === 0 ? 4212 : 0), objects: ["ioas:3/2"] });
    at = add(at, length + 4096 * ((index * 104729) % 91) + (index % 100 === 99 ? 2 ** 28 : 0));
  }
  return { key: "mapped", kind: "mapped", title: "mapped", detail: "IOAS areas", spans, total: spans.reduce((sum, each) => sum + each.count, 0) };
}

/** Many devices, holes of every kind, hundreds of mappings, two spaces, hundreds of objects, thousands of ids. */
export function crowdedFrame(mappings = 700, devices = 40, ids = 3000): Frame {
  const names = Array.from({ length: devices }, (_, index) => ({ key: `device:3/${index + 10}`, title: `dev ${index + 10}`, detail: `0000:${(index + 3).toString(16).padStart(2, "0")}:00.0` }));
  const objects = names.map((name) => name.key);
  const holes = [
    span("sw-msi", "0x8000000", "0x80fffff", "SW MSI", "", objects),
    span("direct", "0x7a000000", "0x7a7fffff", "RMRR (BIOS)", "", [objects[0]!]),
    span("direct-relaxable", "0x7b000000", "0x7b0fffff", "RMRR (graphics)", "", [objects[1]!]),
    span("msi", "0xfee00000", "0xfeefffff", "MSI", "", objects),
    span("test", "0x180000000", "0x1800fffff", "selftest", "", [objects[2]!]),
    span("reserved", "0xfd00000000", "0xffffffffff", "HyperTransport", "", objects),
    span("aperture", "0x1000000000000", "0xffffffffffffffff", "outside", "", objects),
  ];
  const lanes = names.map((name, index) => ({ ...contributor(name.key, name.title, name.detail), spans: [...contributor(name.key, name.title, name.detail).spans, ...(index < 2 ? holes.slice(index + 1, index + 2) : [])] }));
  const valid = lane("valid", "valid", "valid", "what a user may map", [
    span("allowed", "0x0", "0x3fffffffff"),
    span("valid", "0x0", "0x7ffffff"), span("valid", "0x8100000", "0x79ffffff"), span("valid", "0x7a800000", "0xfedfffff"),
    span("valid", "0xfef00000", "0x17fffffff"), span("valid", "0x180100000", "0xfcffffffff"), span("valid", "0x10000000000", "0xffffffffffff"),
  ]);
  const nodes: ObjectNode[] = [
    ...lookGraph.nodes.filter((each) => each.key !== DEVICE && each.kind !== "group"),
    ...names.map((name, index) => node(name.key, "device", name.title, "DEVICE", [`nic · group ${Math.floor(index / 3) + 20}`, name.detail], 2, ["the VFIO driver has bound it"])),
    ...names.filter((_, index) => index % 3 === 0).map((_, index) => node(`igroup:3/${index + 20}`, "group", `group ${index + 20}`, "iommu group", ["on hwpt 3"], null, [])),
    node("access:3/90", "access", "access 90", "ACCESS", ["pins pages"], 2, ["the driver's file of the access is open"]),
    node("fault:3/91", "fault", "fault 91", "FAULT", ["2 waiting"], 3, ["its file is open", "HWPT 4 reports faults to it"]),
  ];
  const sets = ["qemu", "dpdk", "spdk", "vm2"].map((label, index) => ({ key: `set:${label}`, label, quota: 4000, used: Math.floor(ids / 4) + index, lines: [] }));
  return {
    ...lookFrame,
    graph: {
      nodes,
      edges: [
        ...lookGraph.edges.filter((edge) => edge.from !== DEVICE && !edge.from.startsWith("igroup:")),
        ...names.map((name, index) => ({ from: name.key, to: `igroup:3/${Math.floor(index / 3) + 20}`, label: "member", counts: false })),
        ...names.map((name) => ({ from: name.key, to: "hwpt:3/3", label: "attached", counts: true })),
        { from: "access:3/90", to: "ioas:3/2", label: "reads", counts: true },
        { from: "hwpt:3/4", to: "fault:3/91", label: "reports to", counts: true },
      ],
    },
    pasids: { ...lookPasids, sets, ids: Array.from({ length: ids }, (_, index) => entry((index * 37 + (index % 5) * 8111) % 0x100000, index % 17 === 0 ? "pending" : "active", sets[Math.floor(index / 97) % 4]!.key, 1 + (index % 3), [])).toSorted((left, right) => left.id - right.id) },
    spaces: [{ key: "ioas:3/2", label: "IOAS 2", mappings }, { key: "ioas:3/7", label: "IOAS 7", mappings: 0 }, { key: "container:1", label: "container 1", mappings: 12 }],
    iova: { ...lookIova, lanes: [...lanes, lane("holes", "holes", "holes", "carved by devices", holes), valid, manyMappings(mappings), CALL] },
  };
}

/** A hole of 1 MiB high up in the space, where floats lose bytes. */
export const highHole = { first: u64("0xfee0000000000000"), last: sub(u64("0xfee0000000100000"), 1) };

/** A VFIO container with two groups: devices → groups → domain → container. */
export const vfioGraph: ObjectGraph = {
  nodes: [
    node("container:1", "container", "container 1", "vfio_iommu", ["type1 v2"], null, ["group 7 is in it", "group 8 is in it"]),
    node("domain:1/0", "domain", "domain 0", "vfio_domain", ["Intel VT-d"], 2, ["group 7 is attached", "group 8 is attached"]),
    node("group:7", "group", "group 7", "iommu_group", ["vfio-pci", "1 region"], 1, []),
    node("group:8", "group", "group 8", "iommu_group", ["vfio-pci", "1 region"], 1, []),
    node("device:0000:05:00.0", "device", "0000:05:00.0", "vfio_device", ["nic", "open"], 1, []),
    node("device:0000:06:00.0", "device", "0000:06:00.0", "vfio_device", ["gpu", "closed"], 0, []),
  ],
  edges: [
    { from: "device:0000:05:00.0", to: "group:7", label: "in", counts: true },
    { from: "device:0000:06:00.0", to: "group:8", label: "in", counts: true },
    { from: "group:7", to: "domain:1/0", label: "attached", counts: true },
    { from: "group:8", to: "domain:1/0", label: "attached", counts: true },
    { from: "domain:1/0", to: "container:1", label: "maps", counts: true },
  ],
};
