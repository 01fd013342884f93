/** The drawing: low ids as cells, all ids on a ruler, who hands them out and who may have how many. */
import { useMemo, useState } from "react";
import type { PasidEntry, PasidSpace } from "../../../kernel/inspect.ts";
import { ChangeLegend, ChangeMark, changeOf, type Change } from "../common/changes.tsx";
import { lightOf, type Light } from "../common/light.ts";
import { Mirror, type Direction } from "../common/Mirror.tsx";
import type { DiagramProps } from "../common/props.ts";
import { shorten, useMeasure, type Measure } from "../common/text.ts";
import { Tooltip, type Anchor } from "../common/Tooltip.tsx";
import { useSize } from "../common/use-size.ts";
import { cellsFrom, FREE_ROWS, idText, type Cell } from "./cells.ts";
import { captionOf, entryText, entryTip, ownerOf, stateWord } from "./describe.ts";
import { Legend } from "./Legend.tsx";
import { Ruler, RULER_HEIGHT } from "./Ruler.tsx";

/** Px; cells grow with the room between their least and their best size. */
/** Of a cell, px: "FREE_PENDING" and "orphaned" have room in it. */
const CELL = { width: 64, least: 46, best: 56, gap: 6 };
const MOST_ROWS = 11;
const MOST_ITEMS = 200;
/** Sets with a colour of their own; further ones start over, told apart by name. */
const SET_COLOURS = 6;

/** CSS class that colours whatever belongs to a set; ids without one take their colour from their state. */
function toneOf(space: PasidSpace, set: string | null): string {
  const index = set === null ? -1 : space.sets.findIndex((candidate) => candidate.key === set);
  return index < 0 ? "s-none" : `s-${(index % SET_COLOURS) + 1}`;
}

function lights(light: Light, entry: PasidEntry): boolean {
  return light.key !== null && (light.key === entry.key || light.key === entry.set || light.key === entry.allocator || light.keys.has(entry.key));
}

export default function PasidDrawing({ frame, space, selection, onSelect, hover, onHover, compact }: DiagramProps & { space: PasidSpace }) {
  const [area, size] = useSize<HTMLDivElement>();
  const measure = useMeasure();
  const [from, setFrom] = useState(0);
  const [focused, setFocused] = useState<string | null>(null);
  const [lastFocused, setLastFocused] = useState<string | null>(null);
  const [tip, setTip] = useState<{ entry: PasidEntry; anchor: Anchor } | null>(null);

  const entries = useMemo(() => space.ids.toSorted((left, right) => left.id - right.id), [space.ids]);
  const width = Math.max(size?.width ?? 330, 140);
  const columns = Math.max(3, Math.floor((width + CELL.gap) / (CELL.width + CELL.gap)));
  const cellWidth = (width - (columns - 1) * CELL.gap) / columns;
  const spare = (size?.height ?? 200) - RULER_HEIGHT - 8;
  const rows = compact ? 3 : Math.max(1, Math.min(MOST_ROWS, Math.floor((spare + CELL.gap) / (CELL.least + CELL.gap))));
  const height = compact ? 52 : Math.max(CELL.least, Math.min(CELL.best, Math.floor((spare + CELL.gap) / rows) - CELL.gap));
  const cells = useMemo(() => cellsFrom(entries, from, columns * rows, columns, 2 ** space.bits, Math.max(FREE_ROWS, rows - 1)), [entries, from, columns, rows, space.bits]);
  const selected = useMemo(() => lightOf(frame, selection), [frame, selection]);
  const lit = useMemo(() => lightOf(frame, hover), [frame, hover]);
  const selectedEntry = entries.find((entry) => entry.key === selected.key) ?? null;
  const tones = useMemo(() => new Map(space.sets.map((set) => [set.key, toneOf(space, set.key)])), [space]);
  const tone = (entry: PasidEntry): string => (entry.state === "reserved" ? "s-reserved" : (tones.get(entry.set ?? "") ?? "s-none"));

  const show = (entry: PasidEntry | null): void => {
    if (!entry) {
      setTip(null);
      if (hover) onHover(null);
      return;
    }
    onHover({ key: entry.key });
    const element = area.current?.querySelector(`[data-cell="${entry.id}"]`);
    if (element) setTip({ entry, anchor: element.getBoundingClientRect() });
  };
  const select = (key: string): void => onSelect(selection && "key" in selection && selection.key === key ? null : { key });
  const shown = cells.flatMap((cell) => (cell.kind === "id" ? [cell.entry] : []));
  const hidden = entries.length - shown.length;
  const lastShown = cells.at(-1);

  return (
    <div className="dg dg-pasid" data-compact={compact || undefined}>
      <div ref={area} className="dg-cells">
        <svg width={width} height={Math.ceil(cells.length / columns) * (height + CELL.gap) + 2} role="img" aria-label={`PASIDs: ${captionOf(space, selectedEntry)}`}>
          {cells.map((cell, index) => (
            <CellShape
              key={cell.kind === "id" || cell.kind === "free" ? `id${cell.id}` : `${cell.kind}${cell.id}`}
              cell={cell}
              x={(index % columns) * (cellWidth + CELL.gap) + 1}
              y={Math.floor(index / columns) * (height + CELL.gap) + 1}
              width={cellWidth - 2}
              height={height - 2}
              space={space}
              tone={cell.kind === "id" ? tone(cell.entry) : ""}
              selected={cell.kind === "id" && lights(selected, cell.entry)}
              lit={cell.kind === "id" && lights(lit, cell.entry)}
              focused={cell.kind === "id" && focused === cell.entry.key}
              change={cell.kind === "id" ? changeOf(frame, cell.entry.key) : null}
              measure={measure}
              onPoint={show}
              onPress={() => (cell.kind === "id" ? select(cell.entry.key) : cell.kind === "more" ? setFrom(cell.id) : undefined)}
            />
          ))}
        </svg>
        <Ruler
          entries={entries}
          bits={space.bits}
          width={width}
          toneOf={tone}
          window={hidden > 0 || from > 0 ? { first: from, last: lastShown ? (lastShown.kind === "gap" ? lastShown.last : lastShown.id) : from } : null}
          marked={entries.filter((entry) => lights(selected, entry) || lights(lit, entry)).slice(0, 400)}
          onPick={(id) => setFrom(startAt(entries, id))}
        />
      </div>
      <Legend space={space} toneOf={(key) => tones.get(key) ?? "s-none"} selected={selected.key} lit={lit.key} onSelect={select} onHover={(key) => onHover(key === null ? null : { key })} />
      <div className="dg-foot-row">
        <p className="dg-caption">
          {captionOf(space, selectedEntry)}
          {from > 0 && (
            <button type="button" className="dg-link" onClick={() => setFrom(0)}>
              back to id 0
            </button>
          )}
        </p>
        <ChangeLegend frame={frame} mine={isId} />
      </div>
      <Mirror
        label="PASIDs in words"
        groups={[
          {
            title: `${entries.length} ids of ${(2 ** space.bits).toLocaleString("en")}, ${space.variant}`,
            items: shown.slice(0, MOST_ITEMS).map((entry) => ({ key: entry.key, text: entryText(entry, space) })),
            more: hidden > 0 ? `${hidden.toLocaleString("en")} further ids are on the ruler` : "",
          },
        ]}
        selected={selected.key}
        current={lastFocused}
        onFocus={(key) => {
          setFocused(key);
          if (key !== null) setLastFocused(key);
          show(shown.find((entry) => entry.key === key) ?? null);
        }}
        onActivate={select}
        neighbour={(key, direction) => step(cells, key, direction, columns)}
      />
      {tip && <Tooltip id="dg-pasid-tip" text={entryTip(tip.entry, space)} anchor={tip.anchor} />}
    </div>
  );
}

function isId(key: string): boolean {
  return key.startsWith("ioasid:");
}

/** Cells start at the id picked on the ruler, or at the nearest one in use below it. */
function startAt(entries: readonly PasidEntry[], id: number): number {
  const before = entries.findLast((entry) => entry.id <= id);
  return id < 16 ? 0 : before ? Math.max(before.id, 0) : id;
}

/** From a cell to the next one in use in a direction. */
function step(cells: readonly Cell[], key: string, direction: Direction, columns: number): string | null {
  const start = cells.findIndex((cell) => cell.kind === "id" && cell.entry.key === key);
  const stride = direction === "left" ? -1 : direction === "right" ? 1 : direction === "up" ? -columns : columns;
  for (let index = start + stride; index >= 0 && index < cells.length; index += Math.sign(stride)) {
    const cell = cells[index]!;
    if (cell.kind === "id") return cell.entry.key;
  }
  return null;
}

interface CellProps {
  cell: Cell;
  x: number;
  y: number;
  width: number;
  height: number;
  space: PasidSpace;
  tone: string;
  selected: boolean;
  lit: boolean;
  focused: boolean;
  change: Change | null;
  measure: Measure;
  onPoint: (entry: PasidEntry | null) => void;
  onPress: () => void;
}

function CellShape({ cell, x, y, width, height, space, tone, selected, lit, focused, change, measure, onPoint, onPress }: CellProps) {
  const room = width - 11;
  const fit = (text: string, face: "text" | "mono" | "tiny"): string => shorten(text, face, room, measure) ?? "";
  const entry = cell.kind === "id" ? cell.entry : null;
  const className = `dg-cell dg-move ${tone} c-${entry?.state ?? cell.kind} ${selected ? "is-selected" : ""} ${lit ? "is-lit" : ""}`;
  return (
    <g
      className={className}
      data-cell={cell.kind === "id" ? cell.id : undefined}
      style={{ transform: `translate(${x}px, ${y}px)` }}
      onPointerEnter={() => onPoint(entry)}
      onPointerLeave={() => onPoint(null)}
      onClick={onPress}
    >
      {focused && <rect className="dg-focus" x={-3} y={-3} width={width + 6} height={height + 6} rx={8} />}
      <rect className="dg-cell-box" width={width} height={height} rx={6} />
      {entry?.state === "orphaned" && <path className="dg-cell-strike" d={`M4 ${height * 0.32 - 4}H${11 + 7 * idText(cell.id).length}`} />}
      {cell.kind === "gap" ? (
        <>
          <text className="dg-faint f-strong" x={width / 2} y={height * 0.44} textAnchor="middle">
            ⋯
          </text>
          <text className="dg-faint f-tiny" x={width / 2} y={height * 0.73} textAnchor="middle">
            {shortCount(cell.last - cell.id + 1)} free
          </text>
        </>
      ) : cell.kind === "more" ? (
        <>
          <text className="f-strong" x={width / 2} y={height * 0.44} textAnchor="middle">
            +{shortCount(cell.count)}
          </text>
          <text className="dg-faint f-tiny" x={width / 2} y={height * 0.73} textAnchor="middle">
            more ›
          </text>
        </>
      ) : (
        <>
          <text className="dg-cell-id f-mono" x={7} y={height * 0.32}>
            {idText(cell.id)}
          </text>
          {entry && (
            <>
              <text className="dg-cell-owner f-text" x={7} y={height * 0.59}>
                {fit(ownerOf(entry, space), "text")}
              </text>
              <text className="dg-cell-state f-tiny" x={7} y={height * 0.84}>
                {fit(stateWord(entry), "tiny")}
              </text>
            </>
          )}
        </>
      )}
      {change && <ChangeMark change={change} x={width - 8} y={9} />}
    </g>
  );
}

/** 4213 → "4,213", 65512 → "65.5 k", so that it fits a cell. */
function shortCount(count: number): string {
  if (count < 10_000) return count.toLocaleString("en");
  return count < 1_000_000 ? `${(count / 1000).toFixed(count < 100_000 ? 1 : 0)} k` : `${(count / 1_000_000).toFixed(1)} M`;
}
