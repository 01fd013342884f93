/** All ids from 0 to the last on a log scale; pressing it shows the cells from there. */
import { memo, useMemo, type PointerEvent } from "react";
import type { PasidEntry } from "../../../kernel/inspect.ts";
import { idText } from "./cells.ts";
import { rulerId, rulerPx, rulerStretches, rulerTicks } from "./ruler.ts";

export const RULER_HEIGHT = 46;
const TOP = 12;
const BAR = 13;

interface RulerProps {
  entries: readonly PasidEntry[];
  bits: number;
  width: number;
  toneOf: (entry: PasidEntry) => string;
  /** Ids shown as cells, inclusive; null: all of them. */
  window: { first: number; last: number } | null;
  marked: readonly PasidEntry[];
  onPick: (id: number) => void;
}

export function Ruler({ entries, bits, width, toneOf, window, marked, onPick }: RulerProps) {
  const left = window ? rulerPx(window.first, bits, width) : 0;
  const right = window ? Math.max(rulerPx(window.last + 1, bits, width), left + 4) : 0;
  const press = (event: PointerEvent<SVGSVGElement>): void => onPick(rulerId(event.clientX - event.currentTarget.getBoundingClientRect().left, bits, width));
  return (
    <svg className="dg-ruler" width={width} height={RULER_HEIGHT} aria-hidden="true" onPointerDown={press}>
      <rect className="dg-strip-ground" x={0} y={TOP} width={width} height={BAR} rx={3} />
      <Stretches entries={entries} bits={bits} width={width} toneOf={toneOf} />
      {marked.map((entry) => (
        <path key={entry.id} className="dg-ruler-mark" d={`M${rulerPx(entry.id, bits, width) + 1} ${TOP - 3}v-4`} />
      ))}
      {window && <rect className="dg-strip-window" x={left} y={TOP - 1.5} width={Math.min(right, width) - left} height={BAR + 3} rx={3} />}
      <Ticks bits={bits} width={width} />
    </svg>
  );
}

const Stretches = memo(function Stretches({ entries, bits, width, toneOf }: Pick<RulerProps, "entries" | "bits" | "width" | "toneOf">) {
  // The tones change only with the entries.
  // oxlint-disable-next-line react-hooks/exhaustive-deps
  const stretches = useMemo(() => rulerStretches(entries, bits, width, toneOf), [entries, bits, width]);
  return stretches.map((stretch) => (
    <rect key={stretch.left} className={`dg-ruler-ids ${stretch.tone}`} x={stretch.left} y={TOP} width={Math.max(stretch.right - stretch.left, 2)} height={BAR} opacity={0.4 + 0.6 * stretch.filled} />
  ));
}, (before, after) => before.entries === after.entries && before.bits === after.bits && before.width === after.width);

const Ticks = memo(function Ticks({ bits, width }: { bits: number; width: number }) {
  const ticks = rulerTicks(bits, width);
  return ticks.map((tick, index) => {
    const last = index === ticks.length - 1;
    return (
      <g key={tick.id}>
        <path className="dg-tick is-round" d={`M${Math.min(tick.px, width - 0.5)} ${TOP + BAR + 2}v4`} />
        <text className="dg-faint f-tiny" x={Math.min(tick.px, width)} y={RULER_HEIGHT - 4} textAnchor={index === 0 ? "start" : last ? "end" : "middle"}>
          {last ? `0x${tick.id.toString(16).replace(/^(.+)(.{4})$/, "$1_$2")}` : idText(tick.id)}
        </text>
      </g>
    );
  });
});
