/** The series as posted in its v3, September 2020. */
import type { Answer } from "../../answer.ts";
import { ioasidRules as R } from "../../rules/ioasid.ts";
import type { IoasidData } from "../data.ts";
import type { Doing } from "../doing.ts";
import { isKnown } from "../find.ts";
import { returned, whole, type Programs } from "../region.ts";
import { idRef, INVALID_IOASID, setRef } from "../values.ts";
import { attachedId, finishSet, LOCK, mmNotifierNew, NB_LOCK, quotaFits, quotaGiven, setIsFresh, tokenFits, typeKnown, type MmNotifierFields, type SetAllocFields } from "./calls.ts";
import { Guarded, guardedPrograms } from "./guarded.ts";
import type { IoasidSet } from "./set.ts";
import { heldSetOfMm, setRefPrograms } from "./set-refs.ts";

export class SeriesV3 extends Guarded {
  protected readonly firstLife = "ACTIVE";

  get programs(): Programs {
    return V3;
  }

  /** The kernel's own notify function rejects ALLOC and FREE in this form. */
  notifyAlloc(): void {}

  /** Once freed, later calls do nothing. */
  free(set: IoasidSet | null, id: number, doing: Doing): void {
    const data = this.table.load(id);
    if (!isKnown(this, id, data, doing) || !this.ownedBy(data, set, doing)) return;
    const owner = data.set as IoasidSet;
    // Any set under that number will do, also one that came later.
    const numbered = this.live.load(owner.sid) !== null;
    if (!doing.trace.holds(R["set-is-live"], numbered, () => ({ objects: [setRef(owner.name)], note: numbered ? `Number ${owner.sid} means a set.` : `Number ${owner.sid} means no set any more.` }))) {
      doing.warn(() => ({ objects: [idRef(id), setRef(owner.name)], text: `The kernel warns: the set of ${id} is gone.` }));
      return;
    }
    if (!this.notPending(data, doing)) return;
    this.markPending(data, doing);
    this.dropRef(data, doing);
  }

  lastReference(data: IoasidData, doing: Doing): void {
    const set = data.set as IoasidSet;
    this.giveBack(data.id, doing);
    set.ids.erase(data.id);
    set.nr--;
  }

  /** As in v2, and the entry of the older owner goes too. */
  protected override duplicate(id: number, doing: Doing): void {
    super.duplicate(id, doing);
    const older = this.table.erase(id);
    if (older) doing.effect("damage", () => ({ objects: [idRef(id)], text: `The entry of the older owner of ${id} is taken out of the table.` }));
  }

  /** The last one that matches; every match gets a reference. */
  findSpid(set: IoasidSet, spid: number, _hold: boolean, doing: Doing): number | null {
    let found: number | null = null;
    for (const [, data] of set.ids.list()) {
      if (data.spid !== spid) continue;
      data.refs++;
      found = data.id;
      doing.effect("users", () => ({ objects: [idRef(data.id)], text: `IOASID ${data.id} has ${data.refs} references now.` }));
    }
    return found;
  }

  spidTaken(set: IoasidSet, spid: number, doing: Doing): number | null {
    return this.findSpid(set, spid, true, doing);
  }
}

function setAlloc(core: SeriesV3, fields: SetAllocFields, doing: Doing): Answer {
  const { quota } = fields;
  if (!typeKnown(fields, doing) || !quotaGiven(quota, doing) || !quotaFits(core, quota, doing) || !tokenFits(core, fields, doing, true)) return doing.trace.refusal();
  return finishSet(core, fields, quota, core.available - quota, doing);
}

function adjustSet(core: SeriesV3, { set: name, quota }: { set: string; quota: number }, doing: Doing): Answer {
  const set = core.setNamed(name);
  const signed = quota | 0;
  if (!doing.trace.holds(R["quota-positive"], signed > 0, () => ({ note: `The new quota is ${signed}.` }))) return doing.trace.refusal();
  if (!doing.trace.holds(R["quota-covers-use"], set.nr <= signed, () => ({ objects: [setRef(name)], note: `Set ${name} uses ${set.nr}; the new quota is ${signed}.` }))) return doing.trace.refusal();
  const growth = signed - set.quota;
  if (!doing.trace.holds(R["capacity-left"], growth <= core.available, () => ({ objects: [setRef(name)], note: `${growth} more wanted, ${core.available} left.` }))) return doing.trace.refusal();
  core.available = (core.available - growth) >>> 0;
  set.quota = signed;
  doing.effect("set", () => ({ objects: [setRef(name)], text: `Set ${name} has a quota of ${signed} now; ${core.available} are left.` }));
  return returned(0);
}

/** The notifier lock, held here, is taken again by the function that joins the chain. */
function registerMm(core: SeriesV3, fields: MmNotifierFields, doing: Doing): Answer {
  if (!mmNotifierNew(core, fields, doing)) return doing.trace.refusal();
  const set = heldSetOfMm(core, fields, doing);
  if (!setIsFresh(set, doing)) return doing.trace.refusal();
  doing.event({ lock: NB_LOCK });
  return doing.stop("self-deadlock", R["lock-not-held-already"], () => ({ objects: [setRef(set.name)], text: `${NB_LOCK} is taken a second time by its holder: this CPU never comes back.` }));
}

function detachSpid(core: SeriesV3, { ioasid }: { ioasid: number }, doing: Doing): Answer {
  const data = attachedId(core, ioasid, doing);
  if (!data) return returned(null);
  data.spid = INVALID_IOASID;
  doing.effect("id", () => ({ objects: [idRef(ioasid)], text: `IOASID ${ioasid} has no SPID any more.` }));
  core.tell((data.set as IoasidSet).chain, "UNBIND", data, doing);
  return returned(null);
}

const V3: Programs = {
  ...guardedPrograms,
  ...setRefPrograms,
  ioasid_set_alloc: whole(LOCK, setAlloc),
  ioasid_adjust_set: whole(LOCK, adjustSet),
  ioasid_detach_spid: whole(LOCK, detachSpid),
  ioasid_register_notifier_mm: whole(NB_LOCK, registerMm),
};
