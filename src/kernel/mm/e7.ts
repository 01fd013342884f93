/** E7: 6.8 and later (iommu_sva_bind_device). The number and the SVA domains hang off the mm. Spec section 8.8. */
import type { Json } from "../../base/json.ts";
import type { Answer } from "../answer.ts";
import { mmRules as R } from "../rules/mm.ts";
import { boundMm, dropPasid, lazyMsr } from "./e4.ts";
import { programEntry, registerNotifier, succeeds, takeId, unregisterNotifier, type BindRequest, type Era, type Scene } from "./era.ts";
import { Binding, deviceRef, mmRef, pasidRef, type Device, type MmStruct, type Process, type Thread } from "./world.ts";

export class E7 implements Era {
  bind(scene: Scene, request: BindRequest): Answer {
    const { world, doing } = scene;
    const { device } = request;
    const mm = boundMm(scene, request);
    if (!mm || !succeeds(scene, request, "group")) return doing.trace.refusal();
    if (!doing.trace.holds(R["sva-allowed-on-x86"], !world.x86Refused, () => ({ note: world.x86Refused ? "The backport is in this kernel." : "" }))) return doing.trace.refusal();
    if (!succeeds(scene, request, "masking")) return doing.trace.refusal();
    const pasid = this.pasidFor(scene, request, mm);
    if (pasid === null) return doing.trace.refusal();
    const entry = device.table.get(pasid);
    if (!doing.trace.holds(R["sva-pasid-not-anothers"], entry === undefined || entry.mm === mm, () => ({ objects: [deviceRef(device.name), pasidRef(pasid)], note: entry ? `PASID ${pasid} of ${device.name} leads to ${entry.mm ? mmRef(entry.mm).label : "the kernel"}.` : "" }))) return doing.trace.refusal();
    const old = world.bindingsOf(mm)[0];
    const there = old?.devices.get(device.name);
    if (there) {
      there.users++;
      doing.effect("users", () => ({ objects: [deviceRef(device.name), pasidRef(pasid)], text: `${device.name} is bound already; that makes ${there.users}.` }));
      return { errno: "OK", ret: { pasid } };
    }
    // The mm keeps its number even if one of these fails.
    if (!old && !succeeds(scene, request, "domain")) return doing.trace.refusal();
    if (!succeeds(scene, request, "attach")) return doing.trace.refusal();
    const binding = old ?? new Binding(world.nextName("SVA domain"), mm, pasid, false);
    if (!old) {
      registerNotifier(scene, mm);
      world.bindings.push(binding);
    }
    programEntry(scene, device, pasid, mm);
    binding.devices.set(device.name, { users: 1, ops: request.ops });
    return { errno: "OK", ret: { pasid } };
  }

  /** iommu_alloc_mm_data: what the mm has, if the device reaches that far, or a new number. */
  private pasidFor(scene: Scene, request: BindRequest, mm: MmStruct): number | null {
    const { device } = request;
    const { doing } = scene;
    const { pasid } = mm;
    if (pasid !== null) {
      return doing.trace.holds(R["sva-pasid-in-range"], pasid < device.maxPasids, () => ({ objects: [mmRef(mm), pasidRef(pasid)], note: `The mm has PASID ${pasid}; ${device.name} takes 1–${device.maxPasids - 1}.` })) ? pasid : null;
    }
    if (!succeeds(scene, request, "memory")) return null;
    const id = this.globalPasid(scene, device, mm);
    if (!doing.trace.holds(R["sva-pasid-to-be-had"], id !== null, () => ({ note: id === null ? `No PASID of 1–${device.maxPasids - 1} is free.` : `PASID ${id}.` }), "ENOSPC")) return null;
    mm.pasid = id;
    doing.effect("set", () => ({ objects: [mmRef(mm), pasidRef(id as number)], text: `The mm of ${mm.name} keeps PASID ${id} until it goes.` }));
    return id;
  }

  private globalPasid(scene: Scene, device: Device, mm: MmStruct): number | null {
    return device.maxPasids === 0 ? null : takeId(scene, 1, device.maxPasids - 1, mmRef(mm).label);
  }

  lastUnbind(scene: Scene, { mm }: Binding): void {
    unregisterNotifier(scene, mm);
  }

  addressSpaceGone(): void {}

  structureGone(scene: Scene, mm: MmStruct): void {
    dropPasid(scene, mm, "because its mm goes");
  }

  forked(): void {}

  generalProtection(scene: Scene, process: Process, thread: Thread): boolean {
    return lazyMsr(scene, process, thread);
  }

  threadStarted(): void {}

  pasidJson(mm: MmStruct): Json {
    return mm.pasid === null ? null : { pasid: mm.pasid };
  }
}
