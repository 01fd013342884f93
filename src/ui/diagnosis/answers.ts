/** What a person says where the inputs are silent. */
import { GIB, type MachineType } from "../../scenario/layout/guest.ts";
import { noOptions } from "../../scenario/layout/options.ts";
import type { PlatformSpec } from "../../scenario/scenario.ts";
import type { Clues } from "../../engine/views.ts";

export interface Answers {
  /** GiB. */
  ram: number | null;
  machine: MachineType | null;
  /** Name of the device that is given away. */
  device: string | null;
  /** The host was named: what it is usually like counts as told. */
  host: boolean;
}

export const NOTHING_SAID: Answers = { ram: null, machine: null, device: null, host: false };

/** Hosts that people have, by what they would call them. */
export const HOSTS: readonly { name: string; spec: Pick<PlatformSpec, "kind" | "address_bits"> }[] = [
  { name: "Intel, desktop or laptop (39 bits)", spec: { kind: "intel-vtd", address_bits: 39 } },
  { name: "Intel, server (46 bits)", spec: { kind: "intel-vtd", address_bits: 46 } },
  { name: "Intel, server (48 bits)", spec: { kind: "intel-vtd", address_bits: 48 } },
  { name: "Intel, server (57 bits)", spec: { kind: "intel-vtd", address_bits: 57 } },
  { name: "AMD", spec: { kind: "amd-vi" } },
  { name: "Arm, SMMUv3", spec: { kind: "arm-smmuv3" } },
  { name: "a virtual machine (virtio-iommu)", spec: { kind: "virtio-iommu" } },
];

/** The same devices on another host, each with what such a host usually reserves. */
export function onHost(platform: PlatformSpec, spec: Pick<PlatformSpec, "kind" | "address_bits">): PlatformSpec {
  const { guessed: _guessed, address_bits: _bits, kind: _kind, ...rest } = platform;
  return { ...rest, ...spec };
}

/** What the inputs and the person say together. */
export function answered(clues: Clues, { ram, machine, device, host }: Answers): Clues {
  const options = ram === null && machine === null ? clues.options : { ...(clues.options ?? noOptions()) };
  if (options && options !== clues.options) options.guest = { ...options.guest, ...(ram !== null && { ram: ram * GIB }), ...(machine !== null && { machine }) };
  return {
    ...clues, options, assigned: device === null ? clues.assigned : [device],
    known: host ? { ...clues.known, width: true } : clues.known,
  };
}
