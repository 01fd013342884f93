import { describe, expect, it } from "vitest";
import { callCount, isLarge, plainScenario } from "../calls.ts";
import { Facts } from "../readers/facts.ts";
import { readLines } from "../readers/read-lines.ts";
import { qemuTrace, seeded } from "../samples/long-logs.ts";
import { scenariosOf } from "./scenarios.ts";

/** A long trace in which some maps fail and some are of files. */
function longTrace(lines: number, failing: boolean): string {
  const random = seeded(3);
  return qemuTrace(lines).replaceAll(/addr=0x\w+ readonly=0 \(0\)$/gm, (rest) => {
    const kind = random(100);
    return kind === 0 && failing ? rest.replace("(0)", "(-1)") : kind < 5 ? "fd=7 start=4096 readonly=1 (0)" : rest;
  }).replaceAll(/map_dma(.*fd=7)/g, "map_file_dma$1");
}

function factsOf(text: string, keepsOrigins: boolean): Facts {
  const facts = new Facts();
  facts.keepsOrigins = keepsOrigins;
  readLines("trace.log", text, facts);
  return facts;
}

describe("scenarios of long logs", () => {
  it.each([false, true])("have the same calls, packed while they are made or not (failing maps: %s)", async (failing) => {
    const text = longTrace(30_000, failing);
    const [packed] = await scenariosOf(factsOf(text, false));
    const [plain] = await scenariosOf(factsOf(text, true));
    if (!packed || !plain) throw new Error("no scenario");
    expect([isLarge(packed), isLarge(plain)]).toEqual([true, false]);
    expect(callCount(packed.calls)).toBeGreaterThan(10_000);
    expect(plainScenario(packed)).toEqual(plain);
  }, 60_000);

  it("can be given up while they are made", async () => {
    let turns = 0;
    const between = () => {
      if (++turns === 2) throw new Error("no longer wanted");
    };
    await expect(scenariosOf(factsOf(qemuTrace(45_000), false), { between })).rejects.toThrow("no longer wanted");
    expect(turns).toBe(2);
  }, 60_000);
});
