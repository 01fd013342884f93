/**
 * The mappings of a type1 container. The kernel keeps them in a red-black tree, but as long as none of them ever ended with the last
 * byte of the space they don't overlap, every search has one answer, and the tree's shape can't be seen. Till then they stand in an
 * area store, which a run can write down and a copy of the machine need not copy. The first such mapping breaks the kernel's search
 * in ways that depend on the shape: from then on, until the container is empty, the tree itself is there.
 */
import { addWrap, lastOf, lengthOf, sub, U64_MAX, type U64 } from "../../base/u64.ts";
import type { SelfCloning } from "../clone.ts";
import type { AreaJournal } from "../ranges/area-recorder.ts";
import { AreaStore, type Area } from "../ranges/area-store.ts";
import { NOWHERE, type Dma } from "./dma.ts";
import { DmaLog } from "./dma-log.ts";
import { DmaTags } from "./dma-tags.ts";
import { DmaNode, DmaTree } from "./dma-tree.ts";

/** Flags of an area. */
const READABLE = 1;
const WRITABLE = 2;
/** What `mapped` was in the era of its tag. */
const MAPPED = 4;
const INVALID = 8;

/** Mappings above 2^53 that an area store may have: it looks through them one by one. */
const MOST_WIDE = 256;

export class Mappings implements SelfCloning {
  private areas: AreaStore;
  /** In place of the areas; null: they are enough. */
  private tree: DmaTree | null = null;
  private log = new DmaLog();
  private readonly tags: DmaTags;
  private wide = 0;
  /** A change of all mappings at once begins an era. */
  private era = 0;
  /** What mappings of eras before this one are. */
  private allMapped = false;
  /** The last era that began with taking all of them out of the IOMMU. */
  private unmappedEra = 0;

  constructor(areas: AreaStore, tags: DmaTags) {
    this.areas = areas;
    this.tags = tags;
  }

  static of(journal: AreaJournal): Mappings {
    return new Mappings(new AreaStore(journal), new DmaTags());
  }

  get count(): number {
    return this.tree ? this.tree.count : this.areas.count;
  }

  /** The area store that holds them; undefined while the tree does. */
  get store(): number | undefined {
    return this.tree ? undefined : this.areas.number;
  }

  cloneSelf(copy: <Part>(part: Part) => Part): Mappings {
    const twin = new Mappings(copy(this.areas), this.tags);
    twin.tree = this.tree && this.tree.copy();
    twin.log = this.log.copy();
    twin.wide = this.wide;
    twin.era = this.era;
    twin.allMapped = this.allMapped;
    twin.unmappedEra = this.unmappedEra;
    return twin;
  }

  first(): Dma | null {
    return this.tree ? this.tree.first() : this.areaFrom(0, U64_MAX);
  }

  next(dma: Dma): Dma | null {
    return dma instanceof DmaNode ? (this.tree as DmaTree).next(dma) : this.areaFrom(dma.end, U64_MAX);
  }

  /** A mapping that overlaps [start, end), null when none is found (vfio_find_dma). `end` is exclusive and wraps to 0 at 2^64. */
  find(start: U64, end: U64): Dma | null {
    return this.tree ? this.tree.find(start, end) : this.areaIn(start, end);
  }

  /** The first mapping, in order, that an unmap of [start, end) looks at (vfio_find_dma_first_node); same wrapping as find. */
  firstIn(start: U64, end: U64): Dma | null {
    return this.tree ? this.tree.firstIn(start, end) : this.areaIn(start, end);
  }

  /** The first mapping, in order, of which a byte lies at or above `iova`; for looking at, without the kernel's quirks. */
  firstFrom(iova: U64): Dma | null {
    return this.tree ? this.tree.firstFrom(iova) : this.areaFrom(iova, U64_MAX);
  }

  /** All mappings in ascending order of iova. */
  *all(): Generator<Dma> {
    for (let dma = this.first(); dma; dma = this.next(dma)) yield dma;
  }

  /** Visits first and last byte of the mappings that touch [first, last], ascending, until the visitor returns false. */
  eachExtent(first: U64, last: U64, visit: (first: U64, last: U64) => boolean): void {
    if (!this.tree) this.areas.eachExtent(first, last, visit);
    else for (let dma = this.tree.firstFrom(first); dma && dma.iova <= last; dma = this.tree.next(dma)) if (!visit(dma.iova, lastOf(dma.iova, dma.size))) return;
  }

  /** Adds a mapping that find() does not find. */
  insert(dma: Dma): void {
    if (!this.tree && (dma.end === 0 || this.wide >= MOST_WIDE)) this.plant();
    if (this.tree) {
      this.tree.insert(new DmaNode(dma));
      return;
    }
    const last = lastOf(dma.iova, dma.size);
    if (typeof last !== "number") this.wide++;
    this.areas.insert(dma.iova, last, dma.vaddr, flagsOf(dma), this.tags.of(dma.process, this.era, null));
    this.log.made(dma.iova);
  }

  remove(dma: Dma): void {
    if (dma instanceof DmaNode) {
      const tree = this.tree as DmaTree;
      tree.remove(dma);
      if (tree.count === 0) this.tree = null;
      return;
    }
    if (typeof lastOf(dma.iova, dma.size) !== "number") this.wide--;
    this.areas.remove(dma.iova);
    if (this.areas.count === 0) this.log.clear();
    else this.log.removed(dma.iova);
  }

  /** Takes the address of a mapping away. */
  invalidate(dma: Dma): void {
    if (dma instanceof DmaNode) {
      dma.vaddrInvalid = true;
      return;
    }
    const area = this.areas.at(dma.iova) as Area;
    this.areas.retag(area.first, area.flags | INVALID, area.ref);
  }

  /** Gives a mapping a new address; what is pinned stays pinned. */
  moveTo(dma: Dma, vaddr: U64): void {
    if (dma instanceof DmaNode) {
      dma.vaddr = vaddr;
      dma.vaddrInvalid = false;
      return;
    }
    const tag = this.tags.of(dma.process, this.era, dma.mapped ? dma.pinnedVaddr : null);
    this.areas.remove(dma.iova);
    this.areas.insert(dma.iova, lastOf(dma.iova, dma.size), vaddr, flagsOf(dma) & ~INVALID, tag);
  }

  /** A replay of the mappings passes over one that ends with the last byte of the space. */
  skip(dma: Dma, domain: number): void {
    if (dma instanceof DmaNode) dma.missingIn = [...dma.missingIn, domain];
  }

  /** All of them are in the IOMMU now; pins what was not. */
  mapAll(): void {
    if (!this.tree) {
      this.beginEra(true);
      return;
    }
    for (const dma of this.tree.all()) {
      if (!dma.mapped) dma.pinnedVaddr = dma.vaddr;
      dma.mapped = true;
    }
  }

  /** None of them is in the IOMMU any more. */
  unmapAll(): void {
    if (!this.tree) {
      this.beginEra(false);
      this.unmappedEra = this.era;
    } else for (const dma of this.tree.all()) dma.mapped = false;
  }

  private beginEra(mapped: boolean): void {
    if (this.areas.count > 0) this.era++;
    this.allMapped = mapped;
  }

  /** The lowest mapping that ends at or after `start`, if it starts before `end`. As none overlap, it is what the tree's searches find, too. */
  private areaIn(start: U64, end: U64): Dma | null {
    if (end === 0) return null;
    const area = this.areas.firstTouching(start, end > start ? sub(end, 1) : start);
    return area && area.first < end ? this.dmaOf(area) : null;
  }

  private areaFrom(first: U64, last: U64): Dma | null {
    const area = this.areas.firstTouching(first, last);
    return area && this.dmaOf(area);
  }

  private dmaOf({ first, last, va, flags, ref }: Area): Dma {
    const tag = this.tags.at(ref);
    return {
      iova: first, size: lengthOf(first, last), end: addWrap(last, 1), vaddr: va, readable: (flags & READABLE) !== 0, writable: (flags & WRITABLE) !== 0, process: tag.process,
      mapped: tag.era === this.era ? (flags & MAPPED) !== 0 : this.allMapped, missingIn: NOWHERE,
      pinnedVaddr: tag.pinned !== null && tag.era >= this.unmappedEra ? tag.pinned : va, vaddrInvalid: (flags & INVALID) !== 0,
    };
  }

  /** Puts the mappings into the kernel's tree. */
  private plant(): void {
    const mappings = [...this.all()];
    this.tree = DmaTree.shaped(this.log.tree(), mappings.values());
    for (const dma of mappings) this.areas.remove(dma.iova);
    this.log.clear();
    this.wide = 0;
  }
}

function flagsOf(dma: Dma): number {
  return (dma.readable ? READABLE : 0) | (dma.writable ? WRITABLE : 0) | (dma.mapped ? MAPPED : 0) | (dma.vaddrInvalid ? INVALID : 0);
}
