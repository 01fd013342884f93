/** Which device and group a log's words mean. A log often names only one of the two; what is guessed is noted as such. */
import type { Facts, RegionFact } from "../readers/facts.ts";

export interface RosterDevice {
  name: string;
  group: number;
  /** N of /dev/vfio/devices/vfioN. */
  vfio: number | null;
  /** The log does not say which group it is in. */
  groupGuessed: boolean;
  boundToHost: boolean;
}

/** What a log says of a device besides its name. */
interface Hint {
  vfio?: number;
  group?: number;
  /** The kernel refused to hand it out with EINVAL. */
  refused?: boolean;
}

export class Roster {
  readonly used: RosterDevice[] = [];
  private readonly facts: Facts;

  constructor(facts: Facts) {
    this.facts = facts;
  }

  /** The device of this name; without a name, the one device that the inputs know of, or a new one. */
  device(name: string | null, hint: Hint = {}): RosterDevice {
    const asked = name ?? this.likelyName(hint);
    const known = this.used.find((device) => (asked === null ? device.vfio !== null && device.vfio === hint.vfio : device.name === asked));
    if (known) {
      known.vfio ??= hint.vfio ?? null;
      return known;
    }
    const group = hint.group ?? (asked === null ? undefined : this.facts.devices.get(asked)?.group);
    const number = group ?? this.guessGroup(hint.refused ?? false);
    const device: RosterDevice = {
      name: asked ?? (hint.vfio === undefined ? nameOfGroup(number) : `vfio${hint.vfio}`), group: number, vfio: hint.vfio ?? null, groupGuessed: group === undefined, boundToHost: false,
    };
    this.used.push(device);
    return device;
  }

  /** Some device of a group that a log names only by number. */
  memberOf(group: number): RosterDevice {
    const known = this.used.find((device) => device.group === group && !device.boundToHost);
    if (known) return known;
    const [name] = this.facts.groups.get(group)?.devices ?? [];
    return this.device(name ?? nameOfGroup(group), { group });
  }

  /** Another member of the group that a host driver still holds: what makes a group not viable. */
  hostMemberOf(group: number, besides: string): void {
    const names = [...(this.facts.groups.get(group)?.devices ?? [])].filter((name) => name !== besides && !/^(?:vfio-pci|pcieport)$/.test(this.facts.devices.get(name)?.driver ?? ""));
    const name = names.find((candidate) => this.facts.devices.get(candidate)?.driver !== undefined) ?? names[0] ?? `another device of group ${group}`;
    const device = this.device(name, { group });
    device.boundToHost = true;
  }

  /** A name that some input gave to a device that this log only numbers. */
  private likelyName(hint: Hint): string | null {
    const named = [...this.facts.devices].filter(([, fact]) => hint.group === undefined || fact.group === hint.group);
    // One that this log named in another way, through its group say, and never by a number.
    const unnumbered = hint.vfio === undefined ? undefined : this.used.find((device) => device.vfio === null && !device.boundToHost);
    if (unnumbered) return unnumbered.name;
    const byNumber = named.find(([, fact]) => fact.vfio !== undefined && fact.vfio === hint.vfio);
    if (byNumber) return byNumber[0];
    const assigned = named.filter(([name, fact]) => (fact.driver === "vfio-pci" || this.facts.assigned.has(name)) && !this.used.some((device) => device.name === name));
    return assigned[0]?.[0] ?? null;
  }

  /**
   * A group of the listing for a device whose group nothing tells: of the groups with the commonest list of regions, the
   * lowest. Whichever it is, these groups answer alike. A device that was refused is rather in one with a direct region.
   */
  private guessGroup(refused: boolean): number {
    const strict = [...this.facts.groups].filter(([, group]) => group.regions?.some((region) => region.type === "direct")).map(([number]) => number);
    if (refused && strict.length > 0) return Math.min(...strict);
    const taken = new Set(this.used.map((device) => device.group));
    const classes = new Map<string, number[]>();
    for (const [number, group] of this.facts.groups) {
      if (group.regions === null || taken.has(number)) continue;
      if (group.regions.some((region) => region.type === "direct")) continue;
      const signature = signatureOf(group.regions);
      classes.set(signature, [...(classes.get(signature) ?? []), number]);
    }
    let best: number[] = [];
    for (const members of classes.values()) if (members.length > best.length) best = members;
    if (best.length > 0) return Math.min(...best);
    let number = 1;
    while (this.facts.groups.has(number) || taken.has(number)) number++;
    return number;
  }
}

export function nameOfGroup(group: number): string {
  return `group ${group}`;
}

function signatureOf(regions: RegionFact[]): string {
  return regions.map((region) => `${region.first}-${region.last} ${region.type}`).sort().join();
}
