import { describe, expect, it } from "vitest";
import { idOf, isForUs, readOrder } from "./message.ts";

const order = (fields: object) => readOrder({ iovascope: 1, ...fields });

describe("messages of a framing page", () => {
  it("are orders", () => {
    expect(order({ do: "goto", step: 3 })).toEqual({ do: "goto", step: 3 });
    expect(order({ do: "play" })).toEqual({ do: "play", playing: true, speed: null });
    expect(order({ do: "play", playing: false, speed: 5 })).toEqual({ do: "play", playing: false, speed: 5 });
    expect(order({ do: "load", link: "https://example.org/x/?embed#1abc" })).toEqual({ do: "load", link: "#1abc" });
    expect(order({ do: "load", scenario: { title: "x" } })).toEqual({ do: "load", text: '{"title":"x"}' });
    expect(order({ do: "select", range: { first: "0x1000", last: "0xffffffffffffffff" } })).toEqual({ do: "select", selection: { range: { first: 0x1000, last: 0xffff_ffff_ffff_ffffn } } });
    expect(order({ do: "select" })).toEqual({ do: "select", selection: null });
  });

  it("are refused by the name of the field", () => {
    expect(() => readOrder({ iovascope: 2, do: "goto" })).toThrow(/version 1/);
    for (const step of [-1, 1.5, Number.NaN, "3", null, 1e12]) expect(() => order({ do: "goto", step })).toThrow(/^step /);
    expect(() => order({ do: "play", speed: 3 })).toThrow(/^speed /);
    expect(() => order({ do: "load" })).toThrow(/one of link, text and scenario/);
    expect(() => order({ do: "load", link: "no fragment" })).toThrow(/^link /);
    expect(() => order({ do: "load", text: 7 })).toThrow(/^text /);
    expect(() => order({ do: "select", key: "" })).toThrow(/^key /);
    expect(() => order({ do: "select", range: { first: "0x2", last: "0x1" } })).toThrow(/^range /);
    expect(() => order({ do: "theme", theme: "blue" })).toThrow(/^theme /);
    expect(() => order({ do: "show", show: "constructor" })).toThrow(/^show /);
    expect(() => order({ do: "eval", code: "x" })).toThrow(/^do /);
  });

  it("of others are not ours", () => {
    expect([null, 7, "x", {}, { iovascope: 1 }, { do: "goto" }].filter(isForUs)).toEqual([]);
    expect(idOf({ id: {} })).toBeNull();
    expect(idOf({ id: "a" })).toBe("a");
  });
});
