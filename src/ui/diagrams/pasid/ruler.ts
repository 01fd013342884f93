/** All ids on a log ruler: how full each px is and whose ids it holds. Pure; cost O(ids + px). */
import type { Px } from "../../../base/flavor.ts";
import type { PasidEntry } from "../../../kernel/inspect.ts";

/** Px of an id boundary in [0, 2^bits]. */
export function rulerPx(id: number, bits: number, width: Px): Px {
  return (Math.log2(1 + id / 4) / Math.log2(1 + 2 ** bits / 4)) * width;
}

/** The id under a px. */
export function rulerId(px: Px, bits: number, width: Px): number {
  const share = Math.min(Math.max(px / width, 0), 1);
  return Math.min(2 ** bits - 1, Math.floor(4 * (2 ** (share * Math.log2(1 + 2 ** bits / 4)) - 1)));
}

/** Room for the names of the last two ticks. */
const LAST_TICK: Px = 66;

/** Ids worth naming; none so near the last one that their names would meet. */
export function rulerTicks(bits: number, width: Px): { id: number; px: Px }[] {
  const ids: number[] = [0];
  for (let power = 4; power < bits - 1; power += 4) ids.push(2 ** power);
  const ticks = ids.map((id) => ({ id, px: rulerPx(id, bits, width) })).filter((tick) => tick.px < width - LAST_TICK);
  return [...ticks, { id: 2 ** bits - 1, px: width }];
}

export interface Stretch {
  left: Px;
  right: Px;
  /** Set of most ids in it, or the state's name when they belong to none. */
  tone: string;
  /** Share of the ids under it that are in use, 0…1. */
  filled: number;
  count: number;
}

/** Nothing is drawn thinner. */
const THINNEST: Px = 2;

/** Stretches of equal tone and about equal fill; every id is in one. `entries` ascend by id. */
export function rulerStretches(entries: readonly PasidEntry[], bits: number, width: Px, toneOf: (entry: PasidEntry) => string): Stretch[] {
  const stretches: Stretch[] = [];
  let index = 0;
  while (index < entries.length) {
    // All entries that begin within the same px, but at least one.
    const first = entries[index]!;
    const left = rulerPx(first.id, bits, width);
    const tones = new Map<string, number>();
    let last = first.id;
    let count = 0;
    while (index < entries.length && (count === 0 || rulerPx(entries[index]!.id, bits, width) < left + 1)) {
      const entry = entries[index++]!;
      const tone = toneOf(entry);
      tones.set(tone, (tones.get(tone) ?? 0) + 1);
      last = entry.id;
      count++;
    }
    const tone = [...tones].reduce((most, each) => (each[1] > most[1] ? each : most))[0];
    const right = Math.min(Math.max(rulerPx(last + 1, bits, width), left + THINNEST), Math.max(width, left + 1));
    const span = Math.max(last + 1, rulerId(left + 1, bits, width)) - first.id;
    const filled = Math.min(1, count / Math.max(span, 1));
    const before = stretches.at(-1);
    if (before && before.tone === tone && left - before.right < 0.01 && Math.abs(before.filled - filled) < 0.12) {
      before.right = Math.max(before.right, right);
      before.count += count;
    } else stretches.push({ left, right, tone, filled, count });
  }
  return stretches;
}
