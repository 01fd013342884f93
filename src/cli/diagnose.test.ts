import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { run } from "./run.ts";

async function diagnose(text: string, ...options: string[]): Promise<{ code: number; out: string }> {
  const file = join(mkdtempSync(join(tmpdir(), "iovascope-")), "log.txt");
  writeFileSync(file, text);
  let out = "";
  const code = await run(["diagnose", file, ...options], { print: (part) => (out += part), warn: () => {} });
  return { code, out };
}

const LINE = "kvm: vfio_dma_map(0x5e00aa, 0x383800000000, 0x8000000, 0x7f0000000000) = -22 (Invalid argument)";

describe("iovascope diagnose", () => {
  it("gives findings as JSON, with every field that programs read", async () => {
    const { code, out } = await diagnose(`noise\n${LINE}\n`, "--json");
    expect(code).toBe(0);
    const { findings } = JSON.parse(out) as { findings: Record<string, unknown>[] };
    expect(findings[0]).toMatchObject({
      cause: "iova-above-aperture", rule: "dma-outside-valid-list", errno: "EINVAL", where: { file: "log.txt", line: 2 },
      range: { first: "0x383800000000", last: "0x383807ffffff" }, confidence: "guessed", severity: "peer-to-peer",
    });
    expect(Object.keys(findings[0] ?? {})).toEqual(expect.arrayContaining(["object", "remedy", "needs"]));
  });

  it("says the same in words", async () => {
    const { out } = await diagnose(LINE);
    expect(out).toMatch(/^iova-above-aperture \(EINVAL\): .*\n[\s\S]*works .*host-phys-bits-limit=39[\s\S]*run .*reserved_regions/);
  });

  it("refuses what nobody can read", async () => {
    expect((await diagnose("lorem ipsum\n")).code).toBe(2);
  });
});
