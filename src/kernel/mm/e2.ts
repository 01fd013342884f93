/** E2: 5.10. The number lives from the first bind to the last unbind; the MSR is written by interrupting other CPUs. */
import type { Answer } from "../answer.ts";
import { mmRules as R } from "../rules/mm.ts";
import { E1 } from "./e1.ts";
import { freeId, loadMsrs, takeId, unregisterNotifier, type Scene } from "./era.ts";
import type { Given } from "./vtd-bind.ts";
import { mmRef, MSR_VALID, pasidRef, type Binding, type MmStruct } from "./world.ts";

export class E2 extends E1 {
  override allocate(scene: Scene, _mm: MmStruct | null, _isPrivate: boolean, limit: number, owner: string): Given | null {
    const pasid = takeId(scene, 1, limit - 1, owner);
    return pasid === null ? null : { pasid, fresh: true };
  }

  override exhausted({ doing }: Scene, limit: number): Answer {
    return doing.trace.refuse(R["sva-pasid-to-be-had"], () => ({ note: `No PASID of 1–${limit - 1} is free.` }), "ENOSPC");
  }

  override bound(scene: Scene, { mm, private: isPrivate, pasid }: Binding): void {
    if (!mm || isPrivate) return;
    mm.pasid = pasid;
    loadMsrs(scene, mm, (pasid | MSR_VALID) >>> 0, "by an interrupt to every CPU that runs one");
    scene.doing.effect("warn", () => ({ objects: [mmRef(mm)], text: "The interrupt may meet a task of another process or an FPU state that is just changing (found on the list in 2021; ENQCMD was then switched off)." }));
  }

  override lastUnbind(scene: Scene, { mm, pasid, private: isPrivate }: Binding): void {
    freeId(scene, pasid, "at the last unbind");
    if (mm && !isPrivate) {
      mm.pasid = null;
      loadMsrs(scene, mm, 0, "by an interrupt");
      scene.doing.effect("set", () => ({ objects: [mmRef(mm), pasidRef(pasid)], text: `The mm of ${mm.name} has no PASID any more; a later bind may get another one.` }));
    }
    unregisterNotifier(scene, mm);
  }

  override structureGone(): void {}

  override forked(): void {}
}
