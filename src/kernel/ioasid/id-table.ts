/** A table of ids that gives out the lowest free one: the XArray (or IDA) as these callers use it. */
export class IdTable<Entry> {
  private readonly sorted: number[] = [];
  private readonly entries = new Map<number, Entry>();

  get size(): number {
    return this.sorted.length;
  }

  load(id: number): Entry | null {
    return this.entries.get(id) ?? null;
  }

  /** Puts an entry at an id, over any that is there (xa_store). */
  store(id: number, entry: Entry): void {
    if (!this.entries.has(id)) this.sorted.splice(this.indexOf(id), 0, id);
    this.entries.set(id, entry);
  }

  /** Takes the entry out and gives it back; null when there was none (xa_erase). */
  erase(id: number): Entry | null {
    const entry = this.entries.get(id);
    if (entry === undefined) return null;
    this.entries.delete(id);
    this.sorted.splice(this.indexOf(id), 1);
    return entry;
  }

  /** The lowest id in [min, max], both inclusive, that is not taken; null when there is none. */
  lowestFree(min: number, max: number): number | null {
    const from = this.indexOf(min);
    // Taken ids from `from` on are min, min + 1, … up to the first gap.
    let low = from;
    let high = this.sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.sorted[middle] === min + (middle - from)) low = middle + 1;
      else high = middle;
    }
    const id = min + (low - from);
    return id <= max ? id : null;
  }

  /** All ids, ascending. */
  ids(): readonly number[] {
    return this.sorted;
  }

  /** Id and entry, ascending by id. The table may change while the list is walked. */
  list(): [number, Entry][] {
    return this.sorted.map((id) => [id, this.entries.get(id) as Entry]);
  }

  private indexOf(id: number): number {
    let low = 0;
    let high = this.sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.sorted[middle] as number) < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
