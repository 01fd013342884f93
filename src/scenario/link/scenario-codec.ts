/** A scenario and its view in a link. Frozen with version 1 of the link. */
import type { Json, JsonObject } from "../../base/json.ts";
import { scenarioJson } from "../schema.ts";
import { shapeOf } from "../recorded-shape.ts";
import type { RecordedShape, Scenario } from "../scenario.ts";
import { codeJson, codeNames, codeObject } from "./json-codec.ts";
import type { Model } from "./model.ts";
import { codesOf, type OtherForm } from "../other-form.ts";
import { whatIfJson } from "../what-if.ts";
import type { LinkView } from "./view.ts";

/** What a link says of one call. */
interface LinkedCall {
  call: string;
  in: JsonObject;
  given?: JsonObject;
  note?: string;
  /** The recorded answer in full… */
  recorded?: JsonObject;
  /** …or only which parts were recorded, where the model gives the same. */
  shape?: RecordedShape;
}

export interface Linked {
  /** The page's view; `vs` are codes of the form beside the scenario's own. */
  view: JsonObject;
  /** All but the calls. */
  head: JsonObject;
  calls: LinkedCall[];
}

/** The parts of a scenario as a link has them. `agrees` says of which calls the model gives the recorded answer itself. */
export function linkedOf(scenario: Scenario, view: LinkView, agrees: (index: number) => boolean): Linked {
  const { calls, iovascope: _version, ...head } = scenarioJson(scenario);
  const linked = (calls as JsonObject[]).map((json, index): LinkedCall => {
    const source = scenario.calls[index];
    const call: LinkedCall = { call: json.call as string, in: json.in as JsonObject };
    if (json.given !== undefined) call.given = json.given as JsonObject;
    if (json.note !== undefined) call.note = json.note as string;
    if (source?.recordedAgrees) call.shape = source.recordedAgrees;
    else if (source?.recorded && agrees(index)) call.shape = shapeOf(source.recorded);
    else if (json.recorded !== undefined) call.recorded = json.recorded as JsonObject;
    return call;
  });
  const { compare, window, whatIf, ...rest } = view;
  return { view: { ...rest, ...(window !== undefined && { w: window }), ...(compare && Object.keys(compare).length > 0 && { vs: linkedForm(compare) }), ...(whatIf && { wi: whatIfJson(whatIf) }) }, head, calls: linked };
}

/** Almost always one code: then it needs no list around it. */
function linkedForm(form: OtherForm): Json {
  const codes = codesOf(form);
  return codes.length === 1 ? (codes[0] as number) : codes;
}

export function codeLinked(model: Model, linked: Linked | null): Linked {
  const view = codeObject(model, "view", linked?.view ?? {});
  const head = codeObject(model, "scenario", linked?.head ?? {});
  const count = model.count("calls", linked?.calls.length ?? 0);
  const calls: LinkedCall[] = [];
  let before = "";
  for (let index = 0; index < count; index++) {
    const call = codeCall(model, before, linked?.calls[index] ?? null);
    calls.push(call);
    before = call.call;
  }
  return { view, head, calls };
}

function codeCall(model: Model, before: string, source: LinkedCall | null): LinkedCall {
  model.spend(1 + (before.length >>> 5));
  // What usually follows the call before, then what was seen at all.
  const name = model.oneOf(`call after ${before}`, `calls after ${before}`, source?.call ?? "", (fresh) =>
    model.oneOf("call", "calls", fresh, (fresher) => model.text("call name", fresher), 48), 6);
  model.remember("calls", name);
  const call: LinkedCall = { call: name, in: codeObject(model, name, source?.in ?? {}) };
  if (model.flag(`given ${name}`, source?.given !== undefined)) call.given = codeObject(model, `given ${name}`, source?.given ?? {});
  if (model.flag(`note ${name}`, source?.note !== undefined)) call.note = model.text(`note ${name}`, source?.note ?? "");
  if (model.flag(`shape ${name}`, source?.shape !== undefined)) call.shape = codeShape(model, name, source?.shape ?? { keys: [] });
  else if (model.flag(`recorded ${name}`, source?.recorded !== undefined)) call.recorded = codeJson(model, `recorded ${name}`, source?.recorded ?? {}) as JsonObject;
  return call;
}

function codeShape(model: Model, name: string, shape: RecordedShape): RecordedShape {
  const marks = [...shape.keys, ...(shape.partial ? ["partial"] : []), ...(shape.failed ? ["failed"] : [])];
  const coded = codeNames(model, `shape of ${name}`, marks);
  const result: RecordedShape = { keys: coded.filter((key) => key !== "partial" && key !== "failed") as RecordedShape["keys"] };
  if (result.keys.includes("out")) result.out = codeNames(model, `out of ${name}`, shape.out ?? []);
  if (coded.includes("partial")) result.partial = true;
  if (coded.includes("failed")) result.failed = true;
  return result;
}
