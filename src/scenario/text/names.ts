/**
 * Names for ids. The kernel hands out ids, so a text can't know them: a name stands for "what that call gives", and the calls
 * are run to learn what it is. When a call is put in before, ids shift and the names follow.
 */
import { CallTrace } from "../../kernel/call-trace.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { Machine } from "../../kernel/machine.ts";
import type { Answer } from "../../kernel/answer.ts";
import { machineConfig } from "../machine-config.ts";
import type { Scenario, ScenarioCall } from "../scenario.ts";
import { idIn, idKindOf, outputsOf, type IdKind } from "./ids.ts";

/** The id that a name has whose call gave none: no object has it. */
const NO_ID = 0;
/** The fd of the /dev/iommu that is open from the start. */
const FIRST_IOMMUFD = 3;

/** A name, and what it stands for from its step on. */
export interface GivenName {
  name: string;
  id: number;
  kind: IdKind;
  /** Of an object: the fd of the iommufd it lives in. */
  context: number | null;
  /** The step whose call gave it, from 1. */
  step: number;
}

/** The scenario with every id that an earlier call gave called by a name, and every call that gives one giving it a name. Its numbers stay. */
export function withNames(scenario: Scenario, kernel: Kernel): Scenario {
  return nameIds(scenario, kernel).scenario;
}

/** The same, and what each name stands for. */
export function nameIds(scenario: Scenario, kernel: Kernel): { scenario: Scenario; names: GivenName[] } {
  const machine = new Machine(machineConfig(scenario), kernel);
  const taken = new Set(scenario.calls.flatMap((call) => Object.values(call.binds ?? {})));
  const counts = new Map<string, number>();
  const fresh = (stem: string): string => {
    let name: string;
    do {
      const count = (counts.get(stem) ?? 0) + 1;
      counts.set(stem, count);
      name = `${stem}${count}`;
    } while (taken.has(name));
    return name;
  };
  /** Name of each id that was given, by its numbering. */
  const given = new Map<string, string>();
  const contextOf = new Map<unknown, unknown>();
  const names: GivenName[] = [];
  const known = new Set<string>();
  const calls = scenario.calls.map((call, index): ScenarioCall => {
    const def = machine.defOf(call.call);
    const context = contextFor(call, contextOf);
    const uses: Record<string, string> = {};
    for (const [field, value] of Object.entries(call.in)) {
      const kind = idKindOf(def, call.call, field);
      const own = call.uses?.[field];
      const name = own !== undefined && known.has(own) ? own : (kind === null || typeof value !== "number" ? undefined : given.get(keyOf(kind, context, value)));
      if (name !== undefined) uses[field] = name;
    }
    const answer = run(machine, call);
    const binds: Record<string, string> = { ...call.binds };
    for (const { out, kind, stem } of outputsOf(call.call)) {
      const id = answer && idIn(answer, out);
      if (id === null || call.in[out] === id) continue;
      const name = call.binds?.[out] ?? fresh(stem);
      binds[out] = name;
      given.set(keyOf(kind, context, id), name);
      names.push({ name, id, kind, context: kind === "object" ? context : null, step: index + 1 });
    }
    for (const name of Object.values(binds)) known.add(name);
    const { uses: _uses, binds: _binds, ...plain } = call;
    return { ...plain, ...(Object.keys(binds).length > 0 && { binds }), ...(Object.keys(uses).length > 0 && { uses }) };
  });
  return { scenario: { ...scenario, calls }, names };
}

function keyOf(kind: IdKind, context: number, id: number): string {
  return kind === "object" ? `object ${context}:${id}` : `${kind}:${id}`;
}

/** Which iommufd a call goes to: its objects are numbered apart from others'. */
function contextFor({ call, in: fields }: ScenarioCall, contextOf: Map<unknown, unknown>): number {
  if (call === "VFIO_DEVICE_BIND_IOMMUFD") contextOf.set(fields.dev, fields.iommufd ?? null);
  const fd = fields.dev !== undefined ? contextOf.get(fields.dev) : fields.fd;
  return typeof fd === "number" ? fd : FIRST_IOMMUFD;
}

/**
 * The scenario with each name's number as the calls give it now; the very same scenario when no number changes. A name that no
 * call above gives any more is dropped, and its number stays.
 */
export function resolveNames(scenario: Scenario, kernel: Kernel): Scenario {
  if (!scenario.calls.some((call) => call.uses)) return scenario;
  const machine = new Machine(machineConfig(scenario), kernel);
  const values = new Map<string, number>();
  let changed = false;
  const calls = scenario.calls.map((call): ScenarioCall => {
    const resolved = withValues(call, values);
    changed ||= resolved !== call;
    const answer = run(machine, resolved);
    for (const [out, name] of Object.entries(call.binds ?? {})) values.set(name, (answer && idIn(answer, out)) ?? NO_ID);
    return resolved;
  });
  return changed ? { ...scenario, calls } : scenario;
}

function withValues(call: ScenarioCall, values: ReadonlyMap<string, number>): ScenarioCall {
  const entries = Object.entries(call.uses ?? {});
  if (entries.every(([field, name]) => call.in[field] === values.get(name))) return call;
  const { uses: _uses, ...plain } = call;
  const kept = entries.filter(([, name]) => values.has(name));
  const numbers = Object.fromEntries(kept.map(([field, name]) => [field, values.get(name) as number]));
  return { ...plain, in: { ...call.in, ...numbers }, ...(kept.length > 0 && { uses: Object.fromEntries(kept) }) };
}

/** Null: the call can't be made. */
function run(machine: Machine, call: ScenarioCall): Answer | null {
  try {
    return machine.run(machine.ready(call), new CallTrace(false));
  } catch {
    // Its fields can't be read, or the model itself fails: the run will say so at this step.
    return null;
  }
}

/** Without its names: what a link or a recording holds. */
export function withoutNames(scenario: Scenario): Scenario {
  if (!scenario.calls.some((call) => call.uses ?? call.binds)) return scenario;
  return { ...scenario, calls: scenario.calls.map(({ uses: _uses, binds: _binds, ...call }) => call) };
}
