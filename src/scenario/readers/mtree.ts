/** QEMU monitor `info mtree -f`: the guest's memory map, which is VFIO's wish list. Grammar: formats.md section (d). */
import type { Facts } from "./facts.ts";
import { hexNumber } from "./numbers.ts";
import { anyOf } from "./literals.ts";
import { ignored, USED, type Reader, type Session, type Taken } from "./reader.ts";

const RANGE = /^\s+([0-9a-f]{16})-([0-9a-f]{16}) \(prio (-?\d+), (ram|rom|romd|ramd|nv-ram|i\/o)\): (.*?)(?: @([0-9a-f]+))?(?: KVM)?$/;
const VIEW = /^\s*FlatView #\d+$/;
const SPACE = /^ ?AS "(.*)", root: /;
const OTHER = /^ ?Root memory region: |^\s*No rendered FlatView$|^QEMU .* monitor|^\(qemu\)/;
const TREE = /^(?:address-space: |memory-region: )|^\s+[0-9a-f]{16}-[0-9a-f]{16} \(prio .*\): alias /;

class Mtree implements Session {
  private readonly facts: Facts;
  private readonly input: string;
  /** An excerpt without headings is taken for the guest's memory. */
  private wanted = true;
  private found = false;

  constructor(facts: Facts, input: string) {
    this.facts = facts;
    this.input = input;
  }

  take(line: string, number: number): Taken | null {
    if (VIEW.test(line)) {
      this.wanted = false;
      return USED;
    }
    const space = SPACE.exec(line);
    if (space) {
      if (!this.found && (space[1] === "memory" || space[1] === "cpu-memory-0")) this.wanted = this.found = true;
      return USED;
    }
    if (OTHER.test(line)) return ignored("a heading");
    if (TREE.test(line)) {
      this.wanted = false;
      return ignored("a tree, not a flat view: use info mtree -f");
    }
    const range = RANGE.exec(line);
    if (!range) return null;
    if (!this.wanted) return ignored("another address space of the guest");
    const [first, last] = [hexNumber(range[1]), hexNumber(range[2])];
    if (last < first) return ignored("a range that ends before it starts");
    this.facts.stream("guest-map", this.input).ranges.push({
      first, last, type: range[4] as string, name: range[5] as string, offset: range[6] === undefined ? null : hexNumber(range[6]), line: number,
    });
    return USED;
  }
}

export const mtreeReader: Reader = {
  format: "info mtree",
  needs: [anyOf([RANGE, VIEW, SPACE, OTHER, TREE])],
  open: (facts, input) => new Mtree(facts, input),
};
