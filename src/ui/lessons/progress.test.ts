import { afterEach, describe, expect, it, vi } from "vitest";
import { progressOf, reached } from "./progress.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

function storage(initial: Record<string, string> = {}) {
  const texts = new Map(Object.entries(initial));
  vi.stubGlobal("localStorage", { getItem: (name: string) => texts.get(name) ?? null, setItem: (name: string, text: string) => texts.set(name, text), removeItem: (name: string) => texts.delete(name) });
}

describe("progress in lessons", () => {
  it("remembers the furthest step, and that a lesson was done", () => {
    storage();
    reached("tour", 3, false);
    reached("tour", 1, false);
    expect(progressOf("tour")).toEqual({ step: 3, done: false });
    reached("tour", 7, true);
    reached("tour", 0, false);
    expect(progressOf("tour")).toEqual({ step: 7, done: true });
    expect(progressOf("other")).toEqual({ step: 0, done: false });
  });

  it("starts anew from rubbish, and without storage", () => {
    storage({ "iovascope.lessons": '{"tour":7' });
    expect(progressOf("tour")).toEqual({ step: 0, done: false });
    vi.stubGlobal("localStorage", undefined);
    reached("tour", 3, false);
    expect(progressOf("tour")).toEqual({ step: 0, done: false });
  });
});
