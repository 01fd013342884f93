import { hex, lengthOf, pow2, U64_MAX, type U64 } from "../../base/u64.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import type { Given } from "../../kernel/call.ts";
import { errnoName, type ErrnoOrOk } from "../../kernel/errno.ts";
import { PackWriter, SlotValues } from "../packed/pack-writer.ts";
import type { At } from "../readers/facts.ts";
import type { AnyScenario, RecordedAnswer, ScenarioCall } from "../scenario.ts";
import { replaceMapFile } from "./map-file.ts";
import { isWithinLimits } from "./plain-call.ts";
import { Tally } from "./tally.ts";

/** Note on a call that the log implies but does not show. */
export const IMPLIED = "implied by the log";
/** Note on opening a device of which the log tells no group. */
export const GROUP_GUESSED = "the log does not name the group";
/** Said where a device is refused with EINVAL before any mapping. */
export const DIRECT_HINT = "EINVAL here usually means that firmware demands a 1:1 region for the device, see its reserved_regions";
/** `source` of facts that a log states. */
export const FROM_LOG = "from the log";

/** From which lines the calls of a scenario come. */
export interface Origins {
  /** One for each call; null: nothing but the others implies it. */
  steps: (At | null)[];
  /** Messages that speak of a step which another line made; `step` from 1. */
  told: { at: At; step: number }[];
}

const ORIGINS = new WeakMap<AnyScenario, Origins>();

/** Where a scenario's calls come from; null unless its facts were told to keep that. */
export function originsOf(scenario: AnyScenario): Origins | null {
  return ORIGINS.get(scenario) ?? null;
}

export function rememberOrigins(scenario: AnyScenario, steps: Steps): void {
  if (steps.origins) ORIGINS.set(scenario, steps.origins);
}

/** Calls of which a long log has very many, and which differ in their numbers alone. */
export interface Bulk {
  call: string;
  /** The fields in order; true: it is written "0x…". */
  fields: Readonly<Record<string, boolean>>;
  recorded?: RecordedAnswer;
  /** It maps what these fields say, its first address and its bytes; their places in `fields`. */
  maps?: { first: number; size: number };
}

/** The calls of a scenario while it is being put together. */
export class Steps {
  readonly calls: ScenarioCall[] = [];
  /** Null: nobody asked. */
  readonly origins: Origins | null;
  private at: At | null = null;
  /** The calls before those in `calls`, when they are many. */
  settled: { calls: PackWriter<ScenarioCall>; tally: Tally } | null = null;
  /** Of each such form, its skeleton among the packed calls. */
  private readonly skeletons = new Map<Bulk, number>();
  private readonly values = new SlotValues();

  constructor(keepsOrigins = false) {
    this.origins = keepsOrigins ? { steps: [], told: [] } : null;
  }

  /** Calls so far. */
  get count(): number {
    return this.calls.length + (this.settled?.calls.packed.count ?? 0);
  }

  /**
   * Says that nothing will change the calls before `open`, or before the last one: they are counted and packed. Those that
   * a file could not hold stay, and all behind them.
   */
  settle(open: ScenarioCall | undefined): void {
    const { calls } = this;
    const at = open ? calls.indexOf(open) : -1;
    this.settleUpTo(at >= 0 ? at : calls.length - 1);
  }

  private settleUpTo(end: number): void {
    const { calls } = this;
    let done = 0;
    for (; done < end; done++) {
      const step = calls[done] as ScenarioCall;
      replaceMapFile(step);
      if (!isWithinLimits(step)) break;
      this.settled ??= { calls: new PackWriter(), tally: new Tally() };
      this.settled.tally.take(step);
      this.settled.calls.add(step);
    }
    if (done > 0) calls.splice(0, done);
  }

  /**
   * Adds a call that nothing will change, with these numbers in its fields. Where calls are being packed it goes there as it is,
   * without an object in between.
   */
  addBulk(form: Bulk, numbers: readonly U64[], open: ScenarioCall | undefined): void {
    const { calls, settled } = this;
    if (settled && calls.length > 0 && open === undefined) this.settleUpTo(calls.length);
    if (!settled || calls.length > 0) {
      const { call, recorded } = form;
      this.add(call, fieldsOf(form, numbers), { ...(recorded && { recorded }) });
      return;
    }
    let skeleton = this.skeletons.get(form);
    if (skeleton === undefined) {
      const { call, recorded } = form;
      skeleton = settled.calls.learn({ call, in: fieldsOf(form, numbers), ...(recorded && { recorded }) });
      settled.tally.takeName(call);
      this.skeletons.set(form, skeleton);
    }
    for (let slot = 0; slot < numbers.length; slot++) setU64(this.values, slot, numbers[slot] as U64);
    if (form.maps) settled.tally.takeMap(numbers[form.maps.first] as U64, numbers[form.maps.size] as U64, false);
    settled.calls.write(skeleton, this.values);
  }

  /** What is added from now on comes from this line; null: from none. */
  from(file: string, line: number | null): void {
    if (this.origins) this.at = line === null ? null : { file, line };
  }

  /** A message that speaks of a call which is there already. */
  told(call: ScenarioCall, at: At | undefined): void {
    if (!this.origins || !at) return;
    const index = this.calls.lastIndexOf(call);
    if (index >= 0) this.origins.told.push({ at, step: index + 1 });
  }

  add(call: string, fields: Record<string, Json>, more: { recorded?: RecordedAnswer; note?: string; given?: Given } = {}): ScenarioCall {
    const step: ScenarioCall = { call, in: fields };
    if (more.given) step.given = more.given;
    if (more.recorded) step.recorded = more.recorded;
    if (more.note !== undefined) step.note = more.note;
    this.calls.push(step);
    this.origins?.steps.push(this.at);
    return step;
  }

  implied(call: string, fields: Record<string, Json>, note: string = IMPLIED): ScenarioCall {
    return this.add(call, fields, { note });
  }
}

function fieldsOf({ fields }: Bulk, numbers: readonly U64[]): Record<string, Json> {
  const made: Record<string, Json> = {};
  let place = 0;
  for (const name in fields) {
    const value = numbers[place++] as U64;
    made[name] = fields[name] === true ? hex(value) : Number(value);
  }
  return made;
}

function setU64(values: SlotValues, slot: number, value: U64): void {
  if (typeof value === "number") values.set(slot, value >>> 0, Math.floor(value / 0x1_0000_0000));
  else values.set(slot, Number(value & 0xffff_ffffn), Number(value >> 32n));
}

/** The same for all the calls of which a log says no more. */
const WORKED: RecordedAnswer = Object.freeze({ errno: "OK", partial: true });

/** What a log knows of an answer. */
export function known(errno: ErrnoOrOk, out?: JsonObject): RecordedAnswer {
  if (errno === "OK" && out === undefined) return WORKED;
  return out === undefined ? { errno, partial: true } : { errno, out, partial: true };
}

/** What a log knows of an answer of which it prints "0 or −errno". An unknown number is a failure without a name. */
export function knownResult(ret: number, out?: JsonObject): RecordedAnswer {
  if (ret >= 0) return known("OK", out);
  const errno = errnoName(ret);
  return errno === null ? FAILED : known(errno);
}

/** The log shows that it failed, not why. */
export const FAILED: RecordedAnswer = Object.freeze({ failed: true, partial: true });

/** Facts that the model takes from a log because it can't know them: what happened when the memory was pinned. */
export function givenOf(errno: ErrnoOrOk | null | undefined): Given | undefined {
  return errno === "EFAULT" || errno === "ENOMEM" ? { pin: errno, source: FROM_LOG } : undefined;
}

/** An inclusive range as start and size in bytes. All 2^64 bytes are no 64-bit size: that is two halves, as VMMs do it. */
export function pieces(first: U64, last: U64): { start: U64; size: U64 }[] {
  const size = lengthOf(first, last);
  if (size <= U64_MAX) return [{ start: first, size }];
  return [{ start: 0, size: pow2(63) }, { start: pow2(63), size: pow2(63) }];
}
