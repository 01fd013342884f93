/**
 * For each chunk of an area store, the size of the largest gap behind one of its areas, with a maximum tree on top: "the
 * first chunk from here on with a gap of at least N bytes" without visiting the chunks between. The figures are upper
 * bounds: mapping only shrinks gaps, so nothing has to be recomputed until a search finds a bound too high and lowers it.
 */
const NOTHING = new Float64Array(0);

export class GapTree {
  private bounds: Float64Array;
  private count: number;
  /** Maxima of pairs, of fours, …; leaf i is at size + i. Rebuilt when the number of chunks has changed. */
  private tree = NOTHING;
  private size = 0;
  private stale = true;

  /** For `count` chunks of which nothing is known. */
  constructor(count = 0) {
    this.bounds = count === 0 ? NOTHING : new Float64Array(count).fill(Infinity);
    this.count = count;
  }

  /** Makes room for a chunk at `index` with this bound. */
  insert(index: number, bound: number): void {
    if (this.count === this.bounds.length) {
      const grown = new Float64Array(Math.max(8, this.count * 2));
      grown.set(this.bounds);
      this.bounds = grown;
    }
    this.bounds.copyWithin(index + 1, index, this.count);
    this.bounds[index] = bound;
    this.count++;
    this.stale = true;
  }

  remove(index: number): void {
    this.bounds.copyWithin(index, index + 1, this.count);
    this.count--;
    this.stale = true;
  }

  get(index: number): number {
    return this.bounds[index] as number;
  }

  /** The bound of a chunk is at least this. */
  raise(index: number, bound: number): void {
    if (bound <= (this.bounds[index] as number)) return;
    this.set(index, bound);
  }

  set(index: number, bound: number): void {
    this.bounds[index] = bound;
    if (this.stale) return;
    const tree = this.tree;
    let node = this.size + index;
    tree[node] = bound;
    for (node >>= 1; node >= 1; node >>= 1) {
      const left = tree[2 * node] as number;
      const right = tree[2 * node + 1] as number;
      const top = left > right ? left : right;
      if (tree[node] === top) return;
      tree[node] = top;
    }
  }

  /** The first chunk at or after `from` whose bound is at least `wanted`; −1 when none is. */
  next(from: number, wanted: number): number {
    if (from >= this.count) return -1;
    if (this.stale) this.rebuild();
    const { tree, size } = this;
    let node = size + from;
    while ((tree[node] as number) < wanted) {
      // Up while this is a right child, then to the neighbour on the right.
      while (node & 1) node >>= 1;
      if (node === 0) return -1;
      node++;
    }
    while (node < size) {
      node *= 2;
      if ((tree[node] as number) < wanted) node++;
    }
    return node - size < this.count ? node - size : -1;
  }

  clone(): GapTree {
    const twin = new GapTree();
    twin.bounds = this.bounds.slice();
    twin.count = this.count;
    return twin;
  }

  private rebuild(): void {
    let size = 1;
    while (size < this.count) size *= 2;
    if (this.tree.length !== size * 2) this.tree = new Float64Array(size * 2);
    const tree = this.tree;
    tree.fill(-1, size + this.count);
    tree.set(this.bounds.subarray(0, this.count), size);
    for (let node = size - 1; node >= 1; node--) {
      const left = tree[2 * node] as number;
      const right = tree[2 * node + 1] as number;
      tree[node] = left > right ? left : right;
    }
    this.size = size;
    this.stale = false;
  }
}
