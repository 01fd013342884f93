import { describe, expect, it } from "vitest";
import { lessonLink, parseLessonLink, sceneScenario } from "../lesson.ts";
import { parseLesson } from "./lesson.ts";

const TEXT = `---
id: story
title: A story
summary: In short.
minutes: 3
needs: tour, other
sources:
  - one: with a colon
  - two,
    which goes on
label: as posted
trace: ioasid
platform: intel-vtd 39
kernel: 5.5
variants: ioasid=v3-as-posted mm=E1
devices:
  - 0000:01:00.0 group=14 model=nvme
pools:
  - host lo=1 hi=20 mode=lowest
ops:
  - A1 alloc=F1 free=F1 pool=host
---

## First

Before. Two lines
of one paragraph.

- one
- two
  lines

focus: 0x1_0000-0x1_ffff in ioas:3/1

\`\`\`call
# a remark
ioasid_alloc set=S min=1 max=0x10
  private=p   -> OK ioasid=1
\`\`\`

\`\`\`ask address
Where?
- [x] {{window-start 1 = 0x1000}}
  There.
- [ ] else
  Not there.
\`\`\`

\`\`\`call
ioasid_free ioasid=1
ioasid_free ioasid=1 given={"pin":"ENOMEM","source":"so it is"} -> refused no-such-rule
\`\`\`

[review] After.

focus: ioasid:1

## Second

\`\`\`scene merged
keep: 2
variants: ioasid=mainline-5.5
\`\`\`

Text.

## Try it yourself

- **Free it once.**

\`\`\`solution once, elsewhere
kernel: 5.6
keep: 1
ioasid_free ioasid=1 -> OK
\`\`\`
`;

describe("a lesson's file", () => {
  const { lesson, problems } = parseLesson("story.md", TEXT);
  const [first, second, third] = lesson.steps;

  it("is read without complaint", () => {
    expect(problems).toEqual([]);
  });

  it("has a head", () => {
    expect(lesson).toMatchObject({ id: "story", title: "A story", minutes: 3, needs: ["tour", "other"], sources: ["one: with a colon", "two, which goes on"] });
    expect(lesson.scenes[0]).toMatchObject({
      label: "as posted",
      setup: {
        trace: "ioasid", kernel: "5.5", variants: { ioasid: "v3-as-posted", mm: "E1" }, platform: { kind: "intel-vtd", address_bits: 39, devices: [{ name: "0000:01:00.0", group: 14, model: "nvme" }] },
        pools: [{ pool: "host", lo: 1, hi: 20, mode: "lowest" }], ops: [{ ops: "A1", alloc: "F1", free: "F1", pool: "host" }],
      },
    });
  });

  it("has calls with their answers", () => {
    expect(lesson.scenes[0]?.calls.map(({ call, expected }) => [call, expected])).toEqual([
      [{ call: "ioasid_alloc", in: { set: "S", min: 1, max: 16, private: "p" } }, { answer: "OK", rule: null, outs: [{ name: "ioasid", value: "1" }] }],
      [{ call: "ioasid_free", in: { ioasid: 1 } }, { answer: "OK", rule: null, outs: [] }],
      [{ call: "ioasid_free", in: { ioasid: 1 }, given: { pin: "ENOMEM", source: "so it is" } }, { answer: "refused", rule: "no-such-rule", outs: [] }],
    ]);
  });

  it("asks before the calls that follow the question", () => {
    expect(first).toMatchObject({ title: "First", asked: { scene: 0, step: 1 }, place: { scene: 0, step: 3 }, focus: { kind: "range", first: "0x10000", last: "0x1ffff", space: "ioas:3/1" }, focusAfter: { kind: "object", key: "ioasid:1" } });
    expect(first?.question).toMatchObject({ kind: "address", options: [{ right: true, target: "0x1000", other: false }, { right: false, other: true, target: null }] });
    expect(first?.prose.map((block) => block.kind)).toEqual(["paragraph", "list"]);
    expect(first?.after).toMatchObject([{ kind: "paragraph", mark: "review" }]);
  });

  it("starts over in a scene", () => {
    expect(second?.place).toEqual({ scene: 1, step: 2 });
    expect(lesson.scenes[1]).toMatchObject({ label: "merged", setup: { variants: { ioasid: "mainline-5.5", mm: "E1" }, kernel: "5.5" } });
    expect(third?.kind).toBe("try");
    expect(sceneScenario(lesson, { scene: 1, step: 2 })).toMatchObject({ title: "A story", calls: [{ call: "ioasid_alloc" }, { call: "ioasid_free" }] });
  });

  it("ends with a task, and scenes that do it", () => {
    expect(third).toMatchObject({ place: { scene: 1, step: 2 }, solutions: [2] });
    expect(lesson.scenes[2]).toMatchObject({ label: "once, elsewhere", setup: { kernel: "5.6", variants: { ioasid: "mainline-5.5" } }, calls: [{ call: { call: "ioasid_alloc" } }, { text: "ioasid_free ioasid=1" }] });
    const wrong = parseLesson("x.md", TEXT.replace("kernel: 5.6\nkeep: 1", "keep: 3\nminutes: 2").replace("solution once, elsewhere", "solution"));
    expect(wrong.problems.map(({ message }) => message)).toEqual(['a solution needs a name: ```solution in two pieces', 'keep is all, none or a number up to 2', 'a solution has no "minutes"']);
    expect(parseLesson("x.md", TEXT.replace("## Try it yourself", "## Third")).problems).toMatchObject([{ message: "only the last step, ## Try it yourself, has solutions" }]);
  });

  it("has a link for each step", () => {
    expect(parseLessonLink(lessonLink("story", 2))).toEqual({ id: "story", step: 2 });
    expect(parseLessonLink("#lesson=story")).toEqual({ id: "story", step: 1 });
    expect(parseLessonLink("#1abc")).toBeNull();
  });
});

describe("what is not Markdown's", () => {
  it("stays text", () => {
    const { lesson, problems } = parseLesson("x.md", TEXT.replace("Before. Two lines", "<b>Before</b> <script>"));
    expect(problems).toEqual([]);
    expect(JSON.stringify(lesson.steps[0]?.prose)).toContain("<b>Before</b> <script>");
  });
});
