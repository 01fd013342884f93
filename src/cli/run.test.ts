import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { map, type1, unmap } from "../engine/fixtures.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { run } from "./run.ts";

const RECORDINGS = join(import.meta.dirname, "../../conformance/recordings");
const TYPE1 = join(RECORDINGS, "vfio-type1/vfio-type1-merged-directed.jsonl.gz");
const SCENARIO: Scenario = { ...type1([map(0, 0x8000_0000), map(0xfe00_0000, 0x200_0000), unmap(0x1000)]), title: "a shelf of memory" };

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "iovascope-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const scenarioFile = () => file("scenario.json", JSON.stringify(SCENARIO));

async function cli(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const code = await run(argv, { print: (text) => (out += text), warn: (line) => (err += `${line}\n`) });
  return { code, out, err };
}

describe("usage", () => {
  it("lists a line per verb", async () => {
    const { code, out } = await cli("--help");
    expect(code).toBe(0);
    for (const verb of ["replay", "import", "explain", "link", "unlink", "rules"]) expect(out).toMatch(new RegExp(`^  ${verb} .*`, "m"));
    expect(await cli()).toMatchObject({ code: 2, out: "", err: expect.stringContaining("usage:") as string });
    expect((await cli("explain", "--help")).out).toContain("--step N");
  });

  it.each([
    [["frobnicate"], "unknown verb"],
    [["replay"], "a file is needed"],
    [["replay", "--fast", "x"], "unknown option --fast"],
    [["explain", "x", "--step"], "--step needs a value"],
    [["explain", "x", "--step", "-3"], "whole number"],
    [["rules", "--json=yes"], "takes no value"],
    [["rules", "x"], "takes no file"],
    [["unlink", "#1", "#2"], "one link at a time"],
    [["replay", "/no/such/file"], "/no/such/file: no such file"],
  ])("%j fails with words", async (argv, words) => {
    expect(await cli(...argv)).toMatchObject({ code: 2, out: "", err: expect.stringContaining(words) as string });
  });
});

describe("replay", () => {
  const header = { trace: "vfio-type1", variant: "merged", title: "t", api: "v2" };
  const call = { n: 1, call: "unmap_dma", in: { iova: "0x1000", size: "0x1000", flags: [] }, ret: { unmapped: "0x0" } };
  const text = (...lines: object[]) => lines.map((line) => JSON.stringify(line)).join("\n");

  it("counts calls and divergences, one line for each", async () => {
    const wrong = { ...call, ret: { unmapped: "0x1000" } };
    const path = file("wrong.jsonl", text(header, call, wrong));
    expect(await cli("replay", path)).toEqual({
      code: 1, err: "", out: `${path}:3 unmap_dma ret.unmapped: expected "0x1000", got "0x0"\ncalls 2, divergences 1\n`,
    });
  });

  it("counts undefined behaviour apart, on a line of its own", async () => {
    const path = file("undefined.jsonl", text({ ...header, undefined_behaviour: true }, { ...call, ret: { unmapped: "0x7" } }, header, call));
    expect(await cli("replay", path)).toEqual({ code: 0, err: "", out: "undefined behaviour: calls 1, divergences 1 (not counted)\ncalls 1, divergences 0\n" });
  });

  it("reads gzip, and says which line of which file it can't read", async () => {
    expect(await cli("replay", TYPE1)).toMatchObject({ code: 0, out: expect.stringMatching(/calls 242, divergences 0\n$/) as string });
    const path = file("broken.jsonl", text(header, call) + "\n{oops\n");
    expect(await cli("replay", path)).toMatchObject({ code: 2, out: "", err: expect.stringContaining("broken.jsonl: line 3") as string });
    expect(await cli("replay", file("cut.gz", gzipSync("hello").subarray(0, 12)))).toMatchObject({ code: 2, err: expect.stringContaining("gzip") as string });
  });
});

describe("import", () => {
  it("prints the scenario", async () => {
    const { code, out } = await cli("import", scenarioFile());
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ title: SCENARIO.title, platform: { kind: "none" }, calls: SCENARIO.calls });
  });

  it("takes the K-th sequence of a file of several", async () => {
    const first = await cli("import", TYPE1);
    expect(first.err).toContain("sequences");
    const second = await cli("import", `${TYPE1}#2`);
    expect(second).toMatchObject({ code: 0, err: "" });
    expect((JSON.parse(second.out) as Scenario).title).not.toBe((JSON.parse(first.out) as Scenario).title);
    expect(await cli("import", `${TYPE1}#999`)).toMatchObject({ code: 2, out: "", err: expect.stringContaining("no sequence 999") as string });
  });

  it("says why a file is of no use", async () => {
    expect(await cli("import", file("poem.txt", "the woods are lovely\n"))).toMatchObject({ code: 2, out: "", err: expect.stringContaining("poem.txt") as string });
  });
});

describe("explain", () => {
  it("lays out the answer for a person", async () => {
    const { code, out } = await cli("explain", scenarioFile(), "--step", "3");
    expect(code).toBe(0);
    expect(out).toMatch(/^Step 3 of 4: map_dma → EINVAL\n/);
    expect(out).toMatch(/^ {2}✗ .*\[dma-outside-valid-list, vfio_iommu_iova_dma_valid\]$/m);
    expect(out).toContain("0xfee0_0000–0xfeef_ffff (1 MiB)");
    expect(out).toContain("What would work");
  });

  it("gives programs the same", async () => {
    const { out } = await cli("explain", scenarioFile(), "--step=3", "--json");
    const json = JSON.parse(out) as Record<string, unknown>;
    expect(Object.keys(json)).toEqual(["call", "errno", "rule", "checks", "advice"]);
    expect(json).toMatchObject({ call: "map_dma", errno: "EINVAL", rule: "dma-outside-valid-list", advice: expect.stringContaining("0xfef0_0000") as string });
    const checks = json.checks as Record<string, unknown>[];
    expect(checks.every((check, index) => check.passed === index < checks.length - 1)).toBe(true);
    expect(checks.at(-1)).toMatchObject({
      rule: "dma-outside-valid-list", function: "vfio_iommu_iova_dma_valid", passed: false, range: { first: "0xfee00000", last: "0xfeefffff" },
      objects: expect.arrayContaining([{ key: "group:g1", label: "group g1" }]) as unknown,
    });
  });

  it("opens at the first refusal, and knows its steps", async () => {
    expect((await cli("explain", scenarioFile())).out).toMatch(/^Step 3 of 4/);
    for (const step of ["0", "5"]) expect(await cli("explain", scenarioFile(), "--step", step)).toMatchObject({ code: 2, out: "", err: expect.stringContaining("from 1 to 4") as string });
  });
});

describe("link and unlink", () => {
  it("carry a scenario and its step, as a fragment or a whole address", async () => {
    const { code, out } = await cli("link", scenarioFile(), "--step", "2");
    expect(code).toBe(0);
    expect(out).toMatch(/^#[\w-]+\n$/);
    const imported = JSON.parse((await cli("import", scenarioFile())).out) as object;
    for (const link of [out.trim(), `https://example.org/iovascope/${out.trim()}`]) expect(JSON.parse((await cli("unlink", link)).out)).toEqual({ step: 2, ...imported });
  });

  it("say what is wrong with a link or a step", async () => {
    const link = (await cli("link", scenarioFile())).out.trim();
    expect(await cli("unlink", link.slice(0, -3))).toMatchObject({ code: 2, out: "", err: expect.stringContaining("damaged") as string });
    expect(await cli("unlink", "https://example.org/")).toMatchObject({ code: 2, out: "" });
    expect(await cli("link", scenarioFile(), "--step", "5")).toMatchObject({ code: 2, err: expect.stringContaining("from 0 to 4") as string });
  });
});

describe("rules", () => {
  it("lists every rule once, with its subsystem", async () => {
    const rules = JSON.parse((await cli("rules", "--json")).out) as Record<string, string>[];
    expect(new Set(rules.map((rule) => rule.id)).size).toBe(rules.length);
    for (const rule of rules) expect(Object.keys(rule)).toEqual(["id", "errno", "meaning", "holds", "function", "advice", "subsystem"]);
    expect(rules).toContainEqual(expect.objectContaining({ id: "dma-outside-valid-list", errno: "EINVAL", subsystem: "vfio" }));
    expect((await cli("rules")).out.trimEnd().split("\n").length).toBe(rules.length);
  });
});

describe("the process", () => {
  const main = join(import.meta.dirname, "main.ts");

  it("reads standard input, exits with the code, and survives a closed pipe", () => {
    const text = `${JSON.stringify({ trace: "vfio-type1", variant: "merged" })}\n${JSON.stringify({ call: "no_such_call", in: {}, ret: 0 })}\n`;
    const replayed = spawnSync(process.execPath, ["--import", "tsx", main, "replay", "-"], { input: text, encoding: "utf8" });
    expect(replayed.stdout).toMatch(/^-:2 no_such_call call: expected "an answer", .*\ncalls 1, divergences 1\n$/);
    expect(replayed.status).toBe(1);
    const piped = execFileSync("sh", ["-c", `"$0" --import tsx "$1" import "$2" | head -c 20; echo`, process.execPath, main, TYPE1], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    expect(piped.length).toBe(21);
  }, 30_000);
});
