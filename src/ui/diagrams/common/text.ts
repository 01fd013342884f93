/** How wide words are, and how to make them fit. Layouts take a Measure, so that they stay pure and testable. */
import { useEffect, useState } from "react";
import type { Px } from "../../../base/flavor.ts";

/** The faces in which diagrams write; sizes as in diagrams.css. */
export type Face = "strong" | "text" | "mono" | "tiny";
export type Measure = (text: string, face: Face) => Px;

const SIZES: Record<Face, string> = { strong: "600 12px", text: "11px", mono: "11px", tiny: "10px" };
const PER_CHARACTER: Record<Face, number> = { strong: 6.9, text: 5.9, mono: 6.7, tiny: 5.4 };

/** Without a screen: a fair guess per character. */
export const estimate: Measure = (text, face) => text.length * PER_CHARACTER[face];

/** What a text is made of that can go as a whole. */
const PIECES = /^(.+)(?: ·|,) [^,]+$/;
/** A count keeps its digits. */
const COUNT = /^[\d,]+ \p{L}+$/u;

/**
 * Text that fits: its last pieces are left out while there are several, then its middle, of a count the end of its word; null when
 * not even five characters would fit.
 */
export function shorten(text: string, face: Face, room: Px, measure: Measure): string | null {
  if (measure(text, face) <= room) return text;
  for (let pieces = text; PIECES.test(pieces);) {
    pieces = pieces.replace(PIECES, "$1");
    if (measure(`${pieces} …`, face) <= room) return `${pieces} …`;
  }
  const tail = COUNT.test(text) ? 0 : 1;
  let low = 4;
  let high = text.length - 1;
  let best: string | null = null;
  while (low <= high) {
    const kept = (low + high) >> 1;
    const after = tail * Math.floor(kept / 2);
    const candidate = `${text.slice(0, kept - after)}…${text.slice(text.length - after)}`;
    if (measure(candidate, face) <= room) {
      best = candidate;
      low = kept + 1;
    } else high = kept - 1;
  }
  return best;
}

function canvasMeasure(): Measure {
  const context = document.createElement("canvas").getContext("2d");
  if (!context) return estimate;
  const style = getComputedStyle(document.documentElement);
  const sans = style.getPropertyValue("--font").trim() || "sans-serif";
  const mono = style.getPropertyValue("--mono").trim() || "monospace";
  const widths: Record<Face, Map<string, Px>> = { strong: new Map(), text: new Map(), mono: new Map(), tiny: new Map() };
  // Words are new at each step, their characters are not. Together they are hardly ever wider than this: kerning mostly brings them nearer.
  return (text, face) => {
    const known = widths[face];
    let sum = 0;
    for (const character of text) {
      let width = known.get(character);
      if (width === undefined) {
        context.font = `${SIZES[face]} ${face === "mono" ? mono : sans}`;
        width = context.measureText(character).width;
        known.set(character, width);
      }
      sum += width;
    }
    return sum;
  };
}

/** What most words are made of. */
const USUAL = "0123456789abcdefx_–KMGTiB";

let shared: Measure | null = null;

/** Finds the fonts, which takes a browser some ten milliseconds, before there is anything to draw. */
export function warmMeasure(): void {
  shared ??= canvasMeasure();
  for (const face of Object.keys(SIZES) as Face[]) shared(USUAL, face);
}

/** The page's fonts as they are; measures anew once when they have loaded. */
export function useMeasure(): Measure {
  const [measure, setMeasure] = useState<Measure>(() => (shared ??= canvasMeasure()));
  useEffect(() => {
    let current = true;
    if (document.fonts.status === "loaded") return undefined;
    void document.fonts.ready.then(() => {
      shared = canvasMeasure();
      if (current) setMeasure(() => shared ?? estimate);
    });
    return () => {
      current = false;
    };
  }, []);
  return measure;
}
