/** The words in and around the blocks of one lane: inside where they fit, beside or in a second row where not, never overlapping. */
import { groupedHex, humanSize } from "../../../base/format.ts";
import { lengthOf } from "../../../base/u64.ts";
import type { Px } from "../../../base/flavor.ts";
import type { Lane, SpanKind } from "../../../engine/views.ts";
import { centered, Row } from "../common/place-labels.ts";
import { countText } from "../common/words.ts";
import { shorten, type Face, type Measure } from "../common/text.ts";
import { lastText, positionText } from "./axis-labels.ts";
import { kindName } from "./kind-names.ts";
import { visible, type Block } from "./lane-layout.ts";

/** A word on the drawing; `x` is its left edge, `y` its baseline. */
export interface Word {
  key: string;
  text: string;
  x: Px;
  y: Px;
  face: Face;
  /** Whose ink: a kind, on a solid block, or the ghost of a refused call. */
  tone: SpanKind | "on-mapped" | "refused" | "faint";
  /** On paper, where lines may pass behind it. */
  onPaper?: boolean;
}

interface WordsInput {
  kind: Lane["kind"];
  /** How many things the lane has in the whole space. */
  total: number;
  /** The lane's second title: the name of the call in its lane. */
  call: string;
  blocks: readonly Block[];
  fields: readonly Block[];
  bar: { top: Px; height: Px };
  width: Px;
  measure: Measure;
  refused: boolean;
  /** What the call on screen asked for: its mark or ghost stands there. */
  asked: Pick<Block, "left" | "right"> | null;
}

const PAD: Px = 8;
const GAP: Px = 6;
/** A bar lower than this holds one line. */
const TWO_LINES: Px = 31;
const CROSS: Px = 14;

const WORDS: Record<Lane["kind"], (input: WordsInput) => Word[]> = {
  contributor: apertureWords,
  holes: holeWords,
  valid: sizeWords,
  mapped: (input) => blockWords(input, () => true),
  call: (input) => blockWords(input, (block) => block.kind === "call"),
};

export function laneWords(input: WordsInput): Word[] {
  // A lane without anything says so, else it looks like one that was not drawn.
  return input.total === 0 && !input.fields[0] ? [{ key: "none", text: "none", x: PAD, y: input.bar.top + input.bar.height / 2 + 4, face: "text", tone: "faint" }] : WORDS[input.kind](input);
}

function timesText(block: Block): string {
  return `× ${countText(block.count)}`;
}

/** "aperture 0 – 2⁴⁸−1" where the first gap between holes has room. */
function apertureWords({ fields, blocks, bar, width, measure }: WordsInput): Word[] {
  const field = fields[0];
  if (!field) return [];
  const { left, right } = visible(field, width);
  const gaps: { left: Px; right: Px }[] = [];
  let at = left;
  for (const block of blocks) {
    if (block.left > at) gaps.push({ left: at, right: Math.min(block.left, right) });
    at = Math.max(at, block.right);
  }
  gaps.push({ left: at, right });
  const ends = `${positionText(field.first)} – ${lastText(field.last)}`;
  const texts = [`aperture ${ends}`, "aperture"];
  for (const text of texts) {
    const gap = gaps.find((candidate) => candidate.right - candidate.left >= measure(text, "text") + 2 * PAD);
    if (gap) return [{ key: field.key, text, x: gap.left + PAD, y: bar.top + bar.height / 2 + 4, face: "text", tone: "faint" }];
  }
  return [];
}

/** Name and size above each hole; one row for the name when crowded, shortened when more so. */
function holeWords({ blocks, bar, width, measure }: WordsInput): Word[] {
  const rows = [new Row(), new Row()] as const;
  const lines = [bar.top - 19, bar.top - 6] as const;
  const wanted = blocks
    .map((block) => {
      const { left, right } = visible(block, width);
      const plain = block.kind === "aperture" ? "outside" : block.label === "" || block.count > 1 ? kindName(block.kind) : block.label;
      const name = block.count > 1 ? `${plain} ${timesText(block)}` : plain;
      const size = block.count > 1 || block.kind === "aperture" ? "" : humanSize(lengthOf(block.first, block.last));
      return { block, center: (left + right) / 2, name, size, row: -1, left: 0, width: 0 };
    })
    .toSorted((before, after) => rank(after.block) - rank(before.block) || before.center - after.center);
  for (const want of wanted) {
    for (const text of [want.name, shorten(want.name, "strong", 54, measure)]) {
      if (text === null || want.row >= 0) continue;
      const wide = measure(text, "strong");
      const left = centered(want.center, wide, 0, width);
      const row = [1, 0].find((candidate) => rows[candidate]!.free(left - GAP / 2, left + wide + GAP / 2));
      if (row === undefined) continue;
      rows[row]!.take(left - GAP / 2, left + wide + GAP / 2);
      Object.assign(want, { row, left, width: wide, name: text });
    }
  }
  const words: Word[] = [];
  for (const want of wanted) {
    if (want.row < 0) continue;
    const sizeWidth = measure(want.size, "text");
    const sizeLeft = centered(want.center, sizeWidth, 0, width);
    let nameRow = want.row;
    // Both lines fit when the upper row is free over the name and the lower one has only the name to give way.
    const upper = want.row === 1 && want.size !== "" && rows[0].free(want.left - GAP / 2, want.left + want.width + GAP / 2);
    const wider = sizeWidth <= want.width || (rows[1].free(sizeLeft - GAP / 2, want.left - GAP / 2) && rows[1].free(want.left + want.width + GAP / 2, sizeLeft + sizeWidth + GAP / 2));
    if (upper && wider) {
      nameRow = 0;
      rows[0].take(want.left - GAP / 2, want.left + want.width + GAP / 2);
      words.push({ key: `${want.block.key}:size`, text: want.size, x: sizeLeft, y: lines[1], face: "text", tone: want.block.kind, onPaper: true });
    }
    words.push({ key: want.block.key, text: want.name, x: want.left, y: nameRow === 0 ? lines[0] : lines[1], face: "strong", tone: want.block.kind, onPaper: true });
  }
  return words;
}

/** What users meet most comes first; the outside last. */
function rank(block: Block): number {
  return block.kind === "aperture" ? 0 : block.kind === "direct-relaxable" ? 1 : 2;
}

/** The size in the middle of each valid window; below it where it is too narrow. */
function sizeWords({ blocks, bar, width, measure }: WordsInput): Word[] {
  const below = new Row();
  const words: Word[] = [];
  for (const block of blocks) {
    const { left, right } = visible(block, width);
    const both = blocks.some((other) => other.kind !== block.kind);
    if (block.kind === "allowed" && both) continue;
    const text = block.count > 1 ? timesText(block) : humanSize(lengthOf(block.first, block.last));
    const inside = measure(text, "strong");
    if (inside + GAP <= right - left) {
      words.push({ key: block.key, text, x: (left + right - inside) / 2, y: bar.top + bar.height / 2 + 4, face: "strong", tone: block.kind });
      continue;
    }
    const small = measure(text, "tiny");
    const x = centered((left + right) / 2, small, 0, width);
    if (!below.free(x - GAP / 2, x + small + GAP / 2)) continue;
    below.take(x - GAP / 2, x + small + GAP / 2);
    words.push({ key: block.key, text, x, y: bar.top + bar.height + 11, face: "tiny", tone: block.kind, onPaper: true });
  }
  return words;
}

/** Label and detail in the block, cut in the middle where needed, or beside it where the lane is empty. */
function blockWords({ kind, call, blocks, bar, width, measure, refused, asked }: WordsInput, speaks: (block: Block) => boolean): Word[] {
  const words: Word[] = [];
  const beside = new Row();
  for (const block of asked ? [asked, ...blocks] : blocks) beside.take(block.left, block.right);
  const named = blocks.filter(speaks).toSorted((before, after) => after.right - after.left - (before.right - before.left));
  const below = new Row();
  for (const block of named) {
    if (block.count > 1) {
      const word = countWord(block, below, { bar, width, measure });
      if (word) words.push(word);
      continue;
    }
    const free = freePart(block, blocks, width);
    // A call without a remark is known by what it asks for; its name already stands at the left.
    const bare = block.label === "" || (kind === "call" && block.label === call);
    const title = bare ? humanSize(lengthOf(block.first, block.last)) : block.label;
    const detail = bare && kind === "call" ? `at ${groupedHex(block.first)}` : block.detail;
    const tone = kind === "call" ? (refused ? "refused" : "call") : "on-mapped";
    const room = free.right - free.left - 2 * PAD;
    const detailFits = measure(detail, "text") <= room;
    if (measure(title, "strong") <= room) {
      push(title, detailFits ? detail : "", free.left + PAD, tone, block.key);
      continue;
    }
    const { left, right } = visible(block, width);
    const wide = Math.max(measure(title, "strong"), measure(detail, "text"));
    const short = measure(title, "strong");
    // The cross of a refusal may be wider than what it marks.
    const gap = refused ? Math.max(GAP, CROSS - (right - left) / 2) : GAP;
    const inside = room > 60 ? shorten(title, "strong", room, measure) : null;
    for (const [span, withDetail] of [[wide, true], [short, false]] as const) {
      if (!withDetail && inside !== null) {
        push(inside, detailFits ? detail : "", free.left + PAD, tone, block.key);
        break;
      }
      const x = [right + gap, left - gap - span].find((candidate) => candidate >= 0 && candidate + span <= width && beside.free(candidate - 2, candidate + span + 2));
      if (x === undefined) continue;
      beside.take(x - GAP, x + span + GAP);
      push(title, withDetail ? detail : "", x, kind === "call" ? tone : "mapping", block.key, true);
      break;
    }
  }
  return words;

  function push(title: string, detail: string, x: Px, tone: Word["tone"], key: string, onPaper = false): void {
    const middle = bar.top + bar.height / 2;
    const two = detail !== "" && bar.height >= TWO_LINES;
    words.push({ key, text: title, x, y: !two ? middle + 4 : middle - 3, face: "strong", tone, onPaper });
    if (two) words.push({ key: `${key}:detail`, text: detail, x, y: middle + 12, face: "text", tone, onPaper });
  }
}

/** How many a crowd stands for: in it, or small below it. */
function countWord(block: Block, below: Row, { bar, width, measure }: Pick<WordsInput, "bar" | "width" | "measure">): Word | null {
  const text = timesText(block);
  const { left, right } = visible(block, width);
  const inside = measure(text, "text");
  if (inside + 6 <= right - left) return { key: block.key, text, x: (left + right - inside) / 2, y: bar.top + bar.height / 2 + 4, face: "text", tone: "on-mapped" };
  const small = measure(text, "tiny");
  const x = centered((left + right) / 2, small, 0, width);
  if (!below.free(x - GAP / 2, x + small + GAP / 2)) return null;
  below.take(x - GAP / 2, x + small + GAP / 2);
  return { key: block.key, text, x, y: bar.top + bar.height + 10, face: "tiny", tone: "mapping", onPaper: true };
}

/** The widest part of a block that no other block of the lane (a hit) covers. */
function freePart(block: Block, blocks: readonly Block[], width: Px): { left: Px; right: Px } {
  let { left, right } = visible(block, width);
  for (const other of blocks) {
    if (other === block || other.right <= left || other.left >= right || other.kind === block.kind) continue;
    // Its cross may be wider than the hit itself.
    const grow = Math.max(0, CROSS - PAD - (other.right - other.left) / 2);
    const before = other.left - grow - left;
    const after = right - other.right - grow;
    if (before >= after) right = other.left - grow;
    else left = other.right + grow;
  }
  return { left, right };
}
