/** What the page gets when it asks about more than one step, and about what must hold at one. Survives structured cloning. */
import type { U64 } from "../../base/u64.ts";
import type { ObjectRef, Range } from "../../kernel/answer.ts";

/** What a run may be stopped at. */
export type Goal =
  /** The call created, changed or ended this object. */
  | { kind: "object"; key: string }
  /** The call answered this; "refused": anything but OK. */
  | { kind: "errno"; errno: string }
  /** This rule refused the call. */
  | { kind: "rule"; rule: string }
  | { kind: "call"; call: string }
  /** The call asked for, or changed, something in this range. Inclusive. */
  | { kind: "range"; first: U64; last: U64 }
  /** It is not the same call on the same objects with the same answer as the step one starts from. */
  | { kind: "different" };

export interface Hunt {
  /** Steps after this one are looked at, or before it. */
  from: number;
  direction: 1 | -1;
  /** Any of them ends the hunt. */
  goals: readonly Goal[];
  /** Look no further than this step (itself included). */
  until?: number;
}

export interface Quarry {
  step: number;
  /** Index of the goal that was hit. */
  goal: number;
}

/** One object that is not the same at two steps. */
export interface ObjectChange extends ObjectRef {
  what: "born" | "gone" | "changed";
  /** "users 2 → 3", "no longer attached to hwpt 3"; for one that is born or gone what it is. */
  lines: string[];
}

/** What is mapped in a space at one step and not at the other; neighbours are taken together. */
export interface RangeChange {
  /** Bytes. */
  bytes: U64;
  /** How many stretches of addresses; `ranges` holds the first of them. */
  count: number;
  ranges: Range[];
}

export interface SpaceChange extends ObjectRef {
  /** How many mappings there are at either step; null: there is no such space. */
  before: number | null;
  after: number | null;
  mapped: RangeChange;
  unmapped: RangeChange;
  /** Mapped at both, but to other memory or with other rights; null: too many mappings to say. */
  remapped: RangeChange | null;
  /** What became valid, and what is valid no more. */
  opened: RangeChange;
  closed: RangeChange;
}

/** All that is not the same at two steps. */
export interface StepDiff {
  /** The earlier and the later step. */
  from: number;
  to: number;
  objects: ObjectChange[];
  /** How many more there are. */
  moreObjects: number;
  spaces: SpaceChange[];
  /** Calls in between, by name, the most frequent first; and how many of them were refused. */
  calls: { call: string; count: number; refused: number }[];
}

/** What one call began, changed and ended. */
export interface StepChanges {
  born: string[];
  changed: string[];
  /** By name: nothing that is on screen has it any more. */
  gone: ObjectRef[];
  /** Mapped, unmapped, or otherwise touched; `keys` are the objects that it is about. */
  ranges: (Range & { what: "born" | "changed" | "gone"; keys: string[] })[];
}

/** A promise that must hold between calls. */
export interface InvariantView {
  id: string;
  /** What must hold, one plain sentence without its full stop. */
  text: string;
  state: "holds" | "broken" | "unchecked";
  /** Why it was not checked, or how much was looked at. */
  note: string;
  /** What breaks it, the first few. */
  broken: { text: string; objects: ObjectRef[]; range: Range | null }[];
  more: number;
}

/** What destroying an object would give at a step. The machine of the step stays as it is. */
export interface DestroyTrial {
  key: string;
  /** "IOMMU_DESTROY". */
  call: string;
  errno: string;
  /** The rule's meaning, or what would go with it. */
  text: string;
  /** The figures of the check that refused. */
  note: string;
  /** Objects that hold it and must go first. */
  holders: ObjectRef[];
}
