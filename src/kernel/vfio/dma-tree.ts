/** The mappings of a type1 container in the kernel's own tree, searched as the kernel searches it. */
import type { U64 } from "../../base/u64.ts";
import type { Dma } from "./dma.ts";
import { nextNode, RbTree, type RbNode } from "./red-black.ts";

/** A mapping in the tree. */
export class DmaNode implements Dma, RbNode<DmaNode> {
  readonly iova: U64;
  readonly size: U64;
  readonly end: U64;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly process: number;
  vaddr: U64;
  mapped: boolean;
  missingIn: readonly number[];
  pinnedVaddr: U64;
  vaddrInvalid: boolean;
  left: DmaNode | null = null;
  right: DmaNode | null = null;
  parent: DmaNode | null = null;
  red = false;

  constructor(dma: Dma) {
    this.iova = dma.iova;
    this.size = dma.size;
    this.end = dma.end;
    this.readable = dma.readable;
    this.writable = dma.writable;
    this.process = dma.process;
    this.vaddr = dma.vaddr;
    this.mapped = dma.mapped;
    this.missingIn = dma.missingIn;
    this.pinnedVaddr = dma.pinnedVaddr;
    this.vaddrInvalid = dma.vaddrInvalid;
  }
}

/** What a tree's shape can be taken from. */
export interface Shape {
  readonly left: Shape | null;
  readonly right: Shape | null;
  readonly red: boolean;
}

export class DmaTree {
  private readonly tree = new RbTree<DmaNode>();
  count = 0;

  /** A tree of this shape with these mappings, which come in ascending order, one for each of its nodes. */
  static shaped(shape: Shape | null, mappings: Iterator<Dma, unknown>): DmaTree {
    const tree = new DmaTree();
    const grown = (from: Shape, parent: DmaNode | null): DmaNode => {
      const left = from.left && grown(from.left, null);
      const node = new DmaNode(mappings.next().value as Dma);
      tree.count++;
      node.parent = parent;
      node.red = from.red;
      node.left = left;
      if (left) left.parent = node;
      node.right = from.right && grown(from.right, node);
      return node;
    };
    tree.tree.root = shape && grown(shape, null);
    return tree;
  }

  /** Nobody else holds on to its nodes, so it can be copied faster than object by object with its links looked up. */
  copy(): DmaTree {
    return DmaTree.shaped(this.tree.root, this.all());
  }

  first(): DmaNode | null {
    return this.tree.first();
  }

  next(dma: DmaNode): DmaNode | null {
    return nextNode(dma);
  }

  /**
   * A mapping that overlaps [start, end), null when none is found (vfio_find_dma). `end` is exclusive and wraps to 0 at 2^64,
   * as does a mapping's own end: neither then ever overlaps anything.
   */
  find(start: U64, end: U64): DmaNode | null {
    let node = this.tree.root;
    while (node) {
      if (end <= node.iova) node = node.left;
      else if (start >= node.end) node = node.right;
      else return node;
    }
    return null;
  }

  /** The first mapping, in order, that an unmap of [start, end) looks at (vfio_find_dma_first_node); same wrapping as find. */
  firstIn(start: U64, end: U64): DmaNode | null {
    let found: DmaNode | null = null;
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

  insert(dma: DmaNode): void {
    linkInOrder(this.tree, dma);
    this.count++;
  }

  remove(dma: DmaNode): void {
    this.tree.unlink(dma);
    this.count--;
  }

  /** All mappings in ascending order of iova. */
  *all(): Generator<DmaNode> {
    for (let dma = this.first(); dma; dma = this.next(dma)) yield dma;
  }

  /** The first mapping, in order, of which a byte lies at or above `iova`; for looking at, without the kernel's quirks. */
  firstFrom(iova: U64): DmaNode | null {
    let found: DmaNode | null = null;
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

/** Puts a mapping where the kernel links it (vfio_link_dma). */
export function linkInOrder<Node extends RbNode<Node> & { readonly iova: U64 }>(tree: RbTree<Node>, added: Node): void {
  let parent: Node | null = null;
  let onLeft = false;
  for (let node = tree.root; node; node = onLeft ? node.left : node.right) {
    parent = node;
    // The kernel links a mapping while its size is still 0, so only its start counts here.
    onLeft = added.iova <= node.iova;
  }
  tree.link(added, parent, onLeft);
}
