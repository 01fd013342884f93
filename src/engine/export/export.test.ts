import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { examples } from "../../scenario/examples/examples.ts";
import { parseScenario, scenarioJson } from "../../scenario/schema.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import { parseScenarioText } from "../../scenario/text/parse.ts";
import { resolveNames, withoutNames } from "../../scenario/text/names.ts";
import { wholeKernel } from "../../kernel/whole.ts";
import { replayText } from "../replay.ts";
import { Session } from "../session.ts";
import { EngineError, type ExportForm } from "../views.ts";
import { isSystemCall } from "./c/assemble.ts";

const ROOT = join(import.meta.dirname, "../../..");
const RECORDINGS = join(ROOT, "conformance/recordings");
const LINK = "https://iovascope.example/#1abc";

async function openFile(path: string, index = 0): Promise<{ session: Session; scenario: Scenario }> {
  const session = new Session();
  const { scenarios } = await session.read([{ name: path, content: new Uint8Array(readFileSync(path)) }]);
  const scenario = scenarios[index] as Scenario;
  await session.load(scenario);
  return { session, scenario };
}

async function exported(scenario: Scenario, form: ExportForm, step = 1): Promise<string> {
  const session = new Session();
  await session.load(scenario);
  return (await session.export(form, { step, link: LINK })).text;
}

/** Every example, as the start page opens it. */
let all: [string, Scenario][] = [];
async function exampleScenarios(): Promise<[string, Scenario][]> {
  if (all.length > 0) return all;
  const session = new Session();
  const found: [string, Scenario][] = [];
  for (const example of examples) {
    const loaded = await example.load(async (name) => new Uint8Array(readFileSync(join(ROOT, "public/examples", name))));
    found.push([example.id, Array.isArray(loaded) ? ((await session.read(loaded)).scenarios[0] as Scenario) : loaded]);
  }
  return (all = found);
}

/** One recording of each family and kind. */
const FAMILIES = [
  "iommufd/directed-04-fds-keep-objects-busy", "iommufd/directed-15-hwpt-nested", "iommufd/directed-20-access-rw", "iommufd/directed-23-dirty-bitmap-ranges", "iommufd/directed-24-fault-queue", "iommufd/directed-26-vfio-compat",
  "iommufd/extra-programs", "iommufd/extra-rlimit-mode-mm", "iommufd/random-000001-000050", "vtd/vtd-01-bind-attach", "vtd/vtd-05-real-dma", "vtd/vtd-random-800001-800050", "vfio-type1/type1-01-basic",
  "vfio-type1/type1-02-group-container",
].map((name) => join(RECORDINGS, `${name}.jsonl.gz`));
const IN_KERNEL = ["ioasid/ioasid-mainline-6.1-directed", "vfio-type1/vfio-type1-merged-directed"].map((name) => join(RECORDINGS, `${name}.jsonl.gz`));

describe("a recording with the model's answers", () => {
  it("replays without a divergence, for every example", async () => {
    for (const [id, scenario] of await exampleScenarios()) {
      const text = await exported(scenario, "recording");
      const wrong: string[] = [];
      const counts = replayText(text, (line, { call, field }) => wrong.push(`${line} ${call} ${field}`));
      expect([id, wrong, counts.calls + counts.undefinedCalls, counts.undefinedDivergences]).toEqual([id, [], scenario.calls.length, 0]);
    }
  }, 60_000);

  it.each([...FAMILIES, ...IN_KERNEL])("%s comes back as the same calls", async (file) => {
    const { session, scenario } = await openFile(file);
    const { text, name } = await session.export("recording", { step: 0, link: null });
    expect(name).toMatch(/^[a-z0-9-]+\.jsonl$/);
    expect(replayText(text).divergences).toBe(0);
    const [again] = (await session.read([{ name, content: text }])).scenarios as [Scenario];
    expect({ ...again, calls: again.calls.map(({ recorded: _recorded, ...call }) => call) }).toEqual({ ...scenario, calls: scenario.calls.map(({ recorded: _recorded, ...call }) => call) });
  });

  it("keeps what only a log knows: platform, given facts, notes", async () => {
    const scenario: Scenario = {
      title: "a refused pin", trace: "iommufd", platform: { kind: "amd-vi", address_bits: 48, devices: [{ name: "0000:41:00.0", group: 27 }], guessed: true }, container: "type1",
      calls: [
        { call: "VFIO_CONTAINER_OPEN", in: {} }, { call: "VFIO_GROUP_OPEN", in: { path: "/dev/vfio/27", group: 27 } }, { call: "VFIO_GROUP_SET_CONTAINER", in: { group: 27 } }, { call: "VFIO_SET_IOMMU", in: { arg: 3 } },
        { call: "VFIO_IOMMU_MAP_DMA", in: { flags: 3, vaddr: "0x7f0000000000", iova: "0x0", size: "0x1000" }, given: { pin: "EFAULT", source: "from the log" }, note: "BAR 0" },
      ],
    };
    const text = await exported(scenario, "recording");
    expect(replayText(text)).toMatchObject({ calls: 5, divergences: 0 });
    expect(text).toContain('"errno":"EFAULT"');
    const [again] = (await new Session().read([{ name: "r", content: text }])).scenarios as [Scenario];
    expect({ ...again, calls: again.calls.map(({ recorded: _recorded, ...call }) => call) }).toEqual(scenario);
  });
});

describe("text, JSON and Markdown", () => {
  it("give the same scenario back", async () => {
    for (const [, scenario] of await exampleScenarios()) {
      expect(parseScenario(JSON.parse(await exported(scenario, "json")))).toEqual(parseScenario(scenarioJson(scenario)));
      const { scenario: read, problems } = parseScenarioText(await exported(scenario, "text"));
      expect(problems).toEqual([]);
      const calls = withoutNames(resolveNames(read as Scenario, wholeKernel)).calls;
      expect(calls.map(({ call, in: fields }) => ({ call, in: fields }))).toEqual(scenario.calls.map(({ call, in: fields }) => ({ call, in: fields })));
    }
  }, 60_000);

  it("number the calls and give each refusal its reason, and the link", async () => {
    const scenario: Scenario = {
      title: "a `title` with *marks*", trace: "iommufd", platform: { kind: "mock" },
      calls: [{ call: "IOMMU_IOAS_ALLOC", in: { flags: 0 } }, { call: "IOMMU_TEST_OP_MOCK_DOMAIN", in: { id: 1 } }, { call: "IOMMU_IOAS_MAP", in: { flags: 7, ioas_id: 1, user_va: "0x10000", length: "0x1000", iova: "0x1000" } }],
    };
    const text = await exported(scenario, "markdown");
    expect(text).toContain("### a \\`title\\` with \\*marks\\*");
    expect(text).toContain("1. `ioas1 = IOMMU_IOAS_ALLOC flags=0` → OK, out_ioas_id 1");
    expect(text).toMatch(/^3\. .* → \*\*EINVAL\*\*\n {3}\S.*\n {3}What would work: /m);
    expect(text.trimEnd().endsWith(`<${LINK}>`)).toBe(true);
    const step = await exported(scenario, "step", 3);
    expect(step).toMatch(/^`IOMMU_IOAS_MAP ioas1 .*` → \*\*EINVAL\*\*\n\n\S/);
    expect(step).toContain("Check `iova-overlaps-reserved` in `");
    await expect(exported(scenario, "step", 0)).rejects.toThrow("Go to the step");
  });

  it("leave most of a long run out, but no refusal", async () => {
    const alloc = { call: "IOMMU_IOAS_ALLOC", in: { flags: 0 } };
    const scenario: Scenario = { title: "long", trace: "iommufd", platform: { kind: "mock" }, calls: [...Array.from({ length: 300 }, () => alloc), { call: "IOMMU_DESTROY", in: { id: 9999 } }] };
    const text = await exported(scenario, "markdown");
    expect(text.split("\n").length).toBeLessThan(40);
    expect(text).toContain("280 calls left out");
    expect(text).toMatch(/^301\. .*ENOENT/m);
  });
});

const cc = spawnSync("cc", ["--version"]).status === 0;

describe.skipIf(!cc)(`a C program${cc ? "" : " (skipped: there is no cc here)"}`, () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "iovascope-c-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What the compiler says of all of them at once. */
  function compile(programs: [string, string][]): string {
    const files = programs.map(([name, text]) => {
      const file = join(folder, `${name.replaceAll(/\W+/g, "-")}.c`);
      writeFileSync(file, text);
      return file;
    });
    return spawnSync("cc", ["-Wall", "-Wextra", "-Werror", "-fsyntax-only", ...files], { encoding: "utf8" }).stderr;
  }

  it("of every example that makes system calls compiles without a warning", async () => {
    const programs: [string, string][] = [];
    for (const [id, scenario] of await exampleScenarios()) {
      if (scenario.calls.some(({ call }) => isSystemCall(call))) programs.push([id, await exported(scenario, "c")]);
    }
    expect(programs.length).toBeGreaterThan(8);
    expect(compile(programs)).toBe("");
  }, 60_000);

  it("of every family of recordings compiles, links, and says what the model answers", async () => {
    const programs: [string, string][] = [];
    for (const file of FAMILIES) {
      const { session, scenario } = await openFile(file);
      const { text } = await session.export("c", { step: 0, link: LINK });
      programs.push([file.slice(RECORDINGS.length), text]);
      expect(text.match(/^static void step_\d+\(void\)$/gm)?.length).toBe(scenario.calls.filter(({ call }) => isSystemCall(call)).length);
    }
    expect(compile(programs)).toBe("");
    const [, text] = programs[0] as [string, string];
    const source = join(folder, "whole.c");
    writeFileSync(source, text);
    expect(spawnSync("cc", ["-Wall", "-Wextra", "-o", join(folder, "whole"), source], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  }, 60_000);

  it("is refused where nothing is a system call", async () => {
    for (const file of IN_KERNEL) {
      const { session } = await openFile(file);
      await expect(session.export("c", { step: 0, link: null })).rejects.toThrow(EngineError);
    }
  });

  it("names ids by the calls that gave them, and nothing of a scenario ends a comment or a string", async () => {
    const scenario: Scenario = {
      title: "*/ int x = 1; /* ??/ \\ \u202e\" %s", trace: "iommufd", platform: { kind: "mock" },
      calls: [
        { call: "IOMMU_IOAS_ALLOC", in: { flags: 0 }, note: "*/" }, { call: "IOMMU_TEST_OP_MOCK_DOMAIN", in: { id: 1 } }, { call: "IOMMU_HWPT_ALLOC", in: { dev_id: 3, pt_id: 1, data_len: 0 } },
        { call: "VFIO_CDEV_OPEN", in: { dev: 0, path: "\"); system(\"x\"); (\"\n" } }, { call: "IOMMU_DESTROY", in: { id: 77 } }, { call: "IOMMU_IOAS_MAP", in: { flags: 1e15, ioas_id: 4294967296, user_va: "0xffffffffffffffff", length: "0xffffffffffffffff", iova: "0xffffffffffffffff" } },
      ],
    };
    const text = await exported(scenario, "c");
    expect(text).toContain(".dev_id = ids.idev_3,");
    expect(text).toContain(".pt_id = ids.ioas_1,");
    expect(text).toContain(".id = 0x4d,");
    expect(compile([["hostile", text]])).toBe("");
  });
});
