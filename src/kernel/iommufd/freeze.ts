/** Keeping pinned pages what they are while the process's addresses change behind them: munmap, exit. */
import { add, alignDown, lastOf, lengthOf, U64_MAX, type U64 } from "../../base/u64.ts";
import { PAGE_SIZE } from "../memory/buffers.ts";
import type { Area } from "../ranges/area-store.ts";
import type { Context } from "./context.ts";
import type { Iommufd } from "./iommufd.ts";
import type { IoPagetable } from "./io-pagetable.ts";

/** Remembers the frames of all pinned pages whose addresses in `process` lie in [va, va + length). */
export function freezePinned(iommufd: Iommufd, process: number, va: U64, length: U64): void {
  // Where every address is good, none ever changes.
  if (!iommufd.memory.buffers) return;
  const last = lastOf(va, length);
  for (const context of iommufd.contexts) {
    if (process === 0) for (const ioas of context.of("IOAS")) if (ioas.table.domains.length > 0) makeObjects(context, ioas.table, va, last);
    for (const pages of context.pages.all.values()) {
      if (pages.process !== process) continue;
      for (const span of pages.pinned()) {
        for (let index = span.first; index <= span.last; index++) {
          const at = add(pages.uptr, index * PAGE_SIZE);
          if (at < alignDown(va, PAGE_SIZE) || at > last || pages.frozen.has(index)) continue;
          const frame = iommufd.memory.frameAt(process, at);
          if (frame !== null) pages.frozen.set(index, frame);
        }
      }
    }
  }
}

/** Plain areas over these addresses get an object, so that there is a place to remember frames. */
function makeObjects(context: Context, table: IoPagetable, va: U64, last: U64): void {
  const found: Area[] = [];
  table.areas.each(0, U64_MAX, (area) => {
    if (area.ref === 0 && alignDown(area.va, PAGE_SIZE) <= last && add(area.va, lengthOf(area.first, area.last)) > va) found.push(area);
    return true;
  });
  for (const area of found) context.pages.of(table, area);
}
