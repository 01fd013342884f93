/** Who took and dropped references on ids, as the calls so far say: held against the counts that the allocator keeps. */
import type { JsonObject } from "../../base/json.ts";
import type { PasidSpace } from "../../kernel/inspect.ts";
import type { History } from "../history.ts";
import type { InvariantView } from "./history-views.ts";

/** A run longer than this is not gone through again for each step. */
const LONGEST = 4000;

/**
 * Ids whose count is not what callers hold: an alloc gives one reference and its free takes it back, get and put are a pair. A
 * second free takes nothing that is its caller's. Null: ids have no counts here, or other calls than these touch them.
 */
export function unpaidReferences(history: History, step: number, space: PasidSpace): InvariantView["broken"] | null {
  const counted = space.ids.filter((entry) => entry.refs !== null);
  if (step > LONGEST || step === 0 || (counted.length === 0 && !space.sets.some((set) => set.quota !== null))) return null;
  const held = heldAt(history, step);
  if (held === null) return null;
  const breaches: InvariantView["broken"] = [];
  const known = new Map(counted.map((entry) => [entry.id, entry.refs as number]));
  for (const [id, count] of held) {
    const refs = known.get(id) ?? 0;
    if (refs === count || (refs === 0 && count < 0)) continue;
    const text = refs < count
      ? `IOASID ${id} counts ${refs}, yet ${count} ${count === 1 ? "was" : "were"} taken and not dropped: somebody’s reference is gone`
      : `IOASID ${id} counts ${refs}, though only ${Math.max(0, count)} ${count === 1 ? "is" : "are"} held: one is left over`;
    breaches.push({ text, objects: [{ key: `ioasid:${id}`, label: `IOASID ${id}` }], range: null });
  }
  return breaches;
}

/** References that callers believe to hold, by id; null when a call is not understood. */
function heldAt(history: History, step: number): Map<number, number> | null {
  const held = new Map<number, number>();
  /** Ids whose allocation has been given back. */
  const freed = new Set<number>();
  const add = (id: number, by: number) => {
    const count = (held.get(id) ?? 0) + by;
    if (count === 0) held.delete(id);
    else held.set(id, count);
  };
  let understood = true;
  history.eachAnswer(1, step, (at, made) => {
    const { call, in: fields } = history.call(at);
    if (TOO_MUCH.has(call)) understood = false;
    if (history.outcome(at) !== "OK" || !understood) return;
    const id = typeof fields.ioasid === "number" ? fields.ioasid : null;
    if (call === "ioasid_alloc") {
      const got = (made.answer.ret as JsonObject | null)?.ioasid;
      if (typeof got === "number") {
        add(got, 1);
        freed.delete(got);
      }
    } else if (id !== null && call === "ioasid_get") add(id, 1);
    else if (id !== null && call === "ioasid_put") add(id, -1);
    else if (id !== null && call === "ioasid_free" && !freed.has(id)) {
      add(id, -1);
      freed.add(id);
    }
  });
  return understood ? held : null;
}

/** Calls that take or drop references in ways of their own. */
const TOO_MUCH: ReadonlySet<string> = new Set([
  "ioasid_find_by_spid", "ioasid_get_if_owned", "ioasid_free_all_in_set", "ioasid_set_free", "ioasid_set_put", "ioasid_notify", "ioasid_find_use", "sva_bind", "lane_start",
  "ioasid_unregister_allocator", "ioasid_attach_spid", "ioasid_detach_spid",
]);
