import { describe, expect, it } from "vitest";
import { Problems } from "../problem.ts";
import { parseBlocks, parseInline, plainText } from "./blocks.ts";
import { parseClaim } from "./claim.ts";

describe("statements", () => {
  it.each([
    ["answer = EINVAL", { subject: "answer", args: [], relation: "=", value: "EINVAL", call: null, compared: false, shown: "EINVAL" }],
    ["users hwpt:3/4 = 2 | two", { subject: "users", args: ["hwpt:3/4"], value: "2", shown: "two" }],
    ["errno@8 != OK", { subject: "errno", call: 8, relation: "!=" }],
    ["compared: window-end 2 ioas:3/1 = 0x7fffffffff", { compared: true, subject: "window-end", args: ["2", "ioas:3/1"], shown: "0x7f_ffff_ffff" }],
    ["valid = 0x0-0xfedfffff, 0xfef00000-0xffff_ffff", { shown: "0x0–0xfedf_ffff, 0xfef0_0000–0xffff_ffff" }],
    ['exists "region:group A@0x0" = yes', { args: ["region:group A@0x0"], value: "yes" }],
    ['happened has "lands in P2" | it does', { relation: "has", value: "lands in P2", shown: "it does" }],
    ['events has {"warn":true}', { relation: "has", value: '{"warn":true}' }],
  ])("%s", (source, expected) => {
    expect(parseClaim(source, 1)).toMatchObject(expected);
  });

  it.each(["answer", "= 3", "Users = 3", "answer =", "{{}}"])("refuses %s", (source) => {
    expect(parseClaim(source, 1)).toBeNull();
  });
});

describe("prose", () => {
  const problems = new Problems("x.md");

  it("reads its few marks", () => {
    const inline = parseInline('a **b `c`** *d* `e` [[IOAS|f]] {{events has {"warn":true} | g}} [h](#lesson=tour/1)', 3, problems);
    expect(inline.map((part) => part.kind)).toEqual(["text", "strong", "text", "emphasis", "text", "code", "text", "term", "text", "claim", "text", "link"]);
    expect(plainText(inline)).toBe("a b c d e f g h");
    expect(problems.list).toEqual([]);
  });

  it("marks whose word a paragraph is", () => {
    const blocks = parseBlocks(["[analysis] Ours.", "", "1. one", "2. two", "", "```", "as it is", "```"].map((text, index) => ({ text, number: index + 1 })), problems);
    expect(blocks).toMatchObject([{ kind: "paragraph", mark: "analysis" }, { kind: "list", ordered: true }, { kind: "lines", text: "as it is" }]);
    parseBlocks([{ text: "[gossip] They say.", number: 9 }], problems);
    parseInline("[out](http://example.org)", 10, problems);
    expect(problems.list.map(({ line }) => line)).toEqual([9, 10]);
  });
});
