import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { U64_MAX, type U64 } from "../../base/u64.ts";
import { AreaJournal, AreaRecorder } from "./area-recorder.ts";
import { AreaStore, type Area } from "./area-store.ts";

const PAGE = 0x1000;
const PLACES = 2000;
const STEPS = 3000;

/** The same numbers for the same seed, below `limit`. */
function seeded(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * limit);
  };
}

/** Makes, removes or changes an area at a place, whichever can be done. */
function change(store: AreaStore, random: (limit: number) => number): void {
  const first = random(PLACES) * 4 * PAGE;
  const known = store.at(first);
  if (!known) store.insert(first, first + (1 + random(4)) * PAGE - 1, random(20) === 0 ? 2n ** 60n + BigInt(first) : first, random(4), random(8) === 0 ? random(9) : 0);
  else if (random(3) === 0) store.retag(first, random(4), random(9));
  else store.remove(first);
}

function listOf(store: AreaStore): Area[] {
  const list: Area[] = [];
  store.each(0, U64_MAX, (area) => list.push(area) > 0);
  return list;
}

function holes(store: AreaStore, random: (limit: number) => number): [U64, U64][] {
  return Array.from({ length: 12 }, () => {
    store.holeFrom(random(PLACES) * 4 * PAGE, (1 + random(6)) * PAGE);
    return [store.holeFirst, store.holeLast];
  });
}

describe("a store that has left its areas to a recorder", () => {
  it("is as one that kept them, at any step", () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(1, 100, 5000), (seed, folded) => {
        const random = seeded(seed);
        const journal = new AreaJournal();
        const recorder = new AreaRecorder({ folded });
        journal.recorder = recorder;
        const stores = [new AreaStore(journal), new AreaStore(journal)];
        const copies: { left: AreaStore; kept: AreaStore }[] = [];
        for (let step = 1; step <= STEPS; step++) {
          recorder.begin(step);
          const store = stores[random(4) === 0 ? 1 : 0] as AreaStore;
          change(store, random);
          if (random(300) !== 0) continue;
          const kept = store.cloneSelf();
          recorder.leavesAreas = true;
          copies.push({ left: store.cloneSelf(), kept });
          recorder.leavesAreas = false;
        }
        recorder.begin(STEPS + 1);
        change(stores[0] as AreaStore, random);
        recorder.undo();
        for (const { left, kept } of copies) {
          const again = left.cloneSelf();
          expect(left.count).toBe(kept.count);
          const seedOfHoles = random(1e6);
          expect(holes(left, seeded(seedOfHoles))).toEqual(holes(kept, seeded(seedOfHoles)));
          expect(listOf(again)).toEqual(listOf(kept));
          const seedOfChanges = random(1e6);
          const [one, other] = [seeded(seedOfChanges), seeded(seedOfChanges)];
          for (let count = 0; count < 100; count++) {
            change(left, one);
            change(kept, other);
          }
          expect(listOf(left)).toEqual(listOf(kept));
          expect(holes(left, seeded(seedOfHoles))).toEqual(holes(kept, seeded(seedOfHoles)));
        }
      }),
      { numRuns: 12 },
    );
  }, 60_000);
});
