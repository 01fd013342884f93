/** Puts labels into rows so that none touches another. */
import type { Px } from "../../../base/flavor.ts";

export interface LabelRequest {
  key: string;
  /** Where its middle would like to be. */
  center: Px;
  width: Px;
  /** Higher goes first. */
  priority: number;
}

export interface PlacedLabel {
  key: string;
  left: Px;
  row: number;
}

/** One row of occupied stretches. */
export class Row {
  readonly #taken: { left: Px; right: Px }[] = [];

  free(left: Px, right: Px): boolean {
    return this.#taken.every((other) => right <= other.left || left >= other.right);
  }

  take(left: Px, right: Px): void {
    this.#taken.push({ left, right });
  }
}

/** Left edge of a label of this width with its middle at `center`, kept inside [from, to]. */
export function centered(center: Px, width: Px, from: Px, to: Px): Px {
  return Math.max(from, Math.min(to - width, center - width / 2));
}

/** The labels that fit: each in the first row where it is free, wanted ones first, never over the edge [from, to]. */
export function placeLabels(requests: readonly LabelRequest[], rows: number, from: Px, to: Px, gap: Px = 8): Map<string, PlacedLabel> {
  const table = Array.from({ length: rows }, () => new Row());
  const placed = new Map<string, PlacedLabel>();
  for (const request of requests.toSorted((left, right) => right.priority - left.priority || left.center - right.center)) {
    if (request.width > to - from) continue;
    const left = centered(request.center, request.width, from, to);
    const row = table.findIndex((candidate) => candidate.free(left - gap / 2, left + request.width + gap / 2));
    if (row < 0) continue;
    table[row]!.take(left - gap / 2, left + request.width + gap / 2);
    placed.set(request.key, { key: request.key, left, row });
  }
  return placed;
}
