/** 5.11 to 5.17: the same with references; free is gone, put takes its place. Spec section 5. */
import type { Json, JsonObject } from "../../base/json.ts";
import type { Answer } from "../answer.ts";
import { plural } from "../../base/format.ts";
import type { IoasidData, SetToken } from "./data.ts";
import type { Doing } from "./doing.ts";
import { isKnown } from "./find.ts";
import { Mainline, mainlinePrograms } from "./mainline.ts";
import { returned, whole, type Programs } from "./region.ts";
import { idRef } from "./values.ts";

export class Counted extends Mainline {
  override get programs(): Programs {
    return COUNTED;
  }

  /** ioasid_get: for callers that hold a reference already, so an unknown id only earns a warning. */
  override takeRef(_set: SetToken | null, id: number, doing: Doing): Answer {
    const data = this.table.load(id);
    if (!isKnown(this, id, data, doing, "EINVAL")) {
      doing.warn(() => ({ objects: [idRef(id)], text: `The kernel warns: a reference was asked for on ${id}, which is not there.` }));
      return returned(null);
    }
    data.refs++;
    doing.effect("users", () => ({ objects: [idRef(id)], text: `IOASID ${id} has ${plural(data.refs, "reference")} now.` }));
    return returned(null);
  }

  /** ioasid_put. True when this was the last reference. */
  put(id: number, doing: Doing): boolean {
    const data = this.table.load(id);
    if (!isKnown(this, id, data, doing)) return false;
    data.refs--;
    if (data.refs > 0) {
      doing.effect("users", () => ({ objects: [idRef(id)], text: `IOASID ${id} keeps ${plural(data.refs, "reference")}.` }));
      return false;
    }
    this.giveBack(id, doing);
    return true;
  }

  override release(id: number, doing: Doing): void {
    this.put(id, doing);
  }

  override refsOf(data: IoasidData): number {
    return data.refs;
  }

  override entryJson(data: IoasidData): JsonObject {
    return { ...super.entryJson(data), refs: data.refs };
  }

  override state(): Json {
    return this.familiesJson();
  }
}

const COUNTED: Programs = {
  ...mainlinePrograms,
  ioasid_get: whole("ioasid_allocator_lock", (core: Counted, { ioasid }: { ioasid: number }, doing) => core.takeRef(null, ioasid, doing)),
  ioasid_put: whole("ioasid_allocator_lock", (core: Counted, { ioasid }: { ioasid: number }, doing) => returned(core.put(ioasid, doing))),
};
