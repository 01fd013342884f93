/** E1: as posted on 2020-03-30. The mm keeps the number from its first bind until its structure goes. Spec sections 8.2 and 8.3. */
import type { Json } from "../../base/json.ts";
import type { Answer } from "../answer.ts";
import { mmRules as R } from "../rules/mm.ts";
import { freeId, loadMsrs, takeId, unregisterNotifier, type BindRequest, type Era, type Scene } from "./era.ts";
import { bind, type Given, type VtdRules } from "./vtd-bind.ts";
import { mmRef, MSR_VALID, pasidRef, type Binding, type MmStruct, type Process, type Thread } from "./world.ts";

export class E1 implements Era, VtdRules {
  bind(scene: Scene, request: BindRequest): Answer {
    return bind(scene, request, this);
  }

  /** An mm that has a number uses it again; its private data are pointed to the new binding. */
  allocate(scene: Scene, mm: MmStruct | null, isPrivate: boolean, limit: number, owner: string): Given | null {
    const { core, doing } = scene;
    if (mm && mm.pasid !== null && !isPrivate) {
      const { pasid } = mm;
      core.pointTo(pasid, owner);
      doing.effect("id", () => ({ objects: [mmRef(mm), pasidRef(pasid)], text: `The mm of ${mm.name} has PASID ${pasid} already; its private data now are ${owner}.` }));
      if (pasid >= limit) {
        doing.effect("damage", () => ({ objects: [pasidRef(pasid)], text: `PASID ${pasid} is programmed though the device ends at ${limit - 1}: the old number is not compared with the new device (deduced by us).` }));
      }
      return { pasid, fresh: false };
    }
    const pasid = takeId(scene, 1, limit - 1, owner);
    return pasid === null ? null : { pasid, fresh: true };
  }

  /** The line that set the errno was taken out: bind says 0. */
  exhausted({ doing }: Scene, limit: number): Answer {
    doing.effect("damage", () => ({ objects: [], text: `No PASID of 1–${limit - 1} is free, yet bind returns 0 with nothing bound (a reviewer doubted that an error is set here; that the value is 0 is deduced by us).` }));
    return { errno: "OK", ret: { pasid: null } };
  }

  undo(scene: Scene, { pasid, fresh }: Given, owner: string): void {
    if (fresh) {
      freeId(scene, pasid, "on the error path");
      return;
    }
    scene.doing.effect("damage", () => ({ objects: [pasidRef(pasid)], text: `PASID ${pasid} keeps pointing to ${owner}, which is freed on this error path (deduced by us).` }));
  }

  bound(scene: Scene, { mm, private: isPrivate, pasid }: Binding, { fresh }: Given): void {
    if (!mm || isPrivate) return;
    if (fresh) {
      mm.pasid = pasid;
      scene.doing.effect("set", () => ({ objects: [mmRef(mm), pasidRef(pasid)], text: `The mm of ${mm.name} keeps PASID ${pasid}.` }));
    }
    loadMsrs(scene, mm, (pasid | MSR_VALID) >>> 0, "by other patches of the series");
  }

  /** Unbinding takes the private data away and leaves the number. */
  lastUnbind(scene: Scene, { mm, pasid, private: isPrivate }: Binding): void {
    scene.core.pointTo(pasid, null);
    if (isPrivate || !mm) {
      scene.doing.effect("damage", () => ({
        objects: [pasidRef(pasid)], text: `PASID ${pasid} was ${isPrivate ? "private" : "the kernel's own"}: no mm has it, unbinding no longer frees it, so it is leaked ${isPrivate ? "(a reviewer asked what becomes of such ids)" : "(deduced by us)"}.`,
      }));
    }
    unregisterNotifier(scene, mm);
  }

  addressSpaceGone(): void {}

  /** The architecture's part of the mm goes: the number with it, if this CPU has ENQCMD. */
  structureGone(scene: Scene, mm: MmStruct): void {
    const { pasid } = mm;
    if (pasid === null) return;
    if (!scene.world.enqcmd) {
      scene.doing.effect("damage", () => ({ objects: [pasidRef(pasid)], text: `This CPU has no ENQCMD, so PASID ${pasid} is never freed (deduced by us).` }));
      return;
    }
    freeId(scene, pasid, "because its mm goes");
    if (scene.world.mms().some((other) => other !== mm && other.pasid === pasid)) {
      scene.doing.effect("damage", () => ({ objects: [pasidRef(pasid)], text: `Another mm, a copy made by fork, still counts on PASID ${pasid} (deduced by us).` }));
    }
  }

  /** Nothing resets the copied field. */
  forked({ doing }: Scene, parent: MmStruct, child: MmStruct): void {
    const { pasid } = parent;
    child.pasid = pasid;
    if (pasid !== null) doing.effect("damage", () => ({ objects: [mmRef(child), pasidRef(pasid)], text: `${child.name} is a copy and now has PASID ${pasid} too: two exits will free one number (deduced by us).` }));
  }

  generalProtection({ doing }: Scene): boolean {
    return doing.trace.holds(R["gp-lazy"], false, () => ({ note: "This kernel has no handler for it." }));
  }

  threadStarted(_scene: Scene, process: Process, thread: Thread): void {
    thread.msr = process.threads[0]?.msr ?? 0;
  }

  pasidJson(mm: MmStruct): Json {
    return mm.pasid ?? 0;
  }
}
