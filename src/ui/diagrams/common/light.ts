/** What lights up with the thing under the pointer or the selected one, in every diagram alike. */
import type { Frame, Lane, Span } from "../../../engine/views.ts";
import type { Range } from "../../../kernel/answer.ts";
import type { Selection } from "../../state/selection.ts";

export interface Light {
  /** The object or span that is meant; null when it is a range. */
  key: string | null;
  /** The span of that key: the same hole in another lane lights with it. */
  span: Span | null;
  range: Range | null;
  /** It and the objects that belong to it: the device that carved the hole. */
  keys: ReadonlySet<string>;
}

const NONE: Light = { key: null, span: null, range: null, keys: new Set() };

/** Resolves a selection against what is on screen. */
export function lightOf(frame: Frame, selection: Selection | null): Light {
  if (!selection) return NONE;
  const lanes = frame.iova?.lanes ?? [];
  if ("key" in selection) {
    const span = findSpan(lanes, selection.key);
    return { key: selection.key, span, range: null, keys: new Set([selection.key, ...(span?.objects ?? [])]) };
  }
  const keys = new Set<string>();
  for (const span of lanes.flatMap((lane) => lane.spans)) if (sameRange(span, selection.range)) span.objects.forEach((key) => keys.add(key));
  return { key: null, span: null, range: selection.range, keys };
}

function findSpan(lanes: readonly Lane[], key: string): Span | null {
  for (const lane of lanes) {
    const span = lane.spans.find((candidate) => candidate.key === key);
    if (span) return span;
  }
  return null;
}

export function sameRange(left: Range, right: Range): boolean {
  return left.first === right.first && left.last === right.last;
}

/** Is this span meant, by its own key, through its object, or by its addresses? */
export function lightsSpan(light: Light, span: Pick<Span, "key" | "kind"> & { objects: readonly string[] } & Range): boolean {
  if (light.key !== null) return span.key === light.key || span.objects.includes(light.key) || (light.span !== null && light.span.kind === span.kind && sameRange(light.span, span));
  return light.range !== null && sameRange(span, light.range);
}
