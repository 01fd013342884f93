/** Small scenarios for the tests of this room and of the terminal. */
import type { Scenario, ScenarioCall } from "../scenario/scenario.ts";

const PAGE = 0x1000;

export function hexOf(value: number): string {
  return `0x${value.toString(16)}`;
}

export function attach(group: string, last = "0x7fffffffff"): ScenarioCall {
  const msi = { start: "0xfee00000", end: "0xfeefffff", type: "msi" };
  return {
    call: "attach_group",
    in: { group, aperture: { start: "0x0", end: last }, pgsize_bitmap: "0x40201000", resv: [msi], ops: "iommuA", enforce_cc: true, intr_remap: true },
  };
}

export function map(iova: number, size: number = PAGE): ScenarioCall {
  return { call: "map_dma", in: { iova: hexOf(iova), size: hexOf(size), vaddr: "0x10000000", flags: ["read", "write"] } };
}

export function unmap(iova: number, size: number = PAGE): ScenarioCall {
  return { call: "unmap_dma", in: { iova: hexOf(iova), size: hexOf(size), flags: [] } };
}

/** A type1 container with one group on a 39-bit IOMMU, and the calls given. */
export function type1(calls: ScenarioCall[]): Scenario {
  return { title: "a container", platform: { kind: "none" }, trace: "vfio-type1", calls: [attach("g1"), ...calls] };
}

/** Maps and unmaps that come and go, with refusals among them; the same in every run. */
export function busy(count: number): Scenario {
  const calls: ScenarioCall[] = [];
  for (let index = 0; index < count; index++) {
    const place = ((index * 7919) % 97) * PAGE;
    calls.push(index % 3 === 2 ? unmap(place) : map(place));
  }
  return type1(calls);
}
