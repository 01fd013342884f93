/** The allocator as merged for 5.5 (the same again from 5.18 to 6.3). Spec sections 3 and 6. */
import type { Json, JsonObject } from "../../base/json.ts";
import type { Answer } from "../answer.ts";
import { ioasidRules as R } from "../rules/ioasid.ts";
import type { AllocRequest } from "./core.ts";
import { IoasidData } from "./data.ts";
import type { Doing } from "./doing.ts";
import { allocatorPrograms, FamilyCore, noteOutside } from "./families.ts";
import { findPrograms, isKnown } from "./find.ts";
import { NO_ID, region, returned, whole, type Programs } from "./region.ts";
import { allocatorRef, idRef } from "./values.ts";

export interface AllocFields {
  set: string | null;
  min: number;
  max: number;
  private: string | null;
}

export class Mainline extends FamilyCore {
  get programs(): Programs {
    return MAINLINE;
  }

  /** ioasid_alloc: null stands for INVALID_IOASID. */
  allocFor({ set, min, max, private: privateData }: AllocRequest, doing: Doing): number | null {
    const data = new IoasidData(set, privateData);
    const id = this.issue(data, min, max, doing);
    if (id === null) return null;
    const { ops, table } = this.active;
    if (ops) {
      noteOutside(id, min, max, doing);
      const fresh = table.load(id) === null;
      if (!doing.trace.holds(R["host-id-is-new"], fresh, () => ({ objects: [idRef(id), allocatorRef(ops.name)], note: fresh ? `${id} is not in the table.` : `${id} is in the table already.` }))) {
        ops.free(id, doing);
        doing.effect("damage", () => ({ objects: [idRef(id)], text: `The host now counts ${id} as free although its first owner still uses it.` }));
        return null;
      }
      table.store(id, data);
    }
    data.id = id;
    doing.effect("id", () => ({ objects: [idRef(id), allocatorRef(this.active.name)], text: `IOASID ${id} is handed out by ${allocatorRef(this.active.name).label}.` }));
    return id;
  }

  /** ioasid_free. */
  release(id: number, doing: Doing): void {
    const data = this.table.load(id);
    if (isKnown(this, id, data, doing)) this.giveBack(id, doing);
  }

  entryJson(data: IoasidData): JsonObject {
    return { set: data.set?.name ?? null, private: data.private };
  }

  state(): Json {
    return this.familiesJson();
  }
}

function alloc(core: Mainline, fields: AllocFields, doing: Doing): Answer {
  const id = core.allocFor({ ...fields, set: core.owner(fields.set) }, doing);
  return id === null ? NO_ID : returned({ ioasid: id });
}

function setData(core: Mainline, { ioasid, private: privateData }: { ioasid: number; private: string | null }, doing: Doing): Answer {
  const data = core.table.load(ioasid);
  if (!isKnown(core, ioasid, data, doing)) return doing.trace.refusal();
  data.private = privateData;
  doing.effect("id", () => ({ objects: [idRef(ioasid)], text: `IOASID ${ioasid} now points to ${privateData ?? "nothing"}; readers of the old data are waited for.` }));
  return returned(0);
}

/** What 5.5, 5.11 and 6.1 have in common. */
export const mainlinePrograms: Programs = {
  ...findPrograms,
  ...allocatorPrograms,
  ioasid_alloc: whole("ioasid_allocator_lock", alloc),
  ioasid_set_data: whole("ioasid_allocator_lock", setData),
};

const MAINLINE: Programs = {
  ...mainlinePrograms,
  ioasid_free: [
    region("free", "ioasid_allocator_lock", (core: Mainline, { ioasid }: { ioasid: number }, _locals, doing) => {
      core.release(ioasid, doing);
      return returned(null);
    }),
  ],
};
