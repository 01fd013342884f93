/** What the library holds of a scenario beside the scenario itself. */
import type { LinkView } from "../../engine/views.ts";
import type { Scenario } from "../../scenario/scenario.ts";

export interface KeptRecord {
  id: string;
  title: string;
  /** A person gave it its name: kept for ever. Of the others the last `MOST_UNNAMED` stay. */
  named: boolean;
  /** Milliseconds since 1970. */
  created: number;
  saved: number;
  /** Counts the changes of the scenario: who saves on top of another one than it read has a conflict. */
  revision: number;
  trace: Scenario["trace"];
  calls: number;
  /** Roughly, in the browser's storage. */
  bytes: number;
  /** Equal for equal scenarios, and by all odds different for others. */
  print: string;
  /** Where one was in it. */
  view: LinkView;
}

export const MOST_UNNAMED = 30;
/** What is larger is not kept by itself: it would fill the browser's storage. Bytes. */
export const MOST_BYTES = 64_000_000;

/** Unnamed records that have to go, the oldest, so that `most` stay. */
export function surplus(records: readonly KeptRecord[], most = MOST_UNNAMED): KeptRecord[] {
  return records
    .filter((record) => !record.named)
    .sort((left, right) => right.saved - left.saved)
    .slice(most);
}

export type Sort = "saved" | "title";

/** The records that have all the words in their title, in order. */
export function search(records: readonly KeptRecord[], words: string, sort: Sort): KeptRecord[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return records
    .filter((record) => wanted.every((word) => record.title.toLowerCase().includes(word)))
    .sort((left, right) => (sort === "title" ? left.title.localeCompare(right.title, "en", { numeric: true }) : 0) || right.saved - left.saved);
}

/** A title for a copy that no other record has: "X (copy)", "X (copy 2)". */
export function copyTitle(title: string, taken: readonly string[]): string {
  const stem = title.replace(/ \(copy(?: \d+)?\)$/, "");
  for (let number = 1; ; number++) {
    const wanted = number === 1 ? `${stem} (copy)` : `${stem} (copy ${number})`;
    if (!taken.includes(wanted)) return wanted;
  }
}

/** Looks at this many entries of a long list, evenly spread. */
const SAMPLE = 1000;

/** How large a scenario is, roughly, and its print. Costs the same for a million calls as for a thousand. */
export function weigh(scenario: Scenario): { bytes: number; print: string } {
  let high = 0x811c9dc5;
  let low = 0x01000193;
  const mix = (value: number) => {
    high = Math.imul(high ^ value, 0x9e3779b1);
    low = Math.imul(low ^ (value + (high >>> 15)), 0x85ebca6b);
  };
  const mixText = (text: string) => {
    mix(text.length);
    for (let index = 0; index < text.length; index++) mix(text.charCodeAt(index));
  };
  const walk = (value: unknown): number => {
    if (typeof value === "string") {
      mixText(value);
      return value.length + 8;
    }
    if (ArrayBuffer.isView(value)) {
      const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      const stride = Math.max(1, Math.floor(bytes.length / (16 * SAMPLE)));
      mix(bytes.length);
      for (let index = 0; index < bytes.length; index += stride) mix(bytes[index] as number);
      return bytes.length;
    }
    if (Array.isArray(value)) {
      mix(value.length);
      const stride = Math.max(1, Math.floor(value.length / SAMPLE));
      let bytes = 0;
      let looked = 0;
      for (let index = 0; index < value.length; index += stride, looked++) bytes += walk(value[index]);
      return looked === 0 ? 8 : (bytes / looked) * value.length;
    }
    if (typeof value === "object" && value !== null) {
      let bytes = 8;
      for (const [key, field] of Object.entries(value)) {
        if (field === undefined) continue;
        mixText(key);
        bytes += key.length + walk(field);
      }
      return bytes;
    }
    mixText(String(value));
    return 9;
  };
  const bytes = Math.ceil(walk(scenario));
  return { bytes, print: (high >>> 0).toString(36) + (low >>> 0).toString(36) };
}

/** "just now", "5 minutes ago", "3 May 2026". */
export function when(saved: number, now: number): string {
  const minutes = Math.round((now - saved) / 60_000);
  if (minutes < 1) return "just now";
  const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  if (minutes < 60) return relative.format(-minutes, "minute");
  if (minutes < 60 * 24) return relative.format(-Math.round(minutes / 60), "hour");
  if (minutes < 60 * 24 * 7) return relative.format(-Math.round(minutes / 60 / 24), "day");
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" }).format(saved);
}
