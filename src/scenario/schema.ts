/** The scenario file: validation of what comes in, and the form that goes out. Errors name the field: "calls[3].in". */
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { parseU64 } from "../base/u64.ts";
import { ERRNO } from "../kernel/errno.ts";
import type { AnyScenario, BufferSpec, DeviceSpec, PlatformSpec, RecordedAnswer, RegionSpec, Scenario, ScenarioCall } from "./scenario.ts";

/** The version of the file format. A file without a version is one of this version. */
export const FILE_VERSION = 1;
const MAX_CALLS = 2_000_000;
const MAX_TEXT = 100_000;
const MAX_TITLE = 500;
const MAX_LIST = 100_000;
const MAX_DEPTH = 24;

/** A scenario that is not one; `path` is the field that is wrong. */
export class ScenarioError extends Error {
  override name = "ScenarioError";
  readonly path: string;

  constructor(path: string, problem: string) {
    super(path === "" ? `the scenario ${problem}` : `${path} ${problem}`);
    this.path = path;
  }
}

export const PLATFORMS = ["none", "mock", "intel-vtd", "intel-vtd-scalable", "amd-vi", "arm-smmuv3", "virtio-iommu"] as const;
const REGION_TYPES = ["direct", "direct-relaxable", "reserved", "msi", "sw-msi"] as const;
export const TRACES = ["iommufd", "ioasid", "vfio-type1"] as const;
export const VARIANTS = {
  iommufd: ["merged", "hwpt-2023-v4"],
  vfio: ["merged", "rfc-v2"],
  ioasid: ["v3-as-posted", "v3-retain", "mainline-5.5", "mainline-5.11", "mainline-6.1", "series-2020-v2", "series-2020-v3", "series-2021-v4", "global-ida"],
  mm: ["E1", "E2", "E4", "E4-fixed", "E7"],
} as const;

/** The scenario that this JSON is. Unknown fields are left out. Throws ScenarioError. */
export function parseScenario(json: unknown): Scenario {
  const root = object(json, "");
  const version = root.iovascope;
  if (version !== undefined && version !== FILE_VERSION) throw new ScenarioError("iovascope", `is ${typeof version === "number" ? version : "no number"}; this program reads version ${FILE_VERSION}`);
  const scenario: Scenario = {
    title: text(root.title, "title", MAX_TITLE), platform: platform(root.platform, "platform"), trace: oneOf(root.trace ?? "iommufd", "trace", TRACES), calls: [],
  };
  if (root.variants !== undefined) scenario.variants = variants(root.variants, "variants");
  if (root.kernel !== undefined) scenario.kernel = text(root.kernel, "kernel", 100);
  if (root.container !== undefined) scenario.container = oneOf(root.container, "container", ["type1", "iommufd"]);
  if (root.buffers !== undefined) scenario.buffers = list(root.buffers, "buffers", MAX_LIST).map((entry, index) => buffer(entry, `buffers[${index}]`));
  if (root.first_fd !== undefined) scenario.first_fd = whole(root.first_fd, "first_fd", 0, 1_000_000);
  if (root.max_iova_alignment !== undefined) scenario.max_iova_alignment = address(root.max_iova_alignment, "max_iova_alignment");
  if (root.processes !== undefined) scenario.processes = whole(root.processes, "processes", 1, 1000);
  if (root.api !== undefined) scenario.api = oneOf(root.api, "api", ["v1", "v2"]);
  if (root.dma_entry_limit !== undefined) scenario.dma_entry_limit = whole(root.dma_entry_limit, "dma_entry_limit", 0, 0xffff_ffff);
  for (const key of ["pools", "ops", "nbs"] as const) if (root[key] !== undefined) scenario[key] = list(plain(root[key], key, 0), key, MAX_LIST);
  if (root.undefined_behaviour !== undefined) scenario.undefined_behaviour = flag(root.undefined_behaviour, "undefined_behaviour");
  scenario.calls = list(root.calls, "calls", MAX_CALLS).map((entry, index) => parseCall(entry, `calls[${index}]`));
  return scenario;
}

/** The file: what parseScenario reads back to an equal scenario. */
export function scenarioJson(scenario: Scenario): JsonObject {
  return { ...headerJson(scenario), calls: scenario.calls.map(callJson) };
}

/** The file's first line where each call has a line of its own: everything but the calls. */
export function headerJson({ title, platform: host, trace, calls: _calls, ...rest }: AnyScenario): JsonObject {
  return withoutUndefined({ iovascope: FILE_VERSION, title, trace, platform: host, ...rest }) as JsonObject;
}

/** A call as files have it. */
export function callJson(step: ScenarioCall): JsonObject {
  return withoutUndefined({ call: step.call, in: step.in, given: step.given, recorded: step.recorded && inOrder(step.recorded), note: step.note, binds: step.binds, uses: step.uses }) as JsonObject;
}

/** The same answer with its keys in one order, so that equal scenarios make equal files. */
function inOrder({ errno, out, ret, race_ret, fault, events, state, failed, partial }: RecordedAnswer): RecordedAnswer {
  return { errno, out, ret, race_ret, fault, events, state, failed, partial };
}

function withoutUndefined(value: unknown): Json {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== "object" || value === null) return value as Json;
  return Object.fromEntries(Object.entries(value).flatMap(([key, field]) => (field === undefined ? [] : [[key, withoutUndefined(field)]])));
}

function object(value: unknown, path: string): JsonObject {
  if (!isJsonObject(value)) throw new ScenarioError(path, "must be an object");
  return value;
}

function list(value: unknown, path: string, limit: number): Json[] {
  if (!Array.isArray(value)) throw new ScenarioError(path, "must be a list");
  if (value.length > limit) throw new ScenarioError(path, `has ${value.length} entries; at most ${limit} are read`);
  return value as Json[];
}

function text(value: unknown, path: string, limit = MAX_TEXT): string {
  if (typeof value !== "string") throw new ScenarioError(path, value === undefined ? "is missing" : "must be text");
  if (value.length > limit) throw new ScenarioError(path, `has ${value.length} characters; at most ${limit} are read`);
  return value;
}

function whole(value: unknown, path: string, low: number, high: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < low || value > high) throw new ScenarioError(path, `must be a whole number from ${low} to ${high}`);
  return value;
}

function flag(value: unknown, path: string): boolean {
  if (typeof value !== "boolean") throw new ScenarioError(path, "must be true or false");
  return value;
}

function address(value: unknown, path: string): string {
  if (typeof value !== "string" || parseU64(value) === null) throw new ScenarioError(path, 'must be a 64-bit number as text, "0x…"');
  return value;
}

function oneOf<const Names extends readonly string[]>(value: unknown, path: string, names: Names): Names[number] {
  if (typeof value !== "string" || !names.includes(value)) throw new ScenarioError(path, value === undefined ? "is missing" : `must be one of ${names.join(", ")}`);
  return value;
}

/** Any JSON, but not deeper and no longer texts than we can handle. */
function plain(value: unknown, path: string, depth: number): Json {
  if (depth > MAX_DEPTH) throw new ScenarioError(path, `is nested deeper than ${MAX_DEPTH} levels`);
  if (typeof value === "string") return text(value, path);
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new ScenarioError(path, "must be a finite number");
    return value;
  }
  if (Array.isArray(value)) return list(value, path, MAX_LIST).map((entry, index) => plain(entry, `${path}[${index}]`, depth + 1));
  if (!isJsonObject(value)) throw new ScenarioError(path, "must be JSON");
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [text(key, path, 1000), plain(field, `${path}.${key}`, depth + 1)]));
}

function plainObject(value: unknown, path: string): JsonObject {
  return plain(object(value, path), path, 0) as JsonObject;
}

function platform(value: unknown, path: string): PlatformSpec {
  const json = object(value, path);
  const spec: PlatformSpec = { kind: oneOf(json.kind, `${path}.kind`, PLATFORMS) };
  if (json.address_bits !== undefined) spec.address_bits = whole(json.address_bits, `${path}.address_bits`, 12, 64);
  if (json.devices !== undefined) spec.devices = list(json.devices, `${path}.devices`, MAX_LIST).map((entry, index) => device(entry, `${path}.devices[${index}]`));
  if (json.interrupt_remapping !== undefined) spec.interrupt_remapping = flag(json.interrupt_remapping, `${path}.interrupt_remapping`);
  if (json.dirty_tracking !== undefined) spec.dirty_tracking = flag(json.dirty_tracking, `${path}.dirty_tracking`);
  if (json.guessed !== undefined) spec.guessed = flag(json.guessed, `${path}.guessed`);
  return spec;
}

function device(value: unknown, path: string): DeviceSpec {
  const json = object(value, path);
  const spec: DeviceSpec = { name: text(json.name, `${path}.name`, 200), group: whole(json.group, `${path}.group`, 0, 0xffff_ffff) };
  if (json.vfio !== undefined) spec.vfio = whole(json.vfio, `${path}.vfio`, 0, 0xffff_ffff);
  if (json.model !== undefined) spec.model = text(json.model, `${path}.model`, 200);
  if (json.regions !== undefined) spec.regions = list(json.regions, `${path}.regions`, MAX_LIST).map((entry, index) => region(entry, `${path}.regions[${index}]`));
  if (json.bound_to_host !== undefined) spec.bound_to_host = flag(json.bound_to_host, `${path}.bound_to_host`);
  return spec;
}

function region(value: unknown, path: string): RegionSpec {
  const json = object(value, path);
  const spec: RegionSpec = { start: address(json.start, `${path}.start`), last: address(json.last, `${path}.last`), type: oneOf(json.type, `${path}.type`, REGION_TYPES) };
  if ((parseU64(spec.last) ?? 0) < (parseU64(spec.start) ?? 0)) throw new ScenarioError(`${path}.last`, "lies before start");
  if (json.label !== undefined) spec.label = text(json.label, `${path}.label`, 200);
  return spec;
}

function buffer(value: unknown, path: string): BufferSpec {
  const json = object(value, path);
  const spec: BufferSpec = {
    name: text(json.name, `${path}.name`, 200), va: address(json.va, `${path}.va`), size: address(json.size, `${path}.size`), kind: text(json.kind, `${path}.kind`, 200),
  };
  if (json.shared !== undefined) spec.shared = flag(json.shared, `${path}.shared`);
  if (json.content !== undefined) spec.content = text(json.content, `${path}.content`, 200);
  return spec;
}

function variants(value: unknown, path: string): Scenario["variants"] {
  const json = object(value, path);
  const found: NonNullable<Scenario["variants"]> = {};
  for (const [name, forms] of Object.entries(VARIANTS)) if (json[name] !== undefined) Object.assign(found, { [name]: oneOf(json[name], `${path}.${name}`, forms) });
  return found;
}

/** The call that this JSON is. Throws ScenarioError. */
export function parseCall(value: unknown, path: string): ScenarioCall {
  const json = object(value, path);
  const step: ScenarioCall = { call: text(json.call, `${path}.call`, 200), in: json.in === undefined ? {} : plainObject(json.in, `${path}.in`) };
  if (json.given !== undefined) step.given = given(json.given, `${path}.given`);
  if (json.recorded !== undefined) step.recorded = recorded(json.recorded, `${path}.recorded`);
  if (json.note !== undefined) step.note = text(json.note, `${path}.note`);
  if (json.binds !== undefined) step.binds = idNames(json.binds, `${path}.binds`);
  if (json.uses !== undefined) step.uses = idNames(json.uses, `${path}.uses`);
  return step;
}

/** Names of ids: { out_ioas_id: "io" }. */
function idNames(value: unknown, path: string): Record<string, string> {
  return Object.fromEntries(Object.entries(object(value, path)).map(([key, name]): [string, string] => {
    if (!/^[A-Za-z_]\w{0,60}$/.test(text(name, `${path}.${key}`))) throw new ScenarioError(`${path}.${key}`, "must be a name of letters, digits and _");
    return [text(key, path, 1000), name as string];
  }));
}

function given(value: unknown, path: string): ScenarioCall["given"] {
  const json = object(value, path);
  const errnos = Object.keys(ERRNO) as (keyof typeof ERRNO)[];
  return {
    ...(json.pin !== undefined && { pin: oneOf(json.pin, `${path}.pin`, errnos) }),
    ...(json.driver !== undefined && { driver: oneOf(json.driver, `${path}.driver`, errnos) }),
    ...(json.bug !== undefined && { bug: oneOf(json.bug, `${path}.bug`, ["domain-type", "user-op", "coherency"] as const) }),
    source: text(json.source, `${path}.source`, 1000),
  };
}

function recorded(value: unknown, path: string): RecordedAnswer {
  const json = object(value, path);
  const answer: RecordedAnswer = {};
  if (json.errno !== undefined) answer.errno = text(json.errno, `${path}.errno`, 100);
  if (json.out !== undefined) answer.out = plainObject(json.out, `${path}.out`);
  if (json.fault !== undefined) answer.fault = text(json.fault, `${path}.fault`, 1000);
  for (const key of ["ret", "race_ret", "events", "state"] as const) if (json[key] !== undefined) answer[key] = plain(json[key], `${path}.${key}`, 0);
  for (const key of ["partial", "failed"] as const) if (json[key] !== undefined && flag(json[key], `${path}.${key}`)) answer[key] = true;
  return answer;
}
