/** The mappings of a type1 container, searched as the kernel searches them. */
import { addWrap, type U64 } from "../../base/u64.ts";
import type { SelfCloning } from "../clone.ts";
import { nextNode, RbTree, type RbNode } from "./red-black.ts";

const NOWHERE: readonly number[] = Object.freeze([]);

/** One mapping (struct vfio_dma). Addresses and sizes in bytes. */
export class Dma implements RbNode<Dma> {
  readonly iova: U64;
  readonly size: U64;
  /** iova + size as 64-bit arithmetic gives it: 0 for a mapping that ends with the last byte of the space. */
  readonly end: U64;
  vaddr: U64;
  readonly readable: boolean;
  readonly writable: boolean;
  /** The IOMMU holds it (made or replayed while a domain was there). */
  mapped = false;
  /** Numbers of the domains whose replay skipped it: one that ends with the last byte of the space is never replayed. */
  missingIn: readonly number[] = NOWHERE;
  /** Where its memory was when it was pinned; an update of `vaddr` does not move the pages. */
  pinnedVaddr: U64;
  /** Its address was taken away and it waits for a new one. */
  vaddrInvalid = false;
  left: Dma | null = null;
  right: Dma | null = null;
  parent: Dma | null = null;
  red = false;

  /** Whose memory it is: the number of the process that mapped it. */
  readonly process: number;

  constructor(iova: U64, size: U64, vaddr: U64, readable: boolean, writable: boolean, process: number) {
    this.iova = iova;
    this.size = size;
    this.end = addWrap(iova, size);
    this.vaddr = vaddr;
    this.pinnedVaddr = vaddr;
    this.readable = readable;
    this.writable = writable;
    this.process = process;
  }
}

export class DmaTree implements SelfCloning {
  private readonly tree = new RbTree<Dma>();
  count = 0;

  /** Nobody else holds on to mappings, so the tree can be copied faster than object by object with its links looked up. */
  cloneSelf(): DmaTree {
    const twin = new DmaTree();
    twin.count = this.count;
    twin.tree.root = this.tree.root && twinOf(this.tree.root, null);
    return twin;
  }

  first(): Dma | null {
    return this.tree.first();
  }

  next(dma: Dma): Dma | null {
    return nextNode(dma);
  }

  /**
   * A mapping that overlaps [start, end), null when none is found (vfio_find_dma). `end` is exclusive and wraps to 0 at 2^64,
   * as does a mapping's own end: neither then ever overlaps anything.
   */
  find(start: U64, end: U64): Dma | null {
    let node = this.tree.root;
    while (node) {
      if (end <= node.iova) node = node.left;
      else if (start >= node.end) node = node.right;
      else return node;
    }
    return null;
  }

  /** The first mapping, in order, that an unmap of [start, end) looks at (vfio_find_dma_first_node); same wrapping as find. */
  firstIn(start: U64, end: U64): Dma | null {
    let found: Dma | null = null;
    let node = this.tree.root;
    while (node) {
      if (start < node.end) {
        found = node;
        if (start >= node.iova) break;
        node = node.left;
      } else {
        node = node.right;
      }
    }
    return found && found.iova < end ? found : null;
  }

  insert(dma: Dma): void {
    let parent: Dma | null = null;
    let onLeft = false;
    for (let node = this.tree.root; node; node = onLeft ? node.left : node.right) {
      parent = node;
      // The kernel links a mapping while its size is still 0, so only its start counts here.
      onLeft = dma.iova <= node.iova;
    }
    this.tree.link(dma, parent, onLeft);
    this.count++;
  }

  remove(dma: Dma): void {
    this.tree.unlink(dma);
    this.count--;
  }

  /** All mappings in ascending order of iova. */
  *all(): Generator<Dma> {
    for (let dma = this.first(); dma; dma = this.next(dma)) yield dma;
  }

  /** The first mapping, in order, of which a byte lies at or above `iova`; for looking at, without the kernel's quirks. */
  firstFrom(iova: U64): Dma | null {
    let found: Dma | null = null;
    let node = this.tree.root;
    while (node) {
      if (node.end === 0 || node.end > iova) {
        found = node;
        node = node.left;
      } else {
        node = node.right;
      }
    }
    return found;
  }
}

function twinOf(dma: Dma, parent: Dma | null): Dma {
  const twin = new Dma(dma.iova, dma.size, dma.vaddr, dma.readable, dma.writable, dma.process);
  twin.mapped = dma.mapped;
  twin.missingIn = dma.missingIn;
  twin.pinnedVaddr = dma.pinnedVaddr;
  twin.vaddrInvalid = dma.vaddrInvalid;
  twin.red = dma.red;
  twin.parent = parent;
  twin.left = dma.left && twinOf(dma.left, twin);
  twin.right = dma.right && twinOf(dma.right, twin);
  return twin;
}
