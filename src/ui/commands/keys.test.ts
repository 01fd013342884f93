import { describe, expect, it } from "vitest";
import type { Command } from "./command.ts";
import { commandFor, type KeyPress } from "./keys.ts";

const command = (id: string, keys: string[], possible = true): Command => ({ id, title: id, group: "Steps", keys, run: () => {}, enabled: () => possible });
const PALETTE = { ...command("palette", ["Mod+k"]), anywhere: true };
const COMMANDS = [PALETTE, command("redo", ["Mod+Shift+z"]), command("next", ["ArrowRight"]), command("play", [" "]), command("help", ["?"]), command("never", ["x"], false)];

/** A press on an element of which these selectors are true. */
function press(key: string, matching: string[] = [], rest: Partial<KeyPress> = {}): KeyPress {
  const closest = (selector: string) => (matching.some((own) => selector.split(", ").includes(own)) ? {} : null);
  return { key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, defaultPrevented: false, target: { closest } as unknown as EventTarget, ...rest };
}

const idFor = (event: KeyPress) => commandFor(COMMANDS, event)?.id ?? null;

describe("commandFor", () => {
  it("finds the command of a key", () => {
    expect(idFor(press("ArrowRight"))).toBe("next");
    expect(idFor(press("?"))).toBe("help");
    expect(idFor(press("q"))).toBeNull();
  });

  it("leaves keys to inputs, open dialogs and whoever took them", () => {
    expect(idFor(press("?", ["textarea"]))).toBeNull();
    expect(idFor(press("ArrowRight", ["dialog[open]"]))).toBeNull();
    expect(idFor(press("ArrowRight", [], { defaultPrevented: true }))).toBeNull();
    expect(idFor(press("ArrowRight", [], { altKey: true }))).toBeNull();
  });

  it("lets the slider move by arrows and still play by space", () => {
    expect(idFor(press("ArrowRight", ["input[type=range]"]))).toBeNull();
    expect(idFor(press(" ", ["input[type=range]"]))).toBe("play");
  });

  it("lets the space bar press buttons", () => {
    expect(idFor(press(" ", ["button"]))).toBeNull();
    expect(idFor(press("ArrowRight", ["button"]))).toBe("next");
  });

  it("tells chords from keys, and lets only some of them work while one types", () => {
    expect(idFor(press("k", [], { ctrlKey: true }))).toBe("palette");
    expect(idFor(press("K", ["textarea"], { metaKey: true, shiftKey: false }))).toBe("palette");
    expect(idFor(press("k"))).toBeNull();
    expect(idFor(press("Z", [], { ctrlKey: true, shiftKey: true }))).toBe("redo");
    expect(idFor(press("Z", ["textarea"], { ctrlKey: true, shiftKey: true }))).toBeNull();
    expect(idFor(press("?", [], { ctrlKey: true }))).toBeNull();
    expect(idFor(press("k", ["dialog[open]"], { ctrlKey: true }))).toBeNull();
  });

  it("skips commands that are not possible now", () => {
    expect(idFor(press("x"))).toBeNull();
  });
});
