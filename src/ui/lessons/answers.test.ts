import { describe, expect, it } from "vitest";
import { parseLesson } from "../../lessons/format/lesson.ts";
import type { Question } from "../../lessons/lesson.ts";
import { optionForAddress, optionForSelection, typedAddress } from "./answers.ts";

function ask(kind: string, ...options: string[]): Question {
  const text = `## Step\n\n\`\`\`ask ${kind}\nWhat?\n${options.map((option) => `- [ ] ${option}\n  Why.`).join("\n")}\n\`\`\`\n`;
  return parseLesson("x.md", `---\nid: x\n---\n${text}`).lesson.steps[0]?.question as Question;
}

describe("typed addresses", () => {
  it.each([["0xfee0_0000", 0xfee00000], [" fee00000h ", 0xfee00000], ["FEE00000", 0xfee00000], ["4096", 4096], ["0x7f ffff ffff", 0x7fffffffff], ["ffffffffffffffff", 0xffffffffffffffffn]])("%s", (text, address) => {
    expect(typedAddress(text)).toBe(address);
  });

  it.each(["", "here", "0x", "-1"])("%s is none", (text) => {
    expect(typedAddress(text)).toBeNull();
  });

  it("finds its option, or the one for all others", () => {
    const question = ask("address", "{{window-end 1 = 0x7f_ffff_ffff}}", "0x0", "else");
    expect([0x7fffffffff, 0, 5].map((address) => optionForAddress(question, address))).toEqual([0, 1, 2]);
  });
});

describe("clicks in diagrams", () => {
  const question = ask("click", "{{blamed has mapping:ioas:3/1@0x0 | The mapping}}", "{{decided = 0xfee00000-0xfeefffff | The hole}}", "{{users hwpt:3/3 = 1 | The parent}}", "else");

  it.each([
    [{ key: "mapping:ioas:3/1@0x0" }, 0],
    [{ key: "holes/msi@0xfee00000-0xfeefffff" }, 1],
    [{ key: "by:device:3/1/msi@0xfee00000" }, 1],
    [{ range: { first: 0xfee00000, last: 0xfeefffff } }, 1],
    [{ range: { first: 0xfee00000, last: 0xfeeffffe } }, 3],
    [{ key: "hwpt:3/3" }, 2],
    [{ key: "ioas:3/1" }, 3],
  ])("%j", (selection, option) => {
    expect(optionForSelection(question, selection)).toBe(option);
  });
});
