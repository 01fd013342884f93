/** Links to real logs: how long they are and what they cost to make and open, beside deflated JSON in the same run. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { History } from "../src/engine/history.ts";
import { linkTo, openLink } from "../src/engine/links.ts";
import { wholeKernel } from "../src/kernel/whole.ts";
import { parseScenario, scenarioJson } from "../src/scenario/schema.ts";
import type { Scenario } from "../src/scenario/scenario.ts";
import { median, print } from "./line.ts";

const PEER = "deflate-raw of the JSON, base64url";
const GOALS: Readonly<Record<number, number>> = { 30: 300, 100: 1000 };
const ROUNDS = 15;
const folder = join(process.cwd(), "bench/links");

interface Case {
  calls: number;
  scenario: Scenario;
  history: History;
}

const cases = readdirSync(folder).filter((name) => name.endsWith(".json")).map((name): Case => {
  const scenario = parseScenario(JSON.parse(readFileSync(join(folder, name), "utf8")));
  const history = new History(scenario, wholeKernel);
  history.advance();
  return { calls: scenario.calls.length, scenario, history };
});

const packed = (scenario: Scenario): string => deflateRawSync(JSON.stringify(scenarioJson(scenario)), { level: 9 }).toString("base64url");

/** Median of the milliseconds of one go. */
async function timeOf(work: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return median(times);
}

for (const calls of new Set(cases.map((one) => one.calls).sort((one, other) => one - other))) {
  const group = cases.filter((one) => one.calls === calls);
  const lengths: number[] = [];
  const peers: number[] = [];
  for (const { scenario, history } of group) {
    lengths.push((await linkTo(history, { step: 3 })).length);
    peers.push(packed(scenario).length + 2);
  }
  const goal = GOALS[calls];
  print({ name: `links-${calls}-chars`, value: Math.max(...lengths), unit: "characters, worst case", better: "lower", ...(goal !== undefined && { goal: goal - 1 }), peer: PEER, peer_value: Math.max(...peers) });
  print({ name: `links-${calls}-chars-median`, value: median(lengths), unit: "characters", better: "lower", peer: PEER, peer_value: median(peers) });
}

const [longest] = cases.toSorted((one, other) => other.calls - one.calls || other.scenario.title.length - one.scenario.title.length) as [Case];
const link = await linkTo(longest.history, { step: 3 });
const peer = packed(longest.scenario);
print({ name: "links-100-encode", value: await timeOf(() => linkTo(longest.history, { step: 3 })), unit: "ms", better: "lower", peer: PEER, peer_value: await timeOf(() => packed(longest.scenario)) });
print({ name: "links-100-decode", value: await timeOf(() => openLink(link)), unit: "ms", better: "lower", peer: PEER, peer_value: await timeOf(() => parseScenario(JSON.parse(inflateRawSync(Buffer.from(peer, "base64url")).toString("utf8")))) });
