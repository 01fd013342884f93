/** 6.4 and later: an IDA gives global PASIDs; custom allocators, sets, look-ups and private data are gone. Spec section 7. */
import type { Json } from "../../base/json.ts";
import { ioasidRules as R } from "../rules/ioasid.ts";
import { IoasidCore, type AllocRequest } from "./core.ts";
import { IoasidData } from "./data.ts";
import type { Doing } from "./doing.ts";
import { lowestFree } from "./families.ts";
import { IdTable } from "./id-table.ts";
import { NO_ID, returned, whole, type Programs } from "./region.ts";
import type { PasidSpace } from "../inspect.ts";
import { allocatorRef, DEFAULT_NAME, idRef, INVALID_IOASID } from "./values.ts";

export class GlobalIda extends IoasidCore {
  readonly table = new IdTable<IoasidData>();

  get programs(): Programs {
    return IDA;
  }

  /** ida_alloc_range: the lowest free id of [min, max]. */
  allocFor({ set, min, max, private: privateData }: AllocRequest, doing: Doing): number | null {
    const id = lowestFree(this.table, min, max, doing);
    if (id === null) return null;
    const data = new IoasidData(set, privateData);
    data.id = id;
    this.table.store(id, data);
    doing.effect("id", () => ({ objects: [idRef(id)], text: `PASID ${id} is handed out.` }));
    return id;
  }

  release(id: number, doing: Doing): void {
    if (this.table.erase(id)) doing.effect("id", () => ({ objects: [idRef(id)], text: `PASID ${id} is free again; the very next allocation may get it.` }));
  }

  state(): Json {
    return { ids: [...this.table.ids()] };
  }

  allocators(): PasidSpace["allocators"] {
    return [{ key: allocatorRef(DEFAULT_NAME).key, label: "global PASIDs", active: true, members: [], ids: this.table.size, note: "lowest free id; custom allocators are gone since 6.4" }];
  }
}

const IDA: Programs = {
  iommu_alloc_global_pasid: whole("ida_lock", (core: GlobalIda, { max_pasids: max }: { max_pasids: number }, doing) => {
    if (!doing.trace.holds(R["device-has-pasids"], max !== 0, () => ({ note: `The device has ${max} PASIDs.` }))) return NO_ID;
    const id = core.allocFor({ set: null, min: 1, max: max - 1, private: null }, doing);
    return id === null ? NO_ID : returned({ ioasid: id });
  }),
  iommu_free_global_pasid: whole("ida_lock", (core: GlobalIda, { pasid }: { pasid: number }, doing) => {
    if (!doing.trace.holds(R["id-is-not-invalid"], pasid !== INVALID_IOASID, () => ({ note: `The PASID is ${pasid}.` }))) {
      doing.warn(() => ({ objects: [idRef(pasid)], text: "The kernel warns: the invalid PASID was given back." }));
      return returned(null);
    }
    core.release(pasid, doing);
    return returned(null);
  }),
};
