import { PackReader, partOf, type Packed, type Shape, type Skeleton } from "./packed.ts";
import { PackWriter } from "./pack-writer.ts";

/** A list that only grows, kept packed: its entries are made anew whenever they are visited. */
export class PackedList<Entry> {
  readonly writer = new PackWriter<Entry>();
  /** Index of the entry that `only` has come to. */
  visited = 0;

  get length(): number {
    return this.writer.packed.count;
  }

  push(entry: Entry): void {
    this.writer.add(entry);
  }

  *[Symbol.iterator](): Generator<Entry> {
    const reader = new PackReader<Entry>(this.writer.packed);
    for (let index = 0; index < this.length; index++) yield reader.at(index);
  }

  /** The entries that have one of these texts under a key; the key's texts must be constants of their shapes (see KINDS of the writer). */
  *only(key: string, texts: ReadonlySet<string>): Generator<Entry> {
    const { packed } = this.writer;
    const reader = new PackReader<Entry>(packed);
    const wanted: boolean[] = [];
    for (let index = 0; index < this.length; index++) {
      const number = reader.seek(index);
      if (!(wanted[number] ??= isOne(partOf((packed.shapes[number] as Shape).skeleton, key), texts))) continue;
      this.visited = index;
      yield reader.at(index);
    }
  }

  /** The entries whose number under a key is there and is not 0. */
  *having(key: string): Generator<Entry> {
    const { packed } = this.writer;
    const reader = new PackReader<Entry>(packed);
    const parts = new Map<number, Skeleton | null>();
    for (let index = 0; index < this.length; index++) {
      const number = reader.seek(index);
      const shape = packed.shapes[number] as Shape;
      let part = parts.get(number);
      if (part === undefined) parts.set(number, (part = partOf(shape.skeleton, key)));
      if (part?.is === "constant" ? part.value !== 0 : part?.is === "slot" && reader.value(shape, part.slot) !== 0) yield reader.at(index);
    }
  }

  /** The texts that stand under a key of the entries; the key's texts must be constants of their shapes (see KINDS of the writer). */
  kinds(key: string): Set<string> {
    return kindsOf(this.writer.packed, key);
  }
}

function isOne(part: Skeleton | null, texts: ReadonlySet<string>): boolean {
  return part?.is !== "constant" || texts.has(part.value as string);
}

function kindsOf({ shapes }: Packed, key: string): Set<string> {
  const kinds = new Set<string>();
  for (const { skeleton } of shapes) {
    const part = partOf(skeleton, key);
    if (part?.is === "constant" && typeof part.value === "string") kinds.add(part.value);
  }
  return kinds;
}
