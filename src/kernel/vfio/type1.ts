/** A type1 container: the core that both families of calls and both variants work on (struct vfio_iommu). */
import { addWrap, alignDown, bitAnd, bitOr, hex, lowestBit, maskLow, U64_MAX, type U64 } from "../../base/u64.ts";
import type { JsonObject } from "../../base/json.ts";
import type { ObjectRef, Range } from "../answer.ts";
import type { ReservedRegion } from "../config.ts";
import type { Accounting } from "../memory/accounting.ts";
import type { AreaJournal } from "../ranges/area-recorder.ts";
import { type Dma, type DmaRequest, newDma } from "./dma.ts";
import { Mappings } from "./mappings.ts";
import { pagesIn } from "./pinning.ts";
import { rangeOf } from "./refs.ts";

/** An iommu group as type1 sees it. */
export interface Group {
  name: string;
  /** Stands for mdev and the like: has no IOMMU of its own. */
  emulated: boolean;
  /** What a domain made for this group would be. */
  aperture: Range;
  pageSizes: U64;
  /** Domains with the same driver may be shared. */
  driver: string;
  enforceCoherency: boolean;
  interruptRemapping: boolean;
  nesting: boolean;
  /** Regions as the group reports them: sorted, merged. */
  regions: ReservedRegion[];
  /** Which device (or the group itself) each region comes from, unmerged. */
  holes: { region: ReservedRegion; owner: ObjectRef }[];
  /** A region because of which the IOMMU driver itself refuses the group (VT-d up to 6.5). */
  lockedBy: ReservedRegion | null;
}

/** An IOMMU page table and the groups behind it (struct vfio_domain). */
export interface Domain {
  number: number;
  aperture: Range;
  pageSizes: U64;
  driver: string;
  coherent: boolean;
  /** Newest first. */
  groups: Group[];
  /** What stayed in the hardware though its mapping is gone: ranges that end with the last byte of the space. */
  leftovers: Range[];
}

export class Type1 {
  readonly number: number;
  readonly v2: boolean;
  readonly nesting: boolean;
  /** Bytes of a CPU page. */
  readonly cpuPage: number;
  readonly entryLimit: number;
  /** The valid windows; empty means that nothing is restricted. */
  list: readonly Range[] = [];
  readonly mappings: Mappings;
  /** Newest first. */
  domains: Domain[] = [];
  /** Newest first. */
  emulated: Group[] = [];
  /** Bit n set: every domain maps pages of 2^n bytes. */
  pageSizes: U64 = 0;
  /** The smallest page, bytes. */
  page: U64 = 0;
  /** How many mappings may still be made. */
  dmaAvail: number;
  /** Mappings that wait for a new address. */
  pendingVaddrs = 0;
  dirtyTracking = false;
  nextDomain = 0;
  /** Where pinned pages are counted as locked; null where memory is not modelled. */
  private readonly accounting: Accounting | null;

  constructor(number: number, options: { v2: boolean; nesting: boolean; cpuPage: number; entryLimit: number; accounting: Accounting | null; journal: AreaJournal }) {
    this.number = number;
    this.accounting = options.accounting;
    this.mappings = Mappings.of(options.journal);
    this.v2 = options.v2;
    this.nesting = options.nesting;
    this.cpuPage = options.cpuPage;
    this.entryLimit = options.entryLimit;
    this.dmaAvail = options.entryLimit;
    this.refreshPageSizes();
  }

  /** Recomputes what page sizes all domains share; anything below a CPU page counts as a CPU page (vfio_update_pgsize_bitmap). */
  refreshPageSizes(): void {
    let bits: U64 = U64_MAX;
    for (const domain of this.domains) bits = bitAnd(bits, domain.pageSizes);
    if (maskLow(bits, this.cpuPage) !== 0) bits = bitOr(alignDown(bits, this.cpuPage), this.cpuPage);
    this.pageSizes = bits;
    // With no page size in common the kernel shifts by an undefined count, which on x86 comes out as one byte.
    this.page = bits === 0 ? 1 : lowestBit(bits);
  }

  /** Every group with an IOMMU, newest domain first. */
  groups(): Group[] {
    return this.domains.flatMap((domain) => domain.groups);
  }

  domainOf(name: string): Domain | null {
    return this.domains.find((domain) => domain.groups.some((group) => group.name === name)) ?? null;
  }

  knows(name: string): boolean {
    return this.emulated.some((group) => group.name === name) || this.domainOf(name) !== null;
  }

  /** A mapping that the kernel's overlap test finds in an inclusive range. */
  overlapping(range: Range): Dma | null {
    return this.mappings.find(range.first, addWrap(range.last, 1));
  }

  addMapping(request: DmaRequest): Dma {
    const dma = newDma(request, this.domains.length > 0);
    this.mappings.insert(dma);
    this.dmaAvail--;
    return dma;
  }

  /** Forgets a mapping and takes it out of every domain (vfio_remove_dma). */
  removeMapping(dma: Dma): void {
    const [first] = this.domains;
    // The loop over the first domain's pages compares with an end of 0 here and never runs.
    if (first && dma.end === 0 && holds(first, dma)) first.leftovers.push(rangeOf(dma));
    if (dma.mapped) this.accounting?.charge("mm", dma.process, -pagesIn(dma.size));
    this.mappings.remove(dma);
    this.dmaAvail++;
    if (dma.vaddrInvalid) this.pendingVaddrs--;
  }

  removeAllMappings(): void {
    for (let dma = this.mappings.first(); dma; dma = this.mappings.first()) this.removeMapping(dma);
  }

  /** What the hardware of a domain holds, ascending, neighbours joined. */
  hardware(domain: Domain): Range[] {
    const held = [...domain.leftovers];
    for (const dma of this.mappings.all()) if (holds(domain, dma)) held.push(rangeOf(dma));
    held.sort((one, other) => (one.first < other.first ? -1 : one.first > other.first ? 1 : 0));
    const joined: Range[] = [];
    for (const range of held) {
      const top = joined.at(-1);
      if (top && addWrap(top.last, 1) === range.first && range.first !== 0) top.last = range.last;
      else joined.push({ ...range });
    }
    return joined;
  }

  /** The state in the shape that recordings have. */
  state(): JsonObject {
    return {
      iova: this.list.map(pair),
      dma: [...this.mappings.all()].map(dmaJson),
      domains: this.domains.map((domain) => ({
        groups: domain.groups.map((group) => group.name),
        aperture: pair(domain.aperture),
        pgsize_bitmap: hex(domain.pageSizes),
        hw: this.hardware(domain).map(pair),
      })),
      emulated: this.emulated.map((group) => group.name),
      pgsize_bitmap: hex(this.pageSizes),
      dma_avail: this.dmaAvail,
    };
  }
}

/** Is the mapping in the domain's hardware? */
export function holds(domain: Domain, dma: Dma): boolean {
  return dma.mapped && !dma.missingIn.includes(domain.number);
}

function pair(range: Range): [string, string] {
  return [hex(range.first), hex(range.last)];
}

function dmaJson(dma: Dma): JsonObject {
  const json: JsonObject = {
    iova: hex(dma.iova), size: hex(dma.size), vaddr: hex(dma.vaddr), prot: (dma.readable ? "r" : "") + (dma.writable ? "w" : ""),
  };
  if (!dma.mapped) json.mapped = false;
  if (dma.vaddrInvalid) json.vaddr_invalid = true;
  return json;
}
