import { describe, expect, it, vi } from "vitest";
import { find, type PaletteGroup, type PaletteItem } from "./items.ts";

const item = (title: string, group: PaletteGroup = "Commands", about = ""): PaletteItem => ({ id: title, group, title, about, keys: [], run: () => {} });
const ITEMS = [item("Next step"), item("Export"), item("ioas 2", "Objects here"), item("Taking down", "Lessons", "what must go first"), item("A 1 TiB guest", "Examples", "steps over a hole")];
const titles = (typed: string) => find(ITEMS, typed, null).map(({ title }) => title);

describe("the palette", () => {
  it("finds by every word, in titles before anything else", () => {
    expect(titles("step")).toEqual(["Next step", "A 1 TiB guest"]);
    expect(titles("tib guest")).toEqual(["A 1 TiB guest"]);
    expect(titles("go first")).toEqual(["Taking down"]);
    expect(titles("ioas 9")).toEqual([]);
  });

  it("goes to a step by its number", () => {
    const goTo = vi.fn<(step: number) => void>();
    const [first] = find(ITEMS, "goto 120", goTo);
    expect(first?.title).toBe("Step 120");
    first?.run();
    expect(goTo).toHaveBeenCalledWith(120);
    expect(find(ITEMS, "7", goTo)[0]?.title).toBe("Step 7");
    expect(find(ITEMS, "7", null)).toEqual([]);
  });

  it("shows all commands and a few of the rest at first", () => {
    const many = [...ITEMS, ...Array.from({ length: 20 }, (_, index) => item(`ioas ${index}`, "Objects here"))];
    const shown = find(many, "", null);
    expect(shown.filter(({ group }) => group === "Objects here")).toHaveLength(5);
    expect(shown.filter(({ group }) => group === "Commands")).toHaveLength(2);
  });
});
