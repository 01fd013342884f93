/** Effects that many functions report in the same words. */
import { rangeText } from "../../base/format.ts";
import type { Range } from "../answer.ts";
import type { CallTrace } from "../call-trace.ts";
import type { IommufdObject } from "./objects.ts";
import { nameOf, refOf } from "./refs.ts";

/** Takes one reference to `target` for `holder` (words: "HWPT 4"). */
export function hold(trace: CallTrace, target: IommufdObject, holder: string, count = 1): void {
  target.users += count;
  trace.effect("users", () => ({
    objects: [refOf(target)],
    text: `${nameOf(target)}: users ${target.users - count} → ${target.users}, held by ${holder}`,
  }));
}

/** Gives one reference back. */
export function unhold(trace: CallTrace, target: IommufdObject, holder: string, count = 1): void {
  target.users -= count;
  trace.effect("users", () => ({
    objects: [refOf(target)],
    text: `${nameOf(target)}: users ${target.users + count} → ${target.users}, no longer held by ${holder}`,
  }));
}

/** "0x1000–0x1fff (4 KiB), 0x3000–…" with at most three ranges spelled out. */
export function listRanges(ranges: readonly Range[]): string {
  const shown = ranges.slice(0, 3).map((range) => rangeText(range.first, range.last));
  const more = ranges.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}
