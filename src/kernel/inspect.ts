/** What a subsystem shows of itself: to diagrams as typed questions, to programs as plain JSON. */
import type { Json } from "../base/json.ts";
import type { Iova, U64 } from "../base/u64.ts";
import type { ObjectRef, Range } from "./answer.ts";
import type { RegionType } from "./config.ts";

export type NodeKind =
  | "device" | "group" | "ioas" | "hwpt-paging" | "hwpt-nested" | "access" | "fault" | "selftest" | "container" | "domain" | "process" | "ioasid" | "mm" | "other";

export interface ObjectNode extends ObjectRef {
  kind: NodeKind;
  /** "hwpt 4", "dev 1". */
  title: string;
  /** The kernel's type name: "HWPT_PAGING". */
  type: string;
  /** Further lines: "nvme · group 27", "NEST_PARENT". */
  lines: string[];
  /** The kernel's reference count; null where the kernel has none. */
  users: number | null;
  /** What holds it, in words, one entry per reference: "dev 1 is attached". */
  holders: string[];
  /** Made by the kernel on attach. */
  auto?: boolean;
  /** On its way out (free pending). */
  pending?: boolean;
  /** It stands for several objects that are alike, see Crowd. */
  crowd?: Crowd;
}

/** Objects of one kind among very many, joined to the same ones. */
export interface Crowd {
  count: number;
  /** The first few of them. */
  sample: ObjectNode[];
}

export interface ObjectEdge {
  from: string;
  to: string;
  label: string;
  /** True when the edge adds to the target's `users` and so blocks its destruction. */
  counts: boolean;
}

export interface ObjectGraph {
  nodes: ObjectNode[];
  edges: ObjectEdge[];
}

/** A graph whose nodes are built when somebody asks for them. */
export interface ObjectSketch {
  nodes: SketchedNode[];
  edges: ObjectEdge[];
}

export interface SketchedNode {
  key: string;
  kind: NodeKind;
  build: () => ObjectNode;
}

export type HoleKind = RegionType | "aperture" | "test";

/** A range that somebody keeps out of the space, and who. */
export interface Hole extends Range {
  kind: HoleKind;
  owner: ObjectRef;
  label: string;
}

export interface Mapping extends Range {
  key: string;
  readable: boolean;
  writable: boolean;
  userVa: U64;
  /** "hwpt 3, hwpt 4". */
  heldBy: string[];
  /** Pages shared with another mapping through a copy. */
  shared: boolean;
  pinned: boolean;
}

/** One IOVA space: an IOAS or a VFIO container. */
export interface IovaSpace {
  key: string;
  label: string;
  /** Smallest unit of a mapping, bytes. */
  alignment: U64;
  /** Who contributes what: one entry per device or group or page table, with its aperture and its holes. */
  contributors(): { owner: ObjectRef; detail: string; aperture: Range | null; holes: Hole[]; ignored: Hole[] }[];
  /** What a user may map, ascending. */
  valid(): Range[];
  /** The user's own list of allowed ranges; empty = no restriction. */
  allowed(): Range[];
  mappingCount(): number;
  /** How many page tables hold each mapping, where all are held alike; absent: that differs, or nobody has looked. */
  holders?: number;
  /** Which of the machine's area stores holds the mappings; absent: none does. */
  store?: number;
  /** Visits mappings that touch [first, last], ascending, until the visitor returns false. */
  eachMapping(first: Iova, last: Iova, visit: (mapping: Mapping) => boolean): void;
  /** The same with the bare ranges only, for spaces with very many; absent: eachMapping will do. */
  eachExtent?(first: Iova, last: Iova, visit: (first: Iova, last: Iova) => boolean): void;
}

export type IdState = "free" | "active" | "idle" | "pending" | "reserved" | "orphaned" | "freed";

export interface PasidEntry {
  id: number;
  key: string;
  state: IdState;
  set: string | null;
  refs: number | null;
  /** Private data, guest id, allocator: short lines. */
  lines: string[];
  allocator: string;
  holders: string[];
}

export interface PasidSpace {
  /** Bits of the id space drawn: 20 for PCIe. */
  bits: number;
  variant: string;
  allocators: { key: string; label: string; active: boolean; members: string[]; ids: number; note: string }[];
  sets: { key: string; label: string; quota: number | null; used: number; lines: string[] }[];
  ids: PasidEntry[];
}

export interface Subsystem {
  /** All of its state, plain: what recordings compare and window.iovascope.state() gives. */
  state(): Json;
  graph(): ObjectGraph;
  /** The same graph without its words, for very many objects; absent: there are never that many. */
  sketch?(): ObjectSketch;
  spaces(): IovaSpace[];
  pasids(): PasidSpace | null;
}
