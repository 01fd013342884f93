import { describe, expect, it } from "vitest";
import { checkLibrary } from "./library.ts";

const GLOSSARY = { name: "glossary.md", text: "## ioas, address spaces\nAn address space.\n" };

const HEAD = `---
id: small
title: Small
summary: A small one.
minutes: 1
sources:
  - functions: iommufd_ioas_map
platform: mock
---
`;

const FIRST = `
## An address space

It has {{users ioas:3/1 = 1 | one}} user, see [[ioas]].

focus: ioas:3/1

\`\`\`call
IOMMU_IOAS_ALLOC flags=0 -> OK out_ioas_id=1
\`\`\`
`;

const LAST = `
## Mapping

focus: ioas:3/1

\`\`\`ask choice
Twice the same address?
- [ ] {{answer = OK | It works}}
  No.
- [x] {{answer = EEXIST}}
  Yes.
\`\`\`

\`\`\`call
IOMMU_IOAS_MAP ioas_id=1 flags=FIXED_IOVA|READABLE user_va=0x7f0000000000 length=0x1000 iova=0x1000
IOMMU_IOAS_MAP ioas_id=1 flags=FIXED_IOVA|READABLE user_va=0x7f0000000000 length=0x1000 iova=0x1000 -> EEXIST iova-overlaps-mapping
\`\`\`

Mapped: {{mapped = 0x1000-0x1fff}}. Answer of call 2: {{answer@2 = OK}}.

## Try it yourself

Go on.
`;

const GOOD = HEAD + FIRST + LAST;

function problemsOf(text: string): string[] {
  return checkLibrary([{ name: "small.md", text }], GLOSSARY).problems.map(({ line, message }) => `${line}: ${message}`);
}

/** The good lesson with one thing changed: what is said about it, and about which line. */
function changed(from: string, to: string): { said: string[]; line: number } {
  expect(GOOD).toContain(from);
  const text = GOOD.replace(from, to);
  return { said: problemsOf(text), line: GOOD.slice(0, GOOD.indexOf(from)).split("\n").length };
}

describe("a lesson that is true", () => {
  it("has no problem", () => {
    expect(problemsOf(GOOD)).toEqual([]);
    // Two answers with statements, three calls, three statements, two places.
    expect(checkLibrary([{ name: "small.md", text: GOOD }], GLOSSARY).statements).toBe(10);
  });
});

describe("a broken lesson says where", () => {
  it.each([
    ["a false statement", "{{users ioas:3/1 = 1 | one}}", "{{users ioas:3/1 = 2 | two}}", /is false: the model says 1/],
    ["a statement about nothing", "{{users ioas:3/1 = 1 | one}}", "{{users ioas:3/7 = 1}}", /can't be asked: there is no object ioas:3\/7/],
    ["an unknown subject", "{{users ioas:3/1 = 1 | one}}", "{{refs ioas:3/1 = 1}}", /nothing is called "refs"/],
    ["no statement at all", "{{users ioas:3/1 = 1 | one}}", "{{one}}", /is no statement/],
    ["another answer", "-> OK out_ioas_id=1", "-> EINVAL", /answers OK, not EINVAL/],
    ["another output", "out_ioas_id=1", "out_ioas_id=2", /gives out_ioas_id 1, not 2/],
    ["another rule", "EEXIST iova-overlaps-mapping", "EEXIST iova-overlaps-reserved", /refused by the rule iova-overlaps-mapping/],
    ["an unknown call", "IOMMU_IOAS_ALLOC flags=0 -> OK out_ioas_id=1", "IOMMU_IOAS_MAKE flags=0", /answers not modelled: unknown call/],
    ["a field that can't be", "ioas_id=1 flags=FIXED_IOVA|READABLE user_va=0x7f0000000000 length=0x1000 iova=0x1000 -> ", "ioas_id=[] length=0x1000 -> ", /answers malformed/],
    ["a line that is no call", "-> EEXIST iova-overlaps-mapping", "and so on", /"and" is not field=value/],
    ["a place that is not there", "focus: ioas:3/1\n\n```call", "focus: hwpt:3/9\n\n```call", /nothing has the key "hwpt:3\/9"/],
    ["a panel that is not there", "focus: ioas:3/1\n\n```call", "focus: panel:cellar\n\n```call", /no panel "cellar"/],
    ["a word not in the glossary", "[[ioas]]", "[[hwpt]]", /glossary does not explain "hwpt"/],
    ["a wrong right answer", "[x] {{answer = EEXIST}}", "[x] {{answer = EINVAL}}", /\{\{answer = EINVAL\}\} is false: the model says EEXIST/],
    ["a right wrong answer", "[ ] {{answer = OK | It works}}", "[ ] {{mappings = 1 | One}}", /marked wrong, but the model says so/],
    ["a right answer that nobody can check", "[x] {{answer = EEXIST}}", "[x] No", /must be a statement/],
    ["an answer without its reason", "\n  Yes.", "", /needs its reason/],
    ["an unknown key", "platform: mock", "plattform: mock", /"plattform" is not known/],
    ["an unknown platform", "platform: mock", "platform: mocked", /platform must be one of/],
    ["an unknown block", "```ask choice", "```quiz", /a block is one of/],
    ["a link to nowhere", "see [[ioas]]", "see [there](#lesson=there/1)", /there is no lesson "there"/],
    ["a step that a lesson does not have", "see [[ioas]]", "see [there](#lesson=small/9)", /has 3 steps, not 9/],
  ])("%s", (_what, from, to, message) => {
    const { said, line } = changed(from, to);
    expect(said.join("\n")).toMatch(message);
    // The line itself, or, where a whole block is meant, one nearby.
    expect(said.some((problem) => Math.abs(Number(problem.split(":")[0]) - line) <= 2)).toBe(true);
  });

  it("a lesson that ends without a question or an invitation", () => {
    expect(problemsOf(HEAD + FIRST)).toEqual([expect.stringMatching(/asks nothing/), expect.stringMatching(/Try it yourself/)]);
  });

  it("a lesson without front matter, and nothing at all", () => {
    expect(problemsOf(FIRST + LAST)[0]).toMatch(/^1: .*front matter/);
    expect(problemsOf("").length).toBeGreaterThan(0);
  });

  it("two lessons of one id", () => {
    const two = checkLibrary([{ name: "one.md", text: GOOD }, { name: "two.md", text: GOOD }], GLOSSARY);
    expect(two.problems).toEqual([{ file: "two.md", line: 1, message: 'the id "small" is also that of one.md' }]);
  });
});

describe("scenes and comparisons", () => {
  const scene = (block: string) => problemsOf(HEAD + FIRST + block + LAST.replace("answer@2", "answer@2"));

  it("start over with the calls that are kept", () => {
    expect(scene("\n## Again\n\nOnce more.\n\nfocus: ioas:3/1\n\n```scene again\nkeep: 1\n```\n")).toEqual([]);
    expect(scene("\n## Again\n\nOnce more.\n\nfocus: ioas:3/1\n\n```scene again\n```\n").join("\n")).toMatch(/nothing has the key "ioas:3\/1"/);
    expect(scene("\n## Again\n\nOnce more.\n\nfocus: ioas:3/1\n\n```scene again\nkeep: 5\n```\n").join("\n")).toMatch(/keep is all, none or a number up to 1/);
  });

  it("hold the comparison's answer and its statements", () => {
    const compare = (answer: string) => scene(`\n## Elsewhere\n\nThere.\n\nfocus: ioas:3/1\n\n\`\`\`compare on a host\nplatform: amd-vi\n-> ${answer}\n\`\`\`\n\nStill {{compared: windows = 1 | one}} window.\n`);
    expect(compare("OK")).toEqual([]);
    expect(compare("EINVAL").join("\n")).toMatch(/compared with "on a host", the last call answers OK, not EINVAL/);
  });
});
