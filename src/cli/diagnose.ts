import { basename } from "node:path";
import { localEngine } from "../engine/local.ts";
import type { Diagnosis, Finding, InputFile } from "../engine/views.ts";
import type { Json } from "../base/json.ts";
import { rangeText } from "../base/format.ts";
import { hex } from "../base/u64.ts";
import type { Range } from "../kernel/answer.ts";
import { needFiles, parseArguments } from "./arguments.ts";
import { inWords, readBytes } from "./files.ts";
import type { Output } from "./output.ts";

/** Of an input with several stories, the first so many are looked into. */
const MOST_STORIES = 8;

/** `diagnose FILE... [--json]`: why what failed failed, the likeliest cause first, what would work and what to run to be sure. */
export async function diagnoseCommand(args: string[], output: Output): Promise<number> {
  const parsed = parseArguments(args, { "--json": true });
  const files = needFiles(parsed).map((file): InputFile => ({ name: file === "-" ? "standard input" : basename(file), content: readBytes(file) }));
  const engine = localEngine();
  const { scenarios, warnings, clues } = await inWords(engine.read(files));
  for (const warning of warnings) output.warn(warning);
  const diagnoses: Diagnosis[] = [];
  for (const scenario of scenarios.slice(0, MOST_STORIES)) {
    await inWords(engine.load(scenario));
    diagnoses.push(await inWords(engine.diagnose(clues ?? EMPTY)));
  }
  const findings = together(diagnoses);
  if (parsed.options.has("--json")) output.print(`${JSON.stringify({ findings: findings.map(findingJson) }, null, 2)}\n`);
  else output.print(findings.length === 0 ? "Nothing in it failed, as far as the inputs show.\n" : findings.map(findingText).join("\n"));
  return 0;
}

/** For recordings and scenario files, which carry no log's words. */
const EMPTY = { failures: [], hints: [], faults: [], firmware: [], events: [], groups: [], ungrouped: [], devices: [], loose: [], bridgeWindows: [], needsDirect: [], memlock: null, kernel: null, options: null, assigned: [], known: { regions: true, width: true } };

/** What several stories of one input have in common is told once. */
function together(diagnoses: Diagnosis[]): Finding[] {
  const seen = new Set<string>();
  return diagnoses.flatMap(({ findings }) => findings).filter((finding) => {
    const key = `${finding.cause} ${finding.where ? `${finding.where.file}:${finding.where.line}` : `${finding.step} ${finding.range?.first}`}`;
    return !seen.has(key) && seen.add(key);
  });
}

function rangeJson(range: Range | null): Json {
  return range && { first: hex(range.first), last: hex(range.last) };
}

function findingJson(finding: Finding): Json {
  const { cause, rule, errno, where, object, remedy, confidence, needs, text, severity, basis, step } = finding;
  return {
    cause, rule, errno, where: where && { file: where.file, line: where.line }, range: rangeJson(finding.range), object, remedy, confidence,
    needs: needs.map((need) => ({ why: need.why, command: need.command })), text, severity, basis, decided_by: rangeJson(finding.decidedBy), step,
  };
}

const SEVERITY: Record<Finding["severity"], string> = { fatal: "stops it", "peer-to-peer": "only peer-to-peer transfers to a BAR are lost", harmless: "harmless by itself" };

function findingText(finding: Finding): string {
  const { where, range, object } = finding;
  const lines = [`${finding.cause}${finding.errno === null ? "" : ` (${finding.errno})`}: ${finding.text}`];
  if (object !== "") lines.push(`  about    ${object}`);
  if (where) lines.push(`  line     ${where.file}:${where.line}`);
  if (range) lines.push(`  range    ${rangeText(range.first, range.last)}`);
  if (finding.decidedBy) lines.push(`  because  ${rangeText(finding.decidedBy.first, finding.decidedBy.last)}`);
  lines.push(`  effect   ${SEVERITY[finding.severity]}`, `  works    ${finding.remedy}`, `  sure     ${finding.confidence}: ${finding.basis}`);
  for (const need of finding.needs) lines.push(`  run      ${need.command}   (${need.why})`);
  return `${lines.join("\n")}\n`;
}
