/** A scenario: a platform, variants and a list of calls. The file, the link, the lesson, the test case and the recording. */
import type { Json, JsonObject } from "../base/json.ts";
import type { Call } from "../kernel/call.ts";
import type { PlatformKind, RegionType, Variants } from "../kernel/config.ts";
import type { Packed } from "./packed/packed.ts";

/** What a real kernel (or a log) answered; only the keys that were recorded. */
export interface RecordedAnswer {
  errno?: string;
  out?: JsonObject;
  ret?: Json;
  race_ret?: Json;
  fault?: string;
  events?: Json;
  state?: Json;
  /** It comes from a log: keys, and fields of `out`, that are not here are unknown, not absent. */
  partial?: true;
  /** The log shows that the call failed, but not with which errno. */
  failed?: true;
}

/** Which parts of an answer were recorded, without their values. */
export interface RecordedShape {
  keys: (keyof RecordedAnswer)[];
  /** Fields of `out`; absent when `keys` has no "out". */
  out?: string[];
  partial?: true;
  failed?: true;
}

export interface ScenarioCall extends Call {
  recorded?: RecordedAnswer;
  /** In a scenario from a link: the recorded answer is the model's own, for the engine to fill in. */
  recordedAgrees?: RecordedShape;
  /** Names for the ids that it gives, by output: { out_ioas_id: "io" }. Links leave names out; they are made again. */
  binds?: Record<string, string>;
  /** Fields whose number is what a call above gives, by that call's name for it: { ioas_id: "io" }. */
  uses?: Record<string, string>;
  /** A remark of the author or importer, plain text. */
  note?: string;
}

/** Addresses are hex strings, inclusive. */
export interface RegionSpec {
  start: string;
  last: string;
  type: RegionType;
  label?: string;
}

export interface DeviceSpec {
  name: string;
  group: number;
  vfio?: number;
  model?: string;
  /** Absent: the platform's common regions. */
  regions?: RegionSpec[];
  bound_to_host?: boolean;
}

export interface PlatformSpec {
  kind: PlatformKind;
  address_bits?: number;
  devices?: DeviceSpec[];
  interrupt_remapping?: boolean;
  /** Absent: what the kind usually has. */
  dirty_tracking?: boolean;
  /** True: nothing said so, we assumed it. */
  guessed?: boolean;
}

export interface BufferSpec {
  name: string;
  va: string;
  size: string;
  kind: string;
  shared?: boolean;
  content?: string;
}

export type TraceKind = "iommufd" | "ioasid" | "vfio-type1";

export interface Scenario {
  title: string;
  platform: PlatformSpec;
  /** Which family of recordings it speaks like; decides which state a recorded `state` is compared with. */
  trace: TraceKind;
  variants?: Partial<Variants>;
  kernel?: string;
  /** Who answers VFIO container ioctls; by default type1 in a vfio-type1 scenario, iommufd elsewhere. */
  container?: "type1" | "iommufd";
  /** Known memory of the calling process; absent: every address is taken as good. */
  buffers?: BufferSpec[];
  first_fd?: number;
  max_iova_alignment?: string;
  processes?: number;
  api?: "v1" | "v2";
  dma_entry_limit?: number;
  pools?: Json[];
  ops?: Json[];
  nbs?: Json[];
  /** The recording goes through memory corruption: shown, never counted as divergence. */
  undefined_behaviour?: boolean;
  calls: ScenarioCall[];
}

/** A scenario of very many calls; they are read through calls.ts. */
export interface PackedScenario extends Omit<Scenario, "calls"> {
  calls: Packed;
}

export type AnyScenario = Scenario | PackedScenario;
