/** The host's side: pools of ids, and the custom allocators of a guest that forward to them. */
import type { JsonObject, Json } from "../../base/json.ts";
import { unreachable } from "../../base/assert.ts";
import { isJsonObject } from "../../base/json.ts";
import { CallError } from "../call.ts";
import type { MachineConfig } from "../config.ts";
import type { Doing } from "./doing.ts";
import { IdTable } from "./id-table.ts";
import { allocatorRef, idJson, idRef, INVALID_IOASID } from "./values.ts";

/**
 * How a pool picks: `lowest` free id of the asked range; `next` the same, but going on after the last one given; `ignore`
 * the asked range; `dup` always `lo`; `none` never one.
 */
export type PoolMode = "lowest" | "next" | "ignore" | "dup" | "none";
const MODES: readonly string[] = ["lowest", "next", "ignore", "dup", "none"] satisfies PoolMode[];

/** A range of ids, inclusive, that the host gives out. */
export class HostPool {
  readonly name: string;
  readonly lo: number;
  readonly hi: number;
  readonly mode: PoolMode;
  readonly given = new IdTable<true>();
  last: number | null = null;

  constructor(name: string, lo: number, hi: number, mode: PoolMode) {
    this.name = name;
    this.lo = lo;
    this.hi = hi;
    this.mode = mode;
  }

  take(min: number, max: number): number {
    const id = this.pick(min, max);
    if (id === null) return INVALID_IOASID;
    this.given.store(id, true);
    this.last = id;
    return id;
  }

  /** Gives an id back; false when it was not out. */
  giveBack(id: number): boolean {
    return this.given.erase(id) !== null;
  }

  private pick(min: number, max: number): number | null {
    const low = Math.max(min, this.lo);
    const high = Math.min(max, this.hi);
    switch (this.mode) {
      case "lowest":
        return this.given.lowestFree(low, high);
      case "next": {
        const after = this.last === null ? null : this.given.lowestFree(Math.max(low, this.last + 1), high);
        return after ?? this.given.lowestFree(low, this.last === null ? high : Math.min(high, this.last));
      }
      case "ignore":
        return this.given.lowestFree(this.lo, this.hi);
      case "dup":
        return this.lo;
      case "none":
        return null;
      default:
        return unreachable(this.mode);
    }
  }
}

/** A custom allocator (struct ioasid_allocator_ops): two functions and the data they are called with. */
export class AllocatorOps {
  readonly name: string;
  readonly allocFn: string;
  readonly freeFn: string;
  readonly pool: HostPool;

  constructor(name: string, allocFn: string, freeFn: string, pool: HostPool) {
    this.name = name;
    this.allocFn = allocFn;
    this.freeFn = freeFn;
    this.pool = pool;
  }

  /** Both functions are the same; the data need not be. */
  sameFunctions(other: AllocatorOps): boolean {
    return this.allocFn === other.allocFn && this.freeFn === other.freeFn;
  }

  /** Asks the host for an id in [min, max]; the answer need not lie there. */
  alloc(min: number, max: number, doing: Doing): number {
    const id = this.pool.take(min, max);
    doing.event({ host: this.allocFn, pool: this.pool.name, op: "alloc", min, max, ret: idJson(id) });
    doing.effect("host", () => ({
      objects: [allocatorRef(this.name)],
      text: id === INVALID_IOASID ? `${this.name} asks the host for an id in ${min}–${max}; it has none.` : `${this.name} asks the host for an id in ${min}–${max} and gets ${id}.`,
    }));
    return id;
  }

  /** Tells the host that an id is free. */
  free(id: number, doing: Doing): void {
    const out = this.pool.giveBack(id);
    doing.event({ host: this.freeFn, pool: this.pool.name, op: "free", id, was_allocated: out });
    doing.effect(out ? "host" : "warn", () => ({
      objects: [allocatorRef(this.name), idRef(id)],
      text: out ? `${this.name} tells the host that ${id} is free.` : `${this.name} tells the host that ${id} is free; the host had not given it out.`,
    }));
  }
}

/** All allocators a scenario has at hand, by name. */
export type HostSide = Map<string, AllocatorOps>;

/** What a scenario without a host side of its own gets: two vIOMMUs that forward to one host. */
const DEFAULT_POOLS: JsonObject[] = [{ pool: "host", lo: 1, hi: 0xfffff, mode: "lowest" }];
const DEFAULT_OPS: JsonObject[] = ["A1", "A2"].map((ops) => ({ ops, alloc: "viommu_alloc", free: "viommu_free", pool: "host" }));

/** The allocators of a configuration. Throws CallError for a description that makes no sense. */
export function readHostSide(config: MachineConfig): HostSide {
  const { pools, ops } = config.ioasid;
  const byPool = new Map<string, HostPool>();
  for (const json of pools.length > 0 ? pools : DEFAULT_POOLS) {
    const pool = readPool(json);
    byPool.set(pool.name, pool);
  }
  const side: HostSide = new Map();
  const firstPool = [...byPool.keys()][0];
  for (const json of ops.length > 0 ? ops : DEFAULT_OPS) {
    if (!isJsonObject(json)) throw new CallError("ops: each allocator is an object {ops, alloc, free, pool}");
    const name = textOf(json, "ops", "ops");
    const poolName = ops.length > 0 ? textOf(json, "pool", `ops ${name}`) : firstPool;
    const pool = byPool.get(poolName ?? "");
    if (!pool) throw new CallError(`ops ${name}: there is no pool "${poolName}"`);
    side.set(name, new AllocatorOps(name, textOf(json, "alloc", `ops ${name}`), textOf(json, "free", `ops ${name}`), pool));
  }
  return side;
}

function readPool(json: Json): HostPool {
  if (!isJsonObject(json)) throw new CallError("pools: each pool is an object {pool, lo, hi, mode}");
  const name = textOf(json, "pool", "pools");
  const { lo, hi } = json;
  const mode = json.mode ?? "lowest";
  if (!isId(lo) || !isId(hi)) throw new CallError(`pool ${name}: lo and hi must be 32-bit numbers`);
  if (typeof mode !== "string" || !MODES.includes(mode)) throw new CallError(`pool ${name}: mode must be one of ${MODES.join(", ")}`);
  return new HostPool(name, lo, hi, mode as PoolMode);
}

function textOf(json: JsonObject, key: string, where: string): string {
  const value = json[key];
  if (typeof value !== "string") throw new CallError(`${where}: "${key}" must be text`);
  return value;
}

function isId(value: Json | undefined): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= INVALID_IOASID;
}
