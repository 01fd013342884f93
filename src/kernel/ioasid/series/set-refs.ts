/** References on sets, as v2 and v3 count them. */
import { plural } from "../../../base/format.ts";
import type { Answer } from "../../answer.ts";
import { ioasidRules as R } from "../../rules/ioasid.ts";
import type { Doing } from "../doing.ts";
import { region, returned, whole, type Programs } from "../region.ts";
import { setRef } from "../values.ts";
import { LOCK, NB_LOCK, setOfMm, type MmNotifierFields } from "./calls.ts";
import type { Series } from "./series.ts";
import type { IoasidSet } from "./set.ts";

function checkLive(core: Series, set: IoasidSet, doing: Doing): boolean {
  if (core.checkLive(set, doing)) return true;
  doing.warn(() => ({ objects: [setRef(set.name)], text: `The kernel warns: set ${set.name} is gone.` }));
  return false;
}

function getSet(core: Series, { set: name }: { set: string }, doing: Doing): Answer {
  const set = core.setNamed(name);
  if (checkLive(core, set, doing)) {
    set.refs++;
    doing.effect("users", () => ({ objects: [setRef(name)], text: `Set ${name} has ${plural(set.refs, "reference")} now.` }));
  }
  return returned(null);
}

/** First half of ioasid_set_put; true when the last reference went and the set must be finished. */
function dropSet(core: Series, set: IoasidSet, doing: Doing): boolean {
  if (!checkLive(core, set, doing)) return false;
  set.refs--;
  if (set.refs > 0) {
    doing.effect("users", () => ({ objects: [setRef(set.name)], text: `Set ${set.name} keeps ${plural(set.refs, "reference")}.` }));
    return false;
  }
  for (const [id] of set.ids.list()) {
    core.free(set, id, doing);
    set.ids.erase(id);
  }
  if (set.nr > 0) doing.damage("Q12", () => ({ objects: [setRef(set.name)], text: `${plural(set.nr, "id")} of set ${set.name} ${set.nr === 1 ? "is" : "are"} still in use, but the whole quota is given back.` }));
  core.available = (core.available + set.quota) >>> 0;
  return true;
}

/** Second half: notifier blocks wait for another set, the number is free. */
function finishSet(core: Series, set: IoasidSet, doing: Doing): void {
  core.parkBlocks(set);
  core.tellSetFree(set, doing);
  core.live.erase(set.sid);
  set.freed = true;
  doing.effect("set", () => ({ objects: [setRef(set.name)], text: `Set ${set.name} is gone; ${core.available} of ${core.capacity} are left.` }));
}

/** The set of an mm, with a reference that some paths forget to drop; without a set the code writes to what is no entry. */
export function heldSetOfMm(core: Series, { token }: MmNotifierFields, doing: Doing): IoasidSet {
  const set = setOfMm(core, token);
  if (!set) return doing.stop("list-head-used-as-entry", R["pending-entry-exists"], () => ({ objects: [], text: `No set is of ${token ?? "no mm"} yet, and the code writes to an entry that does not exist (Q9, raised in review).` }));
  set.refs++;
  return set;
}

export const setRefPrograms: Programs = {
  ioasid_set_get: whole(LOCK, getSet),
  /** The notifier lock is taken inside the allocator lock (Q8). */
  ioasid_set_put: [
    region("drop the reference, free the ids", LOCK, (core: Series, { set }: { set: string }, _memory, doing) => (dropSet(core, core.setNamed(set), doing) ? undefined : returned(null)), { keeps: true }),
    region("see to its notifiers, let the set go", NB_LOCK, (core: Series, { set }: { set: string }, _memory, doing) => {
      finishSet(core, core.setNamed(set), doing);
      return returned(null);
    }),
  ],
};
