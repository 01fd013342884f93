import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addWrap, lastOf, U64_MAX, type U64 } from "../../base/u64.ts";
import { cloneState } from "../clone.ts";
import { AreaJournal } from "../ranges/area-recorder.ts";
import { newDma, type Dma } from "./dma.ts";
import { DmaNode, DmaTree } from "./dma-tree.ts";
import { Mappings } from "./mappings.ts";

const PAGE = 0x1000;

/** The kernel's own structure, always: what the container must be like. */
class Reference {
  tree = new DmaTree();

  insert(dma: Dma): void {
    this.tree.insert(new DmaNode(dma));
  }

  removeIn(start: U64, end: U64): void {
    let dma = this.tree.firstIn(start, end);
    while (dma && dma.iova < end) {
      const next = this.tree.next(dma);
      this.tree.remove(dma);
      dma = next;
    }
  }
}

function removeIn(mappings: Mappings, start: U64, end: U64): void {
  let dma = mappings.firstIn(start, end);
  while (dma && dma.iova < end) {
    const next = mappings.next(dma);
    mappings.remove(dma);
    dma = next;
  }
}

function plain(dma: Dma | null) {
  if (!dma) return null;
  const { iova, size, end, vaddr, readable, writable, process, mapped, missingIn, pinnedVaddr, vaddrInvalid } = dma;
  return { iova, size, end, vaddr, readable, writable, process, mapped, missingIn, pinned: mapped ? pinnedVaddr : null, vaddrInvalid };
}

/** Addresses where small pages meet, around 2^53, and at the end of the space. */
const places: U64[] = [
  ...Array.from({ length: 14 }, (_, page) => page * PAGE),
  0x1f_ffff_ffff_e000, 0x1f_ffff_ffff_f000, 0x20_0000_0000_0000n, 0x20_0000_0000_1000n,
  0xffff_ffff_ffff_c000n, 0xffff_ffff_ffff_d000n, 0xffff_ffff_ffff_e000n, 0xffff_ffff_ffff_f000n,
];
const place = fc.constantFrom(...places);
const size = fc.constantFrom(1, 1, 1, 2, 3).map((pages) => pages * PAGE);
const usual = fc.oneof({ weight: 12, arbitrary: fc.nat(13).map((page): U64 => page * PAGE) }, { weight: 3, arbitrary: place });
const vaddr = fc.constantFrom<U64>(0x10_0000, 0x20_0000, 0x30_0000, 0x7fff_ffff_ffff_0000n);

type Step =
  | { do: "map"; iova: U64; size: number; vaddr: U64; process: number; mapped: boolean; readable: boolean }
  | { do: "unmap"; iova: U64; size: number }
  | { do: "invalidate"; iova: U64 }
  | { do: "move"; iova: U64; vaddr: U64 }
  | { do: "empty" | "map-all" | "unmap-all" | "copy" };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant("map" as const), iova: usual, size, vaddr, process: fc.nat(2), mapped: fc.boolean(), readable: fc.boolean() }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant("unmap" as const), iova: usual, size }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("invalidate" as const), iova: usual }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("move" as const), iova: usual, vaddr }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("empty" as const, "map-all" as const, "unmap-all" as const, "copy" as const, "copy" as const) }) },
);

/** All that a call can learn is the same. */
function alike(mappings: Mappings, { tree }: Reference): void {
  expect([...mappings.all()].map(plain)).toEqual([...tree.all()].map(plain));
  expect(mappings.count).toBe(tree.count);
  // A mapping that ends with the last byte was here since the container was empty last: which mapping is found follows from the tree's shape.
  const shaped = mappings.store === undefined;
  for (const start of places) {
    expect(plain(mappings.firstFrom(start))).toEqual(plain(tree.firstFrom(start)));
    for (const bytes of [0, 1, PAGE, 5 * PAGE]) {
      const end = addWrap(start, bytes);
      const [ours, theirs] = [mappings.find(start, end), tree.find(start, end)];
      const same = shaped || bytes <= PAGE;
      expect(same ? plain(ours) : ours === null).toEqual(same ? plain(theirs) : theirs === null);
      expect(plain(mappings.firstIn(start, end))).toEqual(plain(tree.firstIn(start, end)));
    }
  }
  expect(plain(mappings.firstIn(0, U64_MAX))).toEqual(plain(tree.firstIn(0, U64_MAX)));
}

describe("mappings of a container", () => {
  it("are found, walked and changed as in the kernel's tree, whatever came before", () => {
    fc.assert(fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
      let mappings = Mappings.of(new AreaJournal());
      const reference = new Reference();
      let agrees = true;
      const left: { mappings: Mappings; was: unknown }[] = [];
      for (const each of steps) {
        if (each.do === "map") {
          const dma = newDma({ ...each, writable: !each.readable }, each.mapped);
          const found = reference.tree.find(dma.iova, dma.end);
          agrees &&= (mappings.find(dma.iova, dma.end) === null) === (found === null);
          if (found || lastOf(dma.iova, dma.size) > U64_MAX) continue;
          mappings.insert(dma);
          reference.insert(dma);
        } else if (each.do === "unmap") {
          const end = addWrap(each.iova, each.size);
          removeIn(mappings, each.iova, end);
          reference.removeIn(each.iova, end);
        } else if (each.do === "invalidate" || each.do === "move") {
          const [ours, theirs] = [mappings.find(each.iova, addWrap(each.iova, 1)), reference.tree.find(each.iova, addWrap(each.iova, 1))];
          if (!ours || !theirs) continue;
          if (each.do === "invalidate") {
            mappings.invalidate(ours);
            theirs.vaddrInvalid = true;
          } else {
            mappings.moveTo(ours, each.vaddr);
            theirs.vaddr = each.vaddr;
            theirs.vaddrInvalid = false;
          }
        } else if (each.do === "map-all" || each.do === "unmap-all") {
          if (each.do === "map-all") mappings.mapAll();
          else mappings.unmapAll();
          for (const dma of reference.tree.all()) {
            if (each.do === "map-all" && !dma.mapped) dma.pinnedVaddr = dma.vaddr;
            dma.mapped = each.do === "map-all";
          }
        } else if (each.do === "copy") {
          left.push({ mappings, was: [...mappings.all()].map(plain) });
          mappings = cloneState(mappings);
        } else {
          for (let dma = mappings.first(); dma; dma = mappings.first()) mappings.remove(dma);
          reference.tree = new DmaTree();
          agrees &&= mappings.store !== undefined;
        }
        alike(mappings, reference);
      }
      expect(agrees).toBe(true);
      for (const { mappings: other, was } of left) expect([...other.all()].map(plain)).toEqual(was);
    }), { numRuns: 300 });
  }, 60_000);

  it("grow the kernel's tree from what was written down, across copies", () => {
    let mappings = Mappings.of(new AreaJournal());
    const reference = new Reference();
    const both = (work: (one: { insert(dma: Dma): void; removeIn(start: U64, end: U64): void }) => void) => {
      work({ insert: (dma) => mappings.insert(dma), removeIn: (start, end) => removeIn(mappings, start, end) });
      work(reference);
    };
    const at = (iova: U64, bytes: number) => newDma({ iova, size: bytes, vaddr: 0x1000, readable: true, writable: true, process: 0 }, true);
    for (let index = 0; index < 3000; index++) {
      const iova = ((index * 7919) % 4096) * PAGE;
      both((one) => one.removeIn(iova, iova + PAGE));
      if (index % 3 !== 0) both((one) => one.insert(at(iova, PAGE)));
      if (index % 100 === 0) mappings = cloneState(mappings);
    }
    expect(mappings.store).toBeDefined();
    both((one) => one.insert(at(0xffff_ffff_ffff_0000n, 0x1_0000)));
    expect(mappings.store).toBeUndefined();
    for (let index = 0; index < 4096; index += 5) {
      // Over several mappings the one nearest to the root is found.
      expect(plain(mappings.find(index * PAGE, (index + 64) * PAGE))).toEqual(plain(reference.tree.find(index * PAGE, (index + 64) * PAGE)));
    }
    expect([...mappings.all()].map(plain)).toEqual([...reference.tree.all()].map(plain));
  });

  it("above 2^53 are many without being slow to find", () => {
    const mappings = Mappings.of(new AreaJournal());
    const reference = new Reference();
    for (let index = 0; index < 600; index++) {
      const iova = 0x100_0000_0000_0000n + BigInt((index * 389) % 600) * 0x2000n;
      const dma = newDma({ iova, size: PAGE, vaddr: 0x1000, readable: true, writable: false, process: 1 }, false);
      mappings.insert(dma);
      reference.insert(dma);
    }
    expect([...mappings.all()].map(plain)).toEqual([...reference.tree.all()].map(plain));
    expect(mappings.store).toBeUndefined();
  });
});
