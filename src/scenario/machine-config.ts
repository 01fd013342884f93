import { parseU64, type U64 } from "../base/u64.ts";
import { ensure } from "../base/assert.ts";
import type { HostDevice, MachineConfig, Platform, Variants } from "../kernel/config.ts";
import { makePlatform, profileOf } from "../kernel/platform/platform.ts";
import type { AnyScenario, DeviceSpec, PlatformSpec, RegionSpec } from "./scenario.ts";

const DEFAULT_VARIANTS: Variants = { iommufd: "merged", vfio: "merged", ioasid: "mainline-6.1", mm: "E4-fixed" };

function address(text: string): U64 {
  return ensure(parseU64(text), `64-bit value "${text}"`);
}

function regions(specs: RegionSpec[]): HostDevice["regions"] {
  return specs.map((spec) => ({ first: address(spec.start), last: address(spec.last), type: spec.type, label: spec.label }));
}

function device(spec: DeviceSpec, common: Platform["commonRegions"], index: number): HostDevice {
  return {
    name: spec.name, group: spec.group, vfio: spec.vfio ?? index, model: spec.model, boundToHost: spec.bound_to_host,
    regions: spec.regions ? regions(spec.regions) : [...common], regionCount: 9, irqCount: 5,
  };
}

/** The platform that a scenario describes. */
export function platformOf(spec: PlatformSpec): Platform {
  const common = profileOf(spec.kind, spec.address_bits).commonRegions;
  const devices = spec.devices?.map((entry, index) => device(entry, common, index));
  const platform = makePlatform(spec.kind, { addressBits: spec.address_bits, devices });
  return {
    ...platform, guessed: spec.guessed ?? false, interruptRemapping: spec.interrupt_remapping ?? platform.interruptRemapping,
    dirtyTracking: spec.dirty_tracking ?? platform.dirtyTracking,
  };
}

/** The machine a scenario starts from. The scenario has been validated: addresses are well formed. */
export function machineConfig(scenario: AnyScenario): MachineConfig {
  return {
    platform: platformOf(scenario.platform),
    variants: { ...DEFAULT_VARIANTS, ...scenario.variants },
    kernel: scenario.kernel ?? "6.12",
    pageSize: 4096,
    maxIovaAlignment: address(scenario.max_iova_alignment ?? "0x200000"),
    firstFd: scenario.first_fd ?? 4,
    buffers: scenario.buffers?.map((buffer) => ({ ...buffer, va: address(buffer.va), size: address(buffer.size) })) ?? null,
    processes: scenario.processes ?? 1,
    container: scenario.container ?? (scenario.trace === "vfio-type1" ? "type1" : "iommufd"),
    vfio: { api: scenario.api ?? "v2", dmaEntryLimit: scenario.dma_entry_limit ?? 65535 },
    ioasid: { pools: scenario.pools ?? [], ops: scenario.ops ?? [], nbs: scenario.nbs ?? [] },
  };
}
