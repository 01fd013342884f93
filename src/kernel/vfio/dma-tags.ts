/** What few mappings differ in, so that each can refer to it by a number. Only ever grows, so copies of a machine share it. */
import { ensure } from "../../base/assert.ts";
import type { U64 } from "../../base/u64.ts";
import type { SelfCloning } from "../clone.ts";

export interface DmaTag {
  readonly process: number;
  /** In which era of the container's mappings it was written. */
  readonly era: number;
  /** Where the memory was that is pinned; null: where it is now. */
  readonly pinned: U64 | null;
}

export class DmaTags implements SelfCloning {
  private readonly tags: DmaTag[] = [{ process: 0, era: 0, pinned: null }];
  private readonly numbers = new Map<string, number>();
  /** The last one asked for: most mappings are like the one before. */
  private last = 0;

  cloneSelf(): DmaTags {
    return this;
  }

  at(number: number): DmaTag {
    return ensure(this.tags[number], "tag of a mapping");
  }

  /** The number of such a tag. */
  of(process: number, era: number, pinned: U64 | null): number {
    const tag = this.at(this.last);
    if (tag.process === process && tag.era === era && tag.pinned === pinned) return this.last;
    const key = `${process} ${era} ${pinned}`;
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = process === 0 && era === 0 && pinned === null ? 0 : this.tags.push({ process, era, pinned }) - 1;
      this.numbers.set(key, number);
    }
    this.last = number;
    return number;
  }
}
