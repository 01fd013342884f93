/** Scenarios to begin with. */
import { hex } from "../../base/u64.ts";
import type { Platform } from "../../kernel/config.ts";
import type { PlatformSpec, Scenario, TraceKind } from "../../scenario/scenario.ts";

/** A platform as scenarios describe it. */
export function specOfPlatform(platform: Platform): PlatformSpec {
  const isTest = platform.kind === "mock" || platform.kind === "none";
  return {
    kind: platform.kind, ...(!isTest && { address_bits: platform.addressBits, interrupt_remapping: platform.interruptRemapping }),
    ...(platform.devices.length > 0 && {
      devices: platform.devices.map(({ name, group, vfio, model, regions, boundToHost }) => ({
        name, group, ...(vfio !== undefined && { vfio }), ...(model !== undefined && { model }), ...(boundToHost && { bound_to_host: true }),
        regions: regions.map(({ first, last, type, label }) => ({ start: hex(first), last: hex(last), type, ...(label !== undefined && { label }) })),
      })),
    }),
  };
}

export const FAMILIES: readonly { trace: TraceKind; name: string; about: string }[] = [
  { trace: "iommufd", name: "iommufd", about: "IOASes, page tables, devices bound through their character devices." },
  { trace: "vfio-type1", name: "VFIO type1", about: "Containers, groups and the list of valid addresses." },
  { trace: "ioasid", name: "IOASID and PASID", about: "The allocator of IDs, custom allocators, the PASID of a process." },
];

/** A scenario without calls. */
export function blankScenario(title: string, trace: TraceKind, platform: PlatformSpec): Scenario {
  const scenario: Scenario = { title: title.trim() === "" ? "A scenario of my own" : title.trim(), trace, platform, calls: [] };
  if (trace !== "ioasid") return scenario;
  return { ...scenario, pools: [{ pool: "H1", lo: 1, hi: 100, mode: "next" }], ops: [{ ops: "A1", alloc: "F1", free: "F1", pool: "H1" }] };
}
