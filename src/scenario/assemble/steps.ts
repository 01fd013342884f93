import { lengthOf, pow2, U64_MAX, type U64 } from "../../base/u64.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import type { Given } from "../../kernel/call.ts";
import { errnoName, type ErrnoOrOk } from "../../kernel/errno.ts";
import type { RecordedAnswer, ScenarioCall } from "../scenario.ts";

/** Note on a call that the log implies but does not show. */
export const IMPLIED = "implied by the log";
/** Note on opening a device of which the log tells no group. */
export const GROUP_GUESSED = "the log does not name the group";
/** Said where a device is refused with EINVAL before any mapping. */
export const DIRECT_HINT = "EINVAL here usually means that firmware demands a 1:1 region for the device, see its reserved_regions";
/** `source` of facts that a log states. */
export const FROM_LOG = "from the log";

/** The calls of a scenario while it is being put together. */
export class Steps {
  readonly calls: ScenarioCall[] = [];

  add(call: string, fields: Record<string, Json>, more: { recorded?: RecordedAnswer; note?: string; given?: Given } = {}): ScenarioCall {
    const step: ScenarioCall = { call, in: fields };
    if (more.given) step.given = more.given;
    if (more.recorded) step.recorded = more.recorded;
    if (more.note !== undefined) step.note = more.note;
    this.calls.push(step);
    return step;
  }

  implied(call: string, fields: Record<string, Json>, note: string = IMPLIED): ScenarioCall {
    return this.add(call, fields, { note });
  }
}

/** What a log knows of an answer. */
export function known(errno: ErrnoOrOk, out?: JsonObject): RecordedAnswer {
  return out === undefined ? { errno, partial: true } : { errno, out, partial: true };
}

/** What a log knows of an answer of which it prints "0 or −errno". An unknown number is a failure without a name. */
export function knownResult(ret: number, out?: JsonObject): RecordedAnswer {
  if (ret >= 0) return known("OK", out);
  const errno = errnoName(ret);
  return errno === null ? FAILED : known(errno);
}

/** The log shows that it failed, not why. */
export const FAILED: RecordedAnswer = Object.freeze({ failed: true, partial: true });

/** Facts that the model takes from a log because it can't know them: what happened when the memory was pinned. */
export function givenOf(errno: ErrnoOrOk | null | undefined): Given | undefined {
  return errno === "EFAULT" || errno === "ENOMEM" ? { pin: errno, source: FROM_LOG } : undefined;
}

/** An inclusive range as start and size in bytes. All 2^64 bytes are no 64-bit size: that is two halves, as VMMs do it. */
export function pieces(first: U64, last: U64): { start: U64; size: U64 }[] {
  const size = lengthOf(first, last);
  if (size <= U64_MAX) return [{ start: first, size }];
  return [{ start: 0, size: pow2(63) }, { start: pow2(63), size: pow2(63) }];
}

const MAP_CALLS: ReadonlySet<string> = new Set(["IOMMU_IOAS_MAP", "IOMMU_IOAS_MAP_FILE", "VFIO_IOMMU_MAP_DMA"]);

export function isMap(step: ScenarioCall): boolean {
  return MAP_CALLS.has(step.call);
}

/** Bytes that a map call asks for. */
export function sizeOf(step: ScenarioCall): Json | undefined {
  return step.in.size ?? step.in.length;
}
