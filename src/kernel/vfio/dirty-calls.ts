/** VFIO_IOMMU_DIRTY_PAGES: only type1 answers it. */
import { defineCall, type CallDef } from "../call.ts";
import { flags, iova, length, orElse, u32, u64 } from "../fields.ts";
import { vfioRules as R } from "../rules/vfio.ts";
import { backendOf } from "./container-calls.ts";
import { bitmapFits, dirtyPages } from "./dirty.ts";
import { containerRef } from "./refs.ts";

const START = 1;
const STOP = 2;
const GET_BITMAP = 4;
const MIN = 8;

export const dirtyCalls: readonly CallDef[] = [
  defineCall("VFIO_IOMMU_DIRTY_PAGES", {
    subsystem: "vfio", summary: "Starts or stops dirty tracking, or reads which pages a device may have written.",
    in: {
      argsz: orElse(u32, 64), flags, iova: orElse(iova, 0), size: orElse(length, 0), bitmap_pgsize: orElse(u64, 4096), bitmap_size: orElse(u64, 2 ** 28), container: orElse(u32, 1),
    },
    order: [R["dirty-pages-ioctl"], R["no-iommu-set"], R["dirty-needs-v2"], R["dma-argsz"], R["dirty-one-action"], R["dirty-range"], R["dirty-tracking-started"], R["dirty-cuts-mapping"]],
  }, (machine, fields, trace) => {
    if (!trace.holds(R["dirty-pages-ioctl"], machine.config.container === "type1")) return trace.refusal();
    const iommu = backendOf(machine, fields.container, trace);
    if (!iommu) return trace.refusal();
    if (!trace.holds(R["dirty-needs-v2"], iommu.v2, () => ({ objects: [containerRef(iommu.number)] }))) return trace.refusal();
    if (!trace.holds(R["dma-argsz"], fields.argsz >= MIN, () => ({ fn: "vfio_iommu_type1_dirty_pages" }))) return trace.refusal();
    const action = fields.flags;
    if (!trace.holds(R["dirty-one-action"], action === START || action === STOP || action === GET_BITMAP, () => ({ note: `flags 0x${action.toString(16)}` }))) return trace.refusal();
    if (action !== GET_BITMAP) {
      iommu.dirtyTracking = action === START;
      trace.effect("dirty", () => ({ objects: [containerRef(iommu.number)], text: `dirty tracking is ${iommu.dirtyTracking ? "on" : "off"}` }));
      return { errno: "OK" };
    }
    const pages = fields.bitmap_pgsize === 0 ? 0 : Number(BigInt(fields.size) / BigInt(fields.bitmap_pgsize));
    if (!trace.holds(R["unmap-dirty-bitmap-size"], bitmapFits(pages, fields.bitmap_size))) return trace.refusal();
    const set_count = dirtyPages(iommu, fields.iova, fields.size, fields.bitmap_pgsize, trace);
    if (set_count === null) return trace.refusal();
    trace.effect("dirty", () => ({ objects: [containerRef(iommu.number)], text: "type1 gets no help from the hardware: every page that is mapped counts as dirty" }));
    return { errno: "OK", out: { set_count } };
  }),
];
