/** Which option a typed address or a click in a diagram means. */
import { parseU64, type U64 } from "../../base/u64.ts";
import type { Option, Question } from "../../lessons/lesson.ts";
import type { Selection } from "../state/selection.ts";

/** An address as people type it: 0xfee0_0000, fee00000h and spaces are fine; null when it is none. */
export function typedAddress(text: string): U64 | null {
  const plain = text.trim().toLowerCase().replaceAll(/[_\s]/g, "");
  if (/^[0-9a-f]+h$/.test(plain)) return parseU64(`0x${plain.slice(0, -1)}`);
  return parseU64(/^[0-9]*[a-f][0-9a-f]*$/.test(plain) ? `0x${plain}` : plain);
}

/** The option for a typed address, or the one that stands for all others; -1 when nothing fits. */
export function optionForAddress({ options }: Question, address: U64): number {
  const named = options.findIndex((option) => option.target !== null && parseU64(option.target) === address);
  return named >= 0 ? named : options.findIndex((option) => option.other);
}

/** The option for what was marked in a diagram. */
export function optionForSelection({ options }: Question, selection: Selection): number {
  const named = options.findIndex((option) => pointsAt(option, selection));
  return named >= 0 ? named : options.findIndex((option) => option.other);
}

function pointsAt({ target }: Option, selection: Selection): boolean {
  if (target === null) return false;
  const range = /^(0x[0-9a-f]+)-(0x[0-9a-f]+)$/.exec(target.replaceAll("_", ""));
  if ("key" in selection) {
    // Shapes on the axis are called by their place: "holes/msi@0xfee00000-0xfeefffff", "mapping:ioas:3/1@0x0".
    return selection.key === target || (range !== null && new RegExp(`@${range[1]}(-|$)`).test(selection.key));
  }
  return range !== null && selection.range.first === parseU64(range[1]) && selection.range.last === parseU64(range[2]);
}
