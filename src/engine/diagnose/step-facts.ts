/** What single steps of a run tell: whether they failed in the log, and which range they are about. */
import type { Json } from "../../base/json.ts";
import { lastOf, parseU64, wraps, type U64 } from "../../base/u64.ts";
import type { Range } from "../../kernel/answer.ts";
import type { ScenarioCall } from "../../scenario/scenario.ts";
import type { Explained } from "../history.ts";

/** Does the log say that it was refused? */
export function failedInLog({ recorded }: ScenarioCall): boolean {
  return recorded?.failed === true || (recorded?.errno !== undefined && recorded.errno !== "OK");
}

/** A number of the call's fields; null: none. */
export function number(json: Json | undefined): U64 | null {
  return parseU64(json);
}

/** Inclusive; null where the call names none. */
export function rangeOf(call: ScenarioCall): Range | null {
  const first = number(call.in.iova);
  const size = number(call.in.size ?? call.in.length);
  if (first === null || size === null || size === 0 || call.call === "RAW_IOCTL" || wraps(first, size)) return null;
  return { first, last: lastOf(first, size) };
}

/** The check that refused. */
export function lastFailed({ trace }: Explained) {
  return trace.checks.findLast((check) => !check.passed);
}
