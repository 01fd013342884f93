/** From what people gave to why it failed and what would work: the likeliest cause first. */
import { callNames, eachCall } from "../../scenario/calls.ts";
import type { Clues } from "../../scenario/clues.ts";
import { hostWindows } from "../../scenario/layout/host.ts";
import type { History } from "../history.ts";
import { fromFaults } from "./faults.ts";
import type { Diagnosis, Finding } from "./finding.ts";
import { fromFailure, fromHint } from "./messages.ts";
import { fromOptions } from "./options.ts";
import { fromPlatform } from "./platform.ts";
import { replyOf } from "./reply.ts";
import { emptyUnmaps, fromSteps, type Context } from "./steps.ts";

/** Longer runs are not gone through once more for unmaps that removed nothing. */
const LONG_RUN = 50_000;
const MOST_FINDINGS = 100;

/** Diagnoses an open run with what the inputs said besides its calls. The run has been made to its end. */
export function diagnose(history: History, clues: Clues): Diagnosis {
  const { platform } = history.config;
  const context: Context = {
    history, clues, host: hostWindows(platform, usedDevices(history)),
    failures: clues.failures.filter((failure) => failure.kind === "map"), events: [...clues.events],
  };
  const steps = fromSteps(context);
  const said = clues.failures.flatMap((failure) => fromFailure(failure, clues) ?? []);
  const hints = clues.hints.filter(({ weak }) => !weak).flatMap((hint) => fromHint(hint, clues) ?? []);
  const faults = fromFaults(clues).filter(({ confidence }) => confidence !== "guessed");
  const silent = history.length <= LONG_RUN ? emptyUnmaps(context) : null;
  const found = joined([...steps, ...said, ...hints, ...faults]);
  if (silent?.severity === "fatal" || (silent && !isFatal(found))) found.push(silent);
  const isTold = clues.failures.length > 0 || clues.hints.some(({ weak }) => !weak) || clues.events.length > 0;
  if (!isTold) add(found, fromOptions(clues, context.host));
  if (!isFatal(found)) add(found, fromPlatform(clues, history.scenario));
  // What is only likely counts where nothing better is known.
  if (found.length === 0) found.push(...joined([...clues.hints.flatMap((hint) => fromHint(hint, clues) ?? []), ...fromFaults(clues)]));
  // The limit's message is about that very pinning.
  const kept = found.some(({ cause }) => cause === "pinned-more-than-once") ? found.filter(({ cause, range }) => cause !== "memlock-limit" || range !== null) : found;
  const findings = ranked(kept).slice(0, MOST_FINDINGS);
  return { findings, reply: replyOf(findings) };
}

function isFatal(findings: Finding[]): boolean {
  return findings.some(({ severity }) => severity === "fatal");
}

/** Adds findings of causes that are not there yet. */
function add(found: Finding[], more: Finding[]): void {
  const known = new Set(found.map(({ cause }) => cause));
  found.push(...more.filter(({ cause }) => !known.has(cause)));
}

/** Devices whose group some call brings in; all of them when none does. */
function usedDevices(history: History) {
  const { devices } = history.config.platform;
  const groups = new Set<number>();
  if (callNames(history.scenario.calls).has("VFIO_GROUP_SET_CONTAINER")) {
    eachCall(history.scenario.calls, (call) => {
      if (call.call === "VFIO_GROUP_SET_CONTAINER" && typeof call.in.group === "number") groups.add(call.in.group);
    });
  }
  const used = devices.filter((device) => groups.has(device.group));
  return used.length > 0 ? used : devices;
}

/** The same cause told by a step and by a message is one finding with what both know. */
function joined(findings: Finding[]): Finding[] {
  const result: Finding[] = [];
  for (const finding of findings) {
    const before = result.find((other) => other.cause === finding.cause && complement(other, finding));
    if (!before) {
      result.push({ ...finding });
      continue;
    }
    // What a message says outright is better than what was only likely.
    if (finding.confidence === "given" && before.confidence === "guessed" && before.step === null && before.range === null) Object.assign(before, { text: finding.text, remedy: finding.remedy, basis: finding.basis, confidence: finding.confidence, needs: finding.needs, where: finding.where });
    before.step ??= finding.step;
    before.where ??= finding.where;
    before.range ??= finding.range;
    before.decidedBy ??= finding.decidedBy;
    if (before.object === "") before.object = finding.object;
    if (finding.confidence === "given" && before.confidence === "guessed" && finding.needs.length === 0) before.confidence = "modelled";
  }
  return result;
}

/** Do two findings of one cause tell of the same event? They do unless both name a range, and not the same. */
function complement(one: Finding, other: Finding): boolean {
  if (one.range && other.range) return one.range.first === other.range.first && one.range.last === other.range.last && (one.step === null || other.step === null || one.step === other.step);
  if (one.step !== null && other.step !== null) return false;
  return one.object === "" || other.object === "" || one.object.includes(other.object) || other.object.includes(one.object) || one.where === null || other.where === null || one.step !== other.step;
}

const SEVERITY = { fatal: 0, "peer-to-peer": 1, harmless: 2 } as const;
const CONFIDENCE = { given: 0, modelled: 0, guessed: 1 } as const;
/** Causes that make others happen: they come before what follows from them. */
const ROOTS: readonly string[] = ["partial-unmap-type1-v1", "pinned-more-than-once", "viommu-wider-than-host", "vcpu-address-width"];
const CONSEQUENCES: readonly string[] = ["outside-the-model"];

function weight(finding: Finding): number {
  const root = ROOTS.includes(finding.cause) ? -10 : CONSEQUENCES.includes(finding.cause) ? 1 : 0;
  return root + SEVERITY[finding.severity] * 2 + CONFIDENCE[finding.confidence];
}

/** Fatal before harmless, what is told before what is guessed; else in the order of the log. */
function ranked(findings: Finding[]): Finding[] {
  return findings.map((finding, index) => ({ finding, index })).toSorted((one, other) => weight(one.finding) - weight(other.finding) || one.index - other.index).map(({ finding }) => finding);
}
