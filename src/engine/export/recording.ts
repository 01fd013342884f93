/** A recording (docs/recordings.md) whose answers are the model's: replayed, it has no divergences. */
import type { JsonObject } from "../../base/json.ts";
import { plainScenario } from "../../scenario/calls.ts";
import { scenarioJson } from "../../scenario/schema.ts";
import type { AnyScenario, PlatformSpec, TraceKind } from "../../scenario/scenario.ts";
import { recordedState } from "../recorded.ts";
import type { AnsweredCall } from "./answers.ts";

/** With more calls than this, states would make up the file: they grow with the run. */
const MOST_WITH_STATE = 2000;

export function recordingText(scenario: AnyScenario, calls: Iterable<AnsweredCall>, count: number): string {
  const lines = [JSON.stringify(header(scenario))];
  const withState = scenario.trace === "ioasid" && count <= MOST_WITH_STATE;
  for (const answered of calls) lines.push(JSON.stringify(callLine(answered, scenario.trace, withState)));
  return `${lines.join("\n")}\n`;
}

/** The header as recorders write it, and under names of our own what theirs can't say. */
function header(scenario: AnyScenario): JsonObject {
  const { calls: _calls, iovascope: _version, title, trace, platform, variants, ...rest } = scenarioJson(plainScenario({ ...scenario, calls: [] })) as JsonObject & { platform: JsonObject; variants?: JsonObject };
  const { [partOf(scenario.trace) ?? ""]: variant, ...otherVariants } = variants ?? {};
  return {
    trace: trace ?? "iommufd", page_size: 4096, platform: scenario.platform.kind, title: title ?? "",
    ...(scenario.platform.address_bits !== undefined && { aw_bits: scenario.platform.address_bits }), ...(variant !== undefined && { variant }), ...rest,
    ...(!isPlain(scenario.platform) && { host: platform }), ...(Object.keys(otherVariants).length > 0 && { variants: otherVariants }),
  };
}

/** The subsystem whose form a header's `variant` names. */
function partOf(trace: TraceKind): "ioasid" | "vfio" | null {
  return trace === "ioasid" ? "ioasid" : trace === "vfio-type1" ? "vfio" : null;
}

/** Can a recorder's header say all of this? */
function isPlain({ kind, address_bits: _bits, ...rest }: PlatformSpec): boolean {
  return (kind === "mock" || kind === "intel-vtd" || kind === "none") && Object.values(rest).every((value) => value === undefined);
}

function callLine({ step, call, answer, made, after }: AnsweredCall, trace: TraceKind, withState: boolean): JsonObject {
  const { process, ...fields } = call.in;
  // A child's calls say so beside their fields, unless the call has a field of that name itself.
  const beside = typeof process === "number" && made.def !== null && made.def.fields.process === undefined;
  const state = answer !== null && (withState || call.recorded?.state !== undefined) ? { state: recordedState(after, trace) } : {};
  const line = {
    n: step, call: call.call, in: beside ? fields : call.in, ...(beside && { process }), ...(answer as JsonObject | null), ...state,
    ...(call.given && { given: { ...call.given } }), ...(call.note !== undefined && { note: call.note }),
  };
  return line as JsonObject;
}
