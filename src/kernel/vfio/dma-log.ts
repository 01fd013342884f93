/**
 * In which order a container's mappings came and went since it was empty last: 8 bytes each. The shape of the kernel's tree
 * follows from it, and from nothing less; copies share what was written before they were made.
 */
import type { U64 } from "../../base/u64.ts";
import { linkInOrder } from "./dma-tree.ts";
import { RbTree, type RbNode } from "./red-black.ts";

interface Written {
  readonly before: Written | null;
  /** The iova of each mapping made; −1 − iova of one removed. */
  readonly entries: readonly U64[];
}

class Bare implements RbNode<Bare> {
  readonly iova: U64;
  left: Bare | null = null;
  right: Bare | null = null;
  parent: Bare | null = null;
  red = false;

  constructor(iova: U64) {
    this.iova = iova;
  }
}

export class DmaLog {
  private before: Written | null = null;
  private entries: U64[] = [];

  made(iova: U64): void {
    this.entries.push(iova);
  }

  removed(iova: U64): void {
    this.entries.push(typeof iova === "number" ? -1 - iova : -1n - iova);
  }

  /** The container is empty: its tree starts anew. */
  clear(): void {
    this.before = null;
    this.entries = [];
  }

  copy(): DmaLog {
    const twin = new DmaLog();
    if (this.entries.length > 0) {
      this.before = { before: this.before, entries: this.entries };
      this.entries = [];
    }
    twin.before = this.before;
    return twin;
  }

  /** The root of the tree as it is now; its nodes know nothing but their order. No two mappings may have had the same iova at once. */
  tree(): Bare | null {
    const tree = new RbTree<Bare>();
    const parts = [this.entries as readonly U64[]];
    for (let written = this.before; written; written = written.before) parts.push(written.entries);
    for (const entries of parts.reverse()) {
      for (const entry of entries) {
        if (entry >= 0) linkInOrder(tree, new Bare(entry));
        else tree.unlink(nodeAt(tree, typeof entry === "number" ? -1 - entry : -1n - entry));
      }
    }
    return tree.root;
  }
}

function nodeAt(tree: RbTree<Bare>, iova: U64): Bare {
  let node = tree.root as Bare;
  while (node.iova !== iova) node = (iova < node.iova ? node.left : node.right) as Bare;
  return node;
}
