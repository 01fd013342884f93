/** What the host and the header of a scenario are guessed from: its calls in order, each looked at once. */
import { add, parseU64, sub, type U64 } from "../../base/u64.ts";
import type { ScenarioCall } from "../scenario.ts";
import { isMap, sizeOf } from "./call-kinds.ts";

/** Memory that QEMU on AMD hosts keeps free; see platform.ts. */
const HYPERTRANSPORT = { first: 0xfd_0000_0000, last: 0xff_ffff_ffff };
const GIBIBYTE = 0x4000_0000;
/** IOMMU_HWPT_ALLOC_NEST_PARENT and _DIRTY_TRACKING: hardware in scalable mode has them. */
const SCALABLE_FLAGS = 3;

export class Tally {
  usesIommufd = false;
  usesContainer = false;
  /** A page table was made that only scalable mode has. */
  scalable = false;
  /** The kernel refused to set the IOMMU with EPERM. */
  interruptsRefused = false;
  /** Last byte of the highest range that was mapped. */
  highest: U64 = 0;
  /** A map reached the HyperTransport hole, or began behind it: before one at 1 GiB, or after. */
  reachesHole: { early: boolean; late: boolean } = { early: false, late: false };
  fromGibibyte = false;
  belowGibibyte = false;

  take(step: ScenarioCall): void {
    const { call, recorded } = step;
    this.takeName(call);
    if (call === "IOMMU_HWPT_ALLOC" && recorded?.errno === "OK" && (Number(step.in.flags) & SCALABLE_FLAGS) !== 0) this.scalable = true;
    if (call === "VFIO_SET_IOMMU" && recorded?.errno === "EPERM") this.interruptsRefused = true;
    if (!isMap(step)) return;
    const first = parseU64(step.in.iova);
    const size = parseU64(sizeOf(step));
    if (first === null || size === null) return;
    this.takeMap(first, size, recorded?.failed === true || (recorded?.errno !== undefined && recorded.errno !== "OK"));
  }

  /** What a call's name alone says. */
  takeName(call: string): void {
    if (call.startsWith("IOMMU_") || call === "VFIO_DEVICE_BIND_IOMMUFD") this.usesIommufd = true;
    if (call.startsWith("VFIO_GROUP_") || call === "VFIO_CONTAINER_OPEN") this.usesContainer = true;
  }

  /** What the range of a map says; its size is in bytes. */
  takeMap(first: U64, size: U64, failed: boolean): void {
    if (size === 0) return;
    const last = sub(add(first, size), 1);
    if (!failed && last > this.highest) this.highest = last;
    // Where QEMU moves memory that would reach the hole.
    if (first === HYPERTRANSPORT.last + 1 || (failed && first < HYPERTRANSPORT.first && last >= HYPERTRANSPORT.first)) this.reachesHole[this.fromGibibyte ? "late" : "early"] = true;
    if (first === GIBIBYTE) this.fromGibibyte = true;
    if (first < GIBIBYTE) this.belowGibibyte = true;
  }
}
