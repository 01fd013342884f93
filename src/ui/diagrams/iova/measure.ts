/** Distances between two places on the axis. Pure; places are positions between bytes, up to 2^64. */
import { groupedHex, humanSize, plural } from "../../../base/format.ts";
import { add, alignDown, alignUp, max, min, sub, toBig, type U64 } from "../../../base/u64.ts";
import type { Px } from "../../../base/flavor.ts";
import { shift, SPACE_END, type Axis } from "./axis.ts";
import type { Scene } from "./scene.ts";

export interface Measured {
  /** Where it began, and where the other end is now. */
  from: U64;
  to: U64;
}

const PAGE = 4096;
/** An edge this near is meant. */
const SNAP: Px = 6;

/** The position under a px: the edge of something near by, else the nearest multiple of what a pixel stands for, pages at the least. */
export function placeAt(scene: Scene, axis: Axis, px: Px, y: Px | null): U64 {
  let best: U64 | null = null;
  let near = SNAP;
  for (const row of scene.rows) {
    if (y !== null && (y < row.top || y >= row.top + row.height)) continue;
    for (const block of [...row.fields, ...row.blocks]) {
      if (block.count > 1) continue;
      for (const edge of [block.first, add(block.last, 1)]) {
        const away = Math.abs(axis.toPx(edge) - px);
        if (away < near) {
          near = away;
          best = edge;
        }
      }
    }
  }
  if (best !== null) return best;
  const at = px >= axis.width ? add(axis.window.last, 1) : axis.toAddress(px);
  return px >= axis.width ? alignUp(min(at, sub(SPACE_END, PAGE)), PAGE) : alignDown(at, PAGE);
}

/** A place `px` further on the screen, a page at the least. */
export function stepped(axis: Axis, from: U64, px: Px): U64 {
  const there = axis.toAddress(Math.max(0, Math.min(axis.width, axis.toPx(from) + px)));
  const moved = alignDown(there, PAGE);
  if (px > 0 ? moved > from : moved < from) return moved;
  return alignDown(shift(from, px > 0 ? PAGE : -PAGE), PAGE);
}

export interface MeasuredText {
  /** "0x1000 – 0x1fff". */
  range: string;
  /** "4 KiB". */
  size: string;
  /** "0x1000 bytes = 1 page". */
  exact: string;
  /** What is copied: plain forms. */
  plain: string;
}

export function measuredText({ from, to }: Measured): MeasuredText {
  const first = min(from, to);
  const end = max(from, to);
  const length = sub(end, first);
  if (length === 0) return { range: groupedHex(first), size: "0 bytes", exact: "", plain: `0x${first.toString(16)}` };
  const last = sub(end, 1);
  const pages = toBig(length) / BigInt(PAGE);
  const whole = toBig(length) % BigInt(PAGE) === 0n;
  return {
    range: `${groupedHex(first)} – ${groupedHex(last)}`,
    size: humanSize(length),
    exact: `${groupedHex(length)} bytes${whole ? ` = ${pages === 1n ? "1 page" : `${pages.toLocaleString("en")} pages`}` : ""}`,
    plain: `first 0x${first.toString(16)} last 0x${last.toString(16)} length 0x${length.toString(16)} (${humanSize(length)}${whole ? `, ${plural(Number(pages), "page")}` : ""})`,
  };
}

/** How much a place differs from another on the screen. */
export function pxBetween(axis: Axis, measured: Measured): { left: Px; right: Px } {
  const [left, right] = [axis.toPx(min(measured.from, measured.to)), axis.toPx(max(measured.from, measured.to))];
  return { left, right };
}

/** The middle of what is on screen. */
export function middleOf(axis: Axis): U64 {
  return alignDown(axis.toAddress(axis.width / 2), PAGE);
}

