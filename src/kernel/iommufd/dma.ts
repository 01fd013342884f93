/** A device's own access to memory, translated as its page table says. */
import { add, maskLow, type U64 } from "../../base/u64.ts";
import { PAGE_SIZE, type Frame } from "../memory/buffers.ts";
import { pagingOf } from "./device.ts";
import type { Iommufd } from "./iommufd.ts";
import { vaAt } from "./map.ts";
import type { Device, HwptPaging } from "./objects.ts";
import { WRITABLE } from "./pages.ts";
import { frameBehind } from "./pin.ts";

/**
 * Moves `bytes` to memory at `iova` (`toMemory`) or from it; each page is translated by itself. Where the IOMMU refuses, a
 * write is lost and a read gives zeros. Returns how many bytes got through. A write-only mapping can be read: VT-d's
 * second-level entries always allow it.
 */
export function deviceDma(iommufd: Iommufd, device: Device, iova: U64, bytes: Uint8Array, toMemory: boolean): number {
  const { hwpt } = device.group;
  const paging = hwpt && device.group.attached.length > 0 ? pagingOf(hwpt) : null;
  let through = 0;
  for (let done = 0; done < bytes.length; ) {
    const at = add(iova, done);
    const offset = Number(maskLow(at, PAGE_SIZE));
    const part = Math.min(bytes.length - done, PAGE_SIZE - offset);
    const target = paging ? translate(iommufd, paging, at, toMemory) : null;
    if (target) {
      if (toMemory) iommufd.memory.writeFrame(target.frame, target.offset, bytes.subarray(done, done + part));
      else bytes.set(iommufd.memory.readFrame(target.frame, target.offset, part), done);
      through += part;
    } else if (!toMemory) bytes.fill(0, done, done + part);
    done += part;
  }
  return through;
}

function translate(iommufd: Iommufd, paging: HwptPaging, iova: U64, write: boolean): { frame: Frame; offset: number } | null {
  const area = paging.ioas.table.areas.at(iova);
  if (!area || (write && (area.flags & WRITABLE) === 0)) return null;
  const va = vaAt(area, iova);
  const frame = frameBehind(iommufd, paging.context, area, va);
  return frame === null ? null : { frame, offset: Number(maskLow(va, PAGE_SIZE)) };
}
