import type { Json } from "../base/json.ts";
import type { HostDevice, MachineConfig } from "./config.ts";

/** Who owns the DMA of an iommu group; a group has one owner at a time. */
export type GroupOwner = { by: "iommufd"; context: number } | { by: "container"; container: number } | { by: "host" };

interface Claim {
  owner: GroupOwner;
  /** How many times this owner has claimed: one per bound device, one for a container. */
  count: number;
}

/** What the subsystems share of the host: its iommu groups, and who owns the DMA of each. */
export class Host {
  readonly config: MachineConfig;
  private readonly claims = new Map<number, Claim>();
  /** Groups whose /dev/vfio/N is open. While it is, no device of the group can be bound through its cdev, and the other way round. */
  private readonly groupFiles = new Set<number>();

  constructor(config: MachineConfig) {
    this.config = config;
  }

  devicesOf(group: number): readonly HostDevice[] {
    return membersOf(this.config.platform.devices).get(group) ?? [];
  }

  /** The members of a group that a host driver still uses: they make the group not viable. */
  hostDevicesOf(group: number): HostDevice[] {
    return this.devicesOf(group).filter((device) => device.boundToHost);
  }

  /** Who owns the group's DMA now; null when nobody does. */
  ownerOf(group: number): GroupOwner | null {
    const claim = this.claims.get(group);
    if (claim) return claim.owner;
    return this.hostDevicesOf(group).length > 0 ? { by: "host" } : null;
  }

  /** Would claimGroup succeed? An owner may claim again (another device of the group); a second owner may not. */
  canClaimGroup(group: number, owner: GroupOwner): boolean {
    const current = this.ownerOf(group);
    return current === null || isSameOwner(current, owner);
  }

  /** Takes the DMA of a group (iommu_group_claim_dma_owner, iommu_device_claim_dma_owner). False: another owner has it, nothing changed. */
  claimGroup(group: number, owner: GroupOwner): boolean {
    if (!this.canClaimGroup(group, owner)) return false;
    const claim = this.claims.get(group);
    if (claim) claim.count++;
    else this.claims.set(group, { owner, count: 1 });
    return true;
  }

  /** Gives back one claim; the last one frees the group. */
  releaseGroup(group: number): void {
    const claim = this.claims.get(group);
    if (!claim) return;
    claim.count--;
    if (claim.count === 0) this.claims.delete(group);
  }

  isGroupFileOpen(group: number): boolean {
    return this.groupFiles.has(group);
  }

  openGroupFile(group: number): void {
    this.groupFiles.add(group);
  }

  closeGroupFile(group: number): void {
    this.groupFiles.delete(group);
  }

  state(): Json {
    const owners: [string, Json][] = [...this.claims].map(([group, claim]) => [`group ${group}`, { ...claim.owner, claims: claim.count }]);
    return { owners: Object.fromEntries(owners), open_group_files: [...this.groupFiles] };
  }
}

function isSameOwner(one: GroupOwner, other: GroupOwner): boolean {
  if (one.by === "iommufd" && other.by === "iommufd") return one.context === other.context;
  if (one.by === "container" && other.by === "container") return one.container === other.container;
  return one.by === other.by;
}

/** A host's devices by group. Platforms do not change, so each is sorted once. */
const sorted = new WeakMap<readonly HostDevice[], Map<number, HostDevice[]>>();

function membersOf(devices: readonly HostDevice[]): Map<number, HostDevice[]> {
  const known = sorted.get(devices);
  if (known) return known;
  const groups = new Map<number, HostDevice[]>();
  for (const device of devices) {
    const members = groups.get(device.group);
    if (members) members.push(device);
    else groups.set(device.group, [device]);
  }
  sorted.set(devices, groups);
  return groups;
}
