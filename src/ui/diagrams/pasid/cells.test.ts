import { assert, integer, property, uniqueArray } from "fast-check";
import { describe, expect, it } from "vitest";
import { crowdedFrame, lookPasids } from "../fixtures.ts";
import type { PasidEntry } from "../../../kernel/inspect.ts";
import { cellsFrom, idText } from "./cells.ts";
import { captionOf, entryText } from "./describe.ts";
import { rulerId, rulerPx, rulerStretches, rulerTicks } from "./ruler.ts";

const END = 2 ** 20;

function entries(ids: number[]): PasidEntry[] {
  return ids.map((id) => ({ ...lookPasids.ids[1]!, id, key: `ioasid:${id}` }));
}

describe("cellsFrom", () => {
  it("shows low ids with the free ones between, and folds long gaps", () => {
    const cells = cellsFrom(lookPasids.ids, 0, 24, 12, END);
    expect(cells.slice(0, 8).map((cell) => cell.kind)).toEqual(["id", "id", "id", "id", "id", "free", "id", "id"]);
    expect(cells[8]).toEqual({ kind: "gap", id: 8, last: 0xffef });
    expect(cells.length).toBe(12);
  });

  it("says how many do not fit, and goes on from there", () => {
    const many = entries(Array.from({ length: 100 }, (_, index) => index));
    const cells = cellsFrom(many, 0, 10, 5, END);
    expect(cells.at(-1)).toEqual({ kind: "more", id: 9, count: 91 });
    expect(cellsFrom(many, 9, 10, 5, END)[0]).toMatchObject({ kind: "id", id: 9 });
  });

  it("shows an empty space as three rows of free ids", () => {
    expect(cellsFrom([], 0, 64, 8, END).map((cell) => cell.kind)).toEqual(Array.from({ length: 24 }, () => "free"));
  });

  it("never leaves an id out", () => {
    assert(
      property(uniqueArray(integer({ min: 0, max: END - 1 }), { maxLength: 60 }), integer({ min: 3, max: 40 }), (ids, room) => {
        const sorted = entries(ids.toSorted((one, other) => one - other));
        let seen = 0;
        let from: number | null = 0;
        for (let page = 0; from !== null && page < 100; page++) {
          const cells = cellsFrom(sorted, from, room, 3, END);
          seen += cells.filter((cell) => cell.kind === "id").length;
          const last = cells.at(-1);
          from = last?.kind === "more" ? last.id : last?.kind === "gap" ? last.last + 1 : null;
        }
        expect(seen).toBe(ids.length);
      }),
    );
  });

  it("writes ids as people and kernels do", () => {
    expect([idText(7), idText(0xffff0)]).toEqual(["7", "0xffff0"]);
  });
});

describe("the ruler", () => {
  it("finds ids again", () => {
    for (const id of [0, 15, 300, 70_000]) expect(rulerId(rulerPx(id, 20, 900) + 0.001, 20, 900)).toBe(id);
    expect(rulerTicks(20, 900).map((tick) => tick.id)).toEqual([0, 16, 256, 4096, 65536, 0xfffff]);
  });

  it("counts every id once, in at most a stretch per px", () => {
    for (const count of [1, 500, 20_000]) {
      const { ids } = crowdedFrame(1, 1, count).pasids!;
      const stretches = rulerStretches(ids, 20, 500, (entry) => entry.set ?? "");
      expect(stretches.reduce((sum, stretch) => sum + stretch.count, 0)).toBe(ids.length);
      expect(stretches.length).toBeLessThanOrEqual(501);
    }
  });

  it("shows all of 2^20 ids as full", () => {
    const all = entries(Array.from({ length: END }, (_, index) => index));
    const stretches = rulerStretches(all, 20, 400, () => "one");
    expect(stretches.every((stretch) => stretch.filled > 0.5)).toBe(true);
    expect(stretches.at(-1)!.right).toBeCloseTo(400, 0);
  });
});

describe("words about ids", () => {
  it("say who hands them out and what waits", () => {
    expect(captionOf(lookPasids, null)).toBe("Allocators: A1 active, A2 waiting. PASID 3 waits for its last reference. PASID 7 has lost its owner.");
    expect(captionOf(lookPasids, lookPasids.ids[3]!)).toMatch(/^PASID 3 is pending, held by set:dpdk holds 1\./);
    expect(entryText(lookPasids.ids[1]!, lookPasids)).toBe("id 1, active, qemu, refs 3, held by set:qemu holds 3");
  });
});
