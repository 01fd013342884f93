/** The two counters of an address space, and what ends with them. */
import { deviceRef, mmRef, pasidRef, type MmStruct } from "./world.ts";
import type { Scene } from "./era.ts";

export function grabMm({ doing }: Scene, mm: MmStruct, who: string): void {
  mm.count++;
  doing.effect("users", () => ({ objects: [mmRef(mm)], text: `${who} holds the mm of ${mm.name}: count ${mm.count}.` }));
}

/** mmdrop: at zero the structure itself goes (__mmdrop). */
export function dropMm(scene: Scene, mm: MmStruct, who: string): void {
  mm.count--;
  scene.doing.effect("users", () => ({ objects: [mmRef(mm)], text: `${who} lets the mm of ${mm.name} go: count ${mm.count}.` }));
  if (mm.count > 0) return;
  scene.era.structureGone(scene, mm);
  mm.freed = true;
  scene.doing.effect("destroy", () => ({ objects: [mmRef(mm)], text: `The mm of ${mm.name} is freed (__mmdrop).` }));
}

/** mmput, once per user that leaves: at zero the address space goes (__mmput). */
export function putMm(scene: Scene, mm: MmStruct, leaving: number, who: string): void {
  mm.users -= leaving;
  scene.doing.effect("users", () => ({ objects: [mmRef(mm)], text: `${who} ${leaving === 1 ? "leaves" : "leave"} the address space of ${mm.name}: users ${mm.users}.` }));
  if (mm.users > 0) return;
  mm.torn = true;
  scene.doing.effect("memory", () => ({ objects: [mmRef(mm)], text: `The address space of ${mm.name} is torn down (__mmput).` }));
  releaseNotifiers(scene, mm);
  scene.era.addressSpaceGone(scene, mm);
  dropMm(scene, mm, "The address space");
}

/** The MMU notifiers' release: devices must not walk page tables that are about to go. */
function releaseNotifiers({ world, doing }: Scene, mm: MmStruct): void {
  for (const binding of world.bindingsOf(mm)) {
    for (const name of binding.devices.keys()) {
      const device = world.device(name);
      if (device.table.get(binding.pasid)?.mm !== mm) continue;
      device.table.delete(binding.pasid);
      doing.effect("detach", () => ({ objects: [deviceRef(name), pasidRef(binding.pasid)], text: `${name}: the entry of PASID ${binding.pasid} is cleared and flushed; a request that comes now faults.` }));
    }
  }
}
