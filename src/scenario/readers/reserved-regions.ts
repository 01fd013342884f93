/**
 * /sys/kernel/iommu_groups/N/reserved_regions in every way people print it: cat, grep (also relative, or by device),
 * tail and head banners, for-loops that echo the name, more. Grammar: formats.md section (a).
 */
import { deviceName, type Facts, type RegionFact } from "./facts.ts";
import { hexNumber } from "./numbers.ts";
import { anyOf } from "./literals.ts";
import { ignored, USED, type Reader, type Session, type Taken } from "./reader.ts";

const CORE = "(0x[0-9a-f]{1,16})\\s+(0x[0-9a-f]{1,16})\\s+(direct-relaxable|direct|reserved|msi)";
const PLAIN = new RegExp(`^\\s*${CORE}\\s*$`);
const BY_GROUP = new RegExp(`^\\s*(?:\\S*/)?(\\d+)/reserved_regions:\\s*${CORE}\\s*$`);
const BY_DEVICE = new RegExp(`^\\s*\\S*?([0-9a-f]{4}\\\\?:[0-9a-f]{2}\\\\?:[0-9a-f]{2}\\.[0-7])/iommu_group/reserved_regions:\\s*${CORE}\\s*$`);
const BANNER = /^==> (\S*) <==$/;
const MORE = /^:{10,}$/;
/** A name on its own line, or the command that was typed; anything may stand before a prompt sign. */
const HEADER = /^(?:.*[#$%] ?)?(?:(?:sudo )?(?:cat|head|tail|more|less|grep)(?: -\S+)*(?: (?:\.|''|""))? )?(\S*iommu_groups?\/\S*|\S*reserved_regions):?\s*$/;
/** Of the names under iommu_groups, those that are about members and lists. */
const OURS = /reserved_regions|iommu_groups\/(?:\d+|\*)\/?:?$|iommu_groups\/\d+\/devices\//;
/** A typed command that tells no name by itself: globs, loops. */
const COMMAND = /^(?:.*[#$%] ?)?(?:for |sudo |cd |find |grep |ls |head |tail |cat ).*(?:reserved_regions|iommu_groups?)/;
const BDF = /([0-9a-f]{4}\\?:[0-9a-f]{2}\\?:[0-9a-f]{2}\.[0-7])/;

type Owner = { group: number } | { device: string };

class ReservedRegions implements Session {
  private readonly facts: Facts;
  private owner: Owner | null = null;
  /** The loose list being read: a start that goes down begins the next group's. */
  private loose: RegionFact[] | null = null;

  constructor(facts: Facts) {
    this.facts = facts;
  }

  take(line: string): Taken | null {
    const grepped = BY_GROUP.exec(line);
    if (grepped) return this.add({ group: Number(grepped[1]) }, grepped, 2);
    const byDevice = BY_DEVICE.exec(line);
    if (byDevice) return this.add({ device: (byDevice[1] as string).replaceAll("\\", "") }, byDevice, 2);
    const plain = PLAIN.exec(line);
    if (plain) return this.add(this.owner, plain, 1);
    if (MORE.test(line)) return ignored("a banner");
    const name = BANNER.exec(line)?.[1] ?? HEADER.exec(line)?.[1];
    if (name !== undefined && OURS.test(name)) return this.header(name);
    if (COMMAND.test(line)) {
      this.owner = this.loose = null;
      return ignored("a typed command");
    }
    return null;
  }

  private header(name: string): Taken {
    this.loose = null;
    const device = BDF.exec(name)?.[1];
    const group = /iommu_groups\/(\d+)(?:\/|$|:)/.exec(name)?.[1] ?? /(?:^|\/)(\d+)\/reserved_regions/.exec(name)?.[1];
    if (device !== undefined && group !== undefined) {
      this.facts.join(device.replaceAll("\\", ""), Number(group));
      this.owner = null;
      return USED;
    }
    this.owner = device !== undefined ? { device: device.replaceAll("\\", "") } : group !== undefined ? { group: Number(group) } : null;
    // A name with nothing under it is a list too: an empty one.
    if (this.owner && "group" in this.owner && /reserved_regions|:$/.test(name)) this.facts.group(this.owner.group).regions ??= [];
    return USED;
  }

  private add(owner: Owner | null, match: RegExpExecArray, at: number): Taken {
    const region: RegionFact = { first: hexNumber(match[at]), last: hexNumber(match[at + 1]), type: match[at + 2] as RegionFact["type"] };
    if (region.last < region.first) return ignored("a range that ends before it starts");
    const list = this.listOf(owner, region);
    const known = list.some((other) => other.first === region.first && other.last === region.last && other.type === region.type);
    if (!known) list.push(region);
    return USED;
  }

  private listOf(owner: Owner | null, region: RegionFact): RegionFact[] {
    if (owner && "group" in owner) return (this.facts.group(owner.group).regions ??= []);
    if (owner) return (this.facts.device(deviceName(owner.device)).regions ??= []);
    const before = this.loose?.at(-1);
    if (!this.loose || (before && region.first <= before.first)) this.facts.loose.push((this.loose = []));
    return this.loose;
  }
}

export const reservedRegionsReader: Reader = {
  format: "reserved_regions",
  needs: [anyOf([PLAIN, MORE, /reserved_regions|iommu_group/])],
  open: (facts) => new ReservedRegions(facts),
};
