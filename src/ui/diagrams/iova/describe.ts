/** Words for what lies on the IOVA axis: tooltips, and the same facts for those who listen. */
import { groupedHex, humanSize, rangeText } from "../../../base/format.ts";
import { lengthOf, type U64 } from "../../../base/u64.ts";
import type { Lane, SpanKind } from "../../../engine/views.ts";
import type { Range } from "../../../kernel/answer.ts";
import type { TipText } from "../common/Tooltip.tsx";
import { countText, listed } from "../common/words.ts";
import { kindName } from "./kind-names.ts";
import type { Block } from "./lane-layout.ts";

/** What each kind means, for those who meet it first. */
const TEACH: Record<SpanKind, string> = {
  msi: "A write here is an interrupt, not memory. The IOMMU does not translate it, so nothing may be mapped over it.",
  "sw-msi": "The kernel maps the interrupt controller’s doorbell here by itself, so users may not.",
  reserved: "The platform uses these addresses for something else. A mapping that overlaps even one byte is refused.",
  direct: "Firmware needs this memory mapped one to one for the device. A user’s mapping over it would break that, so it is refused.",
  "direct-relaxable": "Firmware needs it only until a driver takes over. User mappings may ignore it.",
  aperture: "The IOMMU’s page tables cannot express these addresses. The aperture shrinks to what every device can reach.",
  test: "A selftest keeps this range to provoke refusals. It counts like any other hole.",
  "aperture-field": "What this IOMMU can address. An IOVA space can use no more than what all its devices share.",
  valid: "A mapping fits anywhere inside, on the alignment, and must not cross either end.",
  allowed: "The user’s own list: automatic placement stays inside, and no device may carve a hole out of it.",
  mapping: "One area of the space: these I/O addresses reach this memory. Others may touch it, none may overlap it.",
  call: "Where the call on screen wants to go.",
  "call-hit": "The part of the request that runs into something already there.",
};

/** Everything about one block. */
export function blockTip(block: Block, lane: Lane, names: ReadonlyMap<string, string>): TipText {
  const kind = kindName(block.kind);
  const length = lengthOf(block.first, block.last);
  const owners = [...new Set(block.objects.map((key) => names.get(key) ?? "").filter((name) => name !== ""))];
  const rows = [
    { name: "range", value: `${groupedHex(block.first)} – ${groupedHex(block.last)}`, mono: true },
    { name: "length", value: sizeText(length) },
  ];
  if (block.count > 1) rows.push({ name: "stands for", value: `${countText(block.count)} of them; zoom in to part them` });
  else if (lane.kind === "mapped" && block.detail !== "") rows.push({ name: "is", value: block.detail });
  else if (lane.kind === "contributor" && block.detail.includes(" · ")) rows.push({ name: "but", value: block.detail.slice(block.detail.indexOf(" · ") + 3) });
  if (owners.length > 0) rows.push({ name: lane.kind === "mapped" ? "in" : lane.kind === "call" ? "for" : "from", value: listed(owners, 4) });
  const bare = block.label === "" || block.label === humanSize(length);
  return { title: bare || block.count > 1 || kind.toLowerCase().startsWith(block.label.toLowerCase()) ? kind : `${block.label} · ${kind}`, rows, teach: TEACH[block.kind] };
}

/** What one column of pixels stands for. */
export function columnTip(column: Range & { count: number }, covered: string): TipText {
  const areas = column.count === 0 ? "Mapped areas here" : `${countText(column.count)} ${column.count === 1 ? "area" : "areas"} here`;
  return {
    title: `${areas}, ${covered} covered`,
    rows: [
      { name: "range", value: `${groupedHex(column.first)} – ${groupedHex(column.last)}`, mono: true },
      { name: "length", value: sizeText(lengthOf(column.first, column.last)) },
    ],
    teach: `${column.count === 1 ? "A part of one area, in a lane that has" : "There are"} more areas than can be drawn apart: each column of pixels shows how much of it is covered. Click to zoom in.`,
  };
}

/** "2 GiB = 0x8000_0000 bytes". */
function sizeText(length: U64): string {
  return `${humanSize(length)} = ${groupedHex(length)} bytes`;
}

/** One line for the list that stands in for the picture. */
export function blockText(block: Block): string {
  if (block.key.startsWith("run@")) return `${block.label}, up to ${countText(block.count)} areas in a column of pixels, ${rangeText(block.first, block.last)}, ${block.detail}`;
  const what = block.label === "" || kindName(block.kind).toLowerCase().startsWith(block.label.toLowerCase()) ? kindName(block.kind) : `${block.label}, ${kindName(block.kind)}`;
  const many = block.count > 1 ? `${countText(block.count)} × ` : "";
  return `${many}${what}, ${rangeText(block.first, block.last)}${block.detail !== "" && block.kind === "mapping" ? `, ${block.detail}` : ""}`;
}
