/** The object graph as boxes and curves. Pure: same slots, same size, same picture. */
import { countText } from "../../../base/format.ts";
import { estimate, shorten, type Measure } from "../common/text.ts";
import type { Px } from "../../../base/flavor.ts";
import type { NodeKind, ObjectNode } from "../../../kernel/inspect.ts";
import type { Size } from "../common/use-size.ts";
import { edgeCurves, type Curve } from "./edges.ts";
import type { Slots } from "./slots.ts";
import type { Stack, Stacked } from "./stacks.ts";
import type { Tidy } from "./tidy.ts";

/** "telling": with who holds it. */
export type Density = "telling" | "full" | "dense" | "tiny";

export interface Line {
  text: string;
  face: "strong" | "mono" | "text";
  y: Px;
  /** Says less than the lines above it. */
  faint?: boolean;
}

export interface Box {
  key: string;
  kind: NodeKind;
  left: Px;
  top: Px;
  width: Px;
  height: Px;
  lines: Line[];
  /** Where a rule parts what it is from who holds it; null: nothing is said of that. */
  rule: Px | null;
  node: ObjectNode | null;
  stack: Stack | null;
  /** The count of users sits on the upper edge: the title needs the room inside. */
  badgeAbove: boolean;
}

export interface Outline {
  key: string;
  label: string;
  left: Px;
  top: Px;
  width: Px;
  height: Px;
}

export interface GraphLayout {
  boxes: Box[];
  curves: Curve[];
  outlines: Outline[];
  width: Px;
  height: Px;
  /** How much smaller than natural it is drawn so that it fits. */
  scale: number;
  density: Density;
}

const SIZES: Record<Density, { height: Px; pitch: Px }> = { telling: { height: 110, pitch: 132 }, full: { height: 58, pitch: 80 }, dense: { height: 38, pitch: 49 }, tiny: { height: 24, pitch: 33 } };
/** Where no line stands for several: words with a count need more room between the rows. */
const DENSE_AT_LEAST: Px = 46;
const PAD: Px = 11;
/** Above the first row, so that the name of a group outline has room. */
const TOP: Px = 19;
const NARROWEST_BOX: Px = 118;
/** With a title and nothing else in it. */
const NARROWEST_TINY: Px = 108;
/** What a folded axis of addresses, the longest line there is, needs. */
const WIDEST_BOX: Px = 216;
/** Who holds what takes a sentence: such boxes are at most so wide, and at least, unless all sentences fit in less. */
const TELLING: { enough: Px; most: Px; rule: Px; first: Px; pitch: Px; lines: number } = { enough: 190, most: 236, rule: 58, first: 74, pitch: 14, lines: 3 };
/** The longest arrow between two columns. */
const LONGEST_ARROW: Px = 260;
/** From this size on the drawing grows with its panel, as long as all of it stays in sight. */
const ROOMY: Size = { width: 860, height: 300 };
const LARGEST_SCALE = 1.35;
/** On a narrow screen. */
const SMALLEST_BOX: Px = 92;
const NARROW: Px = 480;
const GAP: Px = 36;
const NARROW_GAP: Px = 20;
const SMALLEST_SCALE = 0.72;
/** Room for an edge and its label between columns; with many columns the boxes' own words need it more. */
const APART: Px = 76;
const CLOSE: Px = 40;
/** Boxes this wide have room for their words beside lines with theirs. */
const WORDY_BOX: Px = 150;

/** How many rows fit a height when drawn as small as can be read. */
export function capacityOf(size: Size): number {
  return Math.max(3, Math.floor((size.height - TOP - PAD) / (SIZES.tiny.pitch * 0.9)));
}

/** How many columns of boxes with all their words fit a width. */
export function columnsIn(size: Size): number {
  return Math.max(3, Math.min(5, Math.floor(size.width / (NARROWEST_BOX + GAP))));
}

export function layoutGraph(stacked: Stacked, slots: Slots, panel: Size, groupOf: Tidy["groupOf"] = new Map(), measure: Measure = estimate): GraphLayout {
  const place = placed(stacked, slots, panel);
  const rows = place.reduce((most, entry) => Math.max(most, entry.row + 1), 1);
  const grown = Math.min(LARGEST_SCALE, panel.width / ROOMY.width, panel.height / ROOMY.height);
  // Growing must not cost a word.
  const zoom = grown > 1 && fullHeight(rows) <= panel.height / grown ? grown : 1;
  const size = { width: panel.width / zoom, height: panel.height / zoom };
  const columns = [...new Set([1, 2, 3, ...place.map((entry) => entry.column)])].toSorted((left, right) => left - right);
  const room = size.height - TOP - PAD;
  const widthApart = (between: Px): Px => (size.width - 2 * PAD - (columns.length - 1) * between) / columns.length;
  const between = columns.length > 3 && widthApart(APART) < WORDY_BOX ? CLOSE : APART;
  const sentences = place.flatMap((entry) => (entry.node ? holdersTold(entry.node) : []));
  const tells = sentences.length > 0 && (widthApart(between) >= TELLING.enough || sentences.every((text) => measure(text, "text") <= widthApart(between) - 20));
  const pitchOf = (each: Density): Px => (each === "dense" && stacked.stacks.length === 0 ? DENSE_AT_LEAST : SIZES[each].pitch);
  const density = (["telling", "full", "dense", "tiny"] as const).find((each) => (each !== "telling" || tells) && (rows - 1) * pitchOf(each) + SIZES[each].height <= room) ?? "tiny";
  const { height } = SIZES[density];
  // Spare height goes between the rows, up to a fifth more.
  const pitch = Math.floor(Math.max(pitchOf(density), Math.min(SIZES[density].pitch * 1.2, (room - height) / Math.max(rows - 1, 1))));
  const [least, gap] = size.width < NARROW ? [SMALLEST_BOX, NARROW_GAP] : [density === "tiny" ? NARROWEST_TINY : NARROWEST_BOX, GAP];
  const natural = columns.length * least + (columns.length - 1) * gap + 2 * PAD;
  const scale = Math.max(SMALLEST_SCALE, Math.min(1, size.width / natural));
  const wide = Math.max(natural, size.width / scale);
  const apart = size.width < NARROW ? gap : density === "tiny" ? APART : between;
  const boxWidth = Math.min(density === "telling" ? TELLING.most : WIDEST_BOX, Math.max(least, (wide - 2 * PAD - (columns.length - 1) * apart) / columns.length));
  const spread = columns.length > 1 ? Math.min((wide - 2 * PAD - boxWidth) / (columns.length - 1), boxWidth + LONGEST_ARROW) : 0;
  const badgeAbove = size.width < NARROW;
  const boxes = place.map((entry): Box => {
    const box = { left: PAD + columns.indexOf(entry.column) * spread, top: TOP + entry.row * pitch, width: boxWidth, height };
    const lines = linesOf(entry, density, boxWidth, measure, badgeAbove);
    const told = density === "telling" && entry.node ? holderLines(entry.node, boxWidth, measure) : [];
    return { key: entry.key, kind: entry.kind, ...box, lines: [...lines, ...told], rule: told.length > 0 ? TELLING.rule : null, node: entry.node, stack: entry.stack, badgeAbove };
  });
  const curves = edgeCurves(stacked.edges, boxes, pitch, measure);
  return {
    boxes,
    curves,
    outlines: groupOutlines(boxes, groupOf),
    width: Math.max(natural, size.width / scale - 1),
    // A line that goes below the last row has its word there.
    height: Math.max(TOP + PAD + (rows - 1) * pitch + height, ...curves.map(({ label }) => (label?.y ?? 0) + 5)),
    scale: scale * zoom,
    density,
  };
}

/** Of so many rows with all their words. */
function fullHeight(rows: number): Px {
  return TOP + PAD + (rows - 1) * SIZES.full.pitch + SIZES.full.height;
}

interface Placed {
  key: string;
  kind: NodeKind;
  column: number;
  row: number;
  node: ObjectNode | null;
  stack: Stack | null;
}

/** Slots of what is drawn; empty rows close up only when objects are stacked or do not fit. */
function placed(stacked: Stacked, slots: Slots, size: Size): Placed[] {
  const all: Placed[] = [
    ...stacked.nodes.map((node) => ({ key: node.key, kind: node.kind, node, stack: null, ...(slots.get(node.key) ?? { column: 0, row: 0 }) })),
    ...stacked.stacks.map((stack) => ({ key: stack.key, kind: stack.kind, node: null, stack, ...(slots.get(stack.key) ?? slots.get(stack.members[0]!.key) ?? { column: 0, row: 0 }) })),
  ];
  const rows = Math.max(0, ...all.map((entry) => entry.row)) + 1;
  if (stacked.stacks.length === 0 && (rows - 1) * SIZES.dense.pitch + SIZES.dense.height <= size.height - TOP - PAD) return all;
  const known = new Map(all.map((entry) => [entry.key, entry]));
  // From the right: what hangs on the same thing stands together, in the order of those things, so that no lines cross.
  for (const column of [...new Set(all.map((entry) => entry.column))].toSorted((left, right) => right - left)) {
    const inColumn = all.filter((entry) => entry.column === column);
    const beside = new Map(inColumn.map((entry) => [entry, besideRow(entry, stacked.edges, known)]));
    inColumn.sort((left, right) => beside.get(left)! - beside.get(right)! || left.row - right.row);
    inColumn.forEach((entry, index) => (entry.row = index));
  }
  lowered(all, stacked.edges, known);
  return all;
}

/** The highest row of what an object holds in the columns right of it, which have their rows; its own row where it holds nothing there. */
function besideRow(entry: Placed, edges: Stacked["edges"], known: ReadonlyMap<string, Placed>): number {
  const rows = edges.flatMap((edge) => {
    const other = edge.from === entry.key && edge.counts ? known.get(edge.to) : undefined;
    return other && other.column > entry.column ? [other.row] : [];
  });
  return rows.length > 0 ? Math.min(...rows) : entry.row;
}

/** What is held goes down to the highest of its holders left of it, where that costs no further row: lines are straight then. */
function lowered(all: readonly Placed[], edges: Stacked["edges"], known: ReadonlyMap<string, Placed>): void {
  const last = Math.max(0, ...all.map((entry) => entry.row));
  for (const column of [...new Set(all.map((entry) => entry.column))].toSorted((left, right) => left - right)) {
    const inColumn = all.filter((entry) => entry.column === column).toSorted((left, right) => left.row - right.row);
    let free = 0;
    inColumn.forEach((entry, index) => {
      const holders = edges.flatMap((edge) => {
        const holder = edge.to === entry.key && edge.counts ? known.get(edge.from) : undefined;
        return holder && holder.column < column ? [holder.row] : [];
      });
      const below = inColumn.length - 1 - index;
      entry.row = Math.max(free, Math.min(Math.max(entry.row, ...(holders.length > 0 ? [Math.min(...holders)] : [])), last - below));
      free = entry.row + 1;
    });
  }
}

/** Of the count of users at the right of a title. */
export function badgeWidth(users: number): Px {
  return String(users).length * 7 + 11;
}

function linesOf(entry: Placed, density: Density, width: Px, measure: Measure, badgeAbove: boolean): Line[] {
  const room = width - 20;
  const badge = typeof entry.node?.users !== "number" || badgeAbove ? 0 : badgeWidth(entry.node.users) + 3;
  const long = entry.node?.title ?? entry.stack?.title ?? "";
  const title = entry.stack && measure(long, "strong") > room ? entry.stack.short : long;
  const tops = density === "full" || density === "telling" ? [20, 35, 49] : density === "dense" ? [17, 32] : [16];
  const rest: { text: string; face: Line["face"] }[] = entry.node ? bodyOf(entry.node) : [{ text: entry.stack?.detail ?? "", face: "text" }];
  const lines: Line[] = [];
  [{ text: title, face: "strong" as const }, ...rest].slice(0, tops.length).forEach((line, index) => {
    const space = index === 0 ? room - badge : room;
    const text = shorten(measure(line.text, line.face) > space ? line.text.replace(KNOWN, "") : line.text, line.face, space, measure);
    if (text !== null && text !== "") lines.push({ text, face: line.face, y: tops[index]! });
  });
  return lines;
}

/** One line for each of the references that its count of users stands for, as far as there is room. */
function holdersTold(node: ObjectNode): string[] {
  const words = [...(node.users === node.holders.length + 1 ? ["the table’s own reference"] : []), ...node.holders];
  return words.length > TELLING.lines ? [...words.slice(0, TELLING.lines - 1), `and ${countText(words.length - TELLING.lines + 1)} more`] : words;
}

function holderLines(node: ObjectNode, width: Px, measure: Measure): Line[] {
  return holdersTold(node).flatMap((word, index) => {
    const text = shorten(word, "text", width - 20, measure);
    return text === null ? [] : [{ text, face: "text" as const, y: TELLING.first + index * TELLING.pitch, faint: true }];
  });
}

/** What goes before a word is cut: it is the same in most objects, or said by the colour. */
const KNOWN = /^(?:0000:|aperture |vfio_|HWPT_)/;

/** A PCI address. */
const ADDRESS = /^[0-9a-f]{4}:/;

/** Devices are known by their address, everything else by its kernel type. */
function bodyOf(node: ObjectNode): { text: string; face: Line["face"] }[] {
  const lines = node.lines.map((text) => ({ text, face: ADDRESS.test(text) ? ("mono" as const) : ("text" as const) }));
  const addressed = lines.toSorted((left, right) => Number(ADDRESS.test(right.text)) - Number(ADDRESS.test(left.text)));
  return node.kind === "device" && lines.length > 1 ? addressed : [{ text: node.type, face: "mono" }, ...lines];
}

/** "group 27" around the devices of one iommu group that stand together. */
function groupOutlines(boxes: readonly Box[], groupOf: Tidy["groupOf"]): Outline[] {
  const devices = boxes.filter((box) => box.kind === "device" && box.node).toSorted((left, right) => left.left - right.left || left.top - right.top);
  const outlines: Outline[] = [];
  let run: Box[] = [];
  const close = (): void => {
    const first = run[0];
    const group = first && groupOf.get(first.key);
    if (first && group && run.length > 1) {
      const last = run.at(-1)!;
      outlines.push({ key: group.key, label: group.title, left: first.left - 7, top: first.top - 8, width: first.width + 14, height: last.top + last.height - first.top + 16 });
    }
    run = [];
  };
  for (const box of devices) {
    const group = groupOf.get(box.key);
    if (run.length > 0 && (!group || groupOf.get(run[0]!.key)?.key !== group.key || run.at(-1)!.left !== box.left)) close();
    run.push(box);
  }
  close();
  return outlines;
}

/** The nearest box in a direction, for arrow keys. */
export function boxTowards(boxes: readonly Box[], key: string, direction: "left" | "right" | "up" | "down"): string | null {
  const from = boxes.find((box) => box.key === key);
  if (!from) return null;
  let best: { key: string; cost: number } | null = null;
  for (const box of boxes) {
    const across = box.left - from.left;
    const down = box.top - from.top;
    const ahead = direction === "left" ? -across : direction === "right" ? across : direction === "up" ? -down : down;
    const aside = direction === "left" || direction === "right" ? Math.abs(down) : Math.abs(across) * 3;
    if (ahead <= 0) continue;
    const cost = ahead + aside;
    if (!best || cost < best.cost) best = { key: box.key, cost };
  }
  return best?.key ?? null;
}

