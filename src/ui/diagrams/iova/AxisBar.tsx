/** The axis under the lanes: line, breaks, ticks, addresses in two rows, and the address under the pointer. */
import { memo } from "react";
import { groupedHex } from "../../../base/format.ts";
import type { AxisLabel, AxisTick } from "./axis-labels.ts";
import type { Axis } from "./axis.ts";

const ROWS = [24, 38] as const;
export const AXIS_HEIGHT = 44;
const LINE = 6;

interface AxisBarProps {
  axis: Axis;
  ticks: readonly AxisTick[];
  labels: readonly AxisLabel[];
  gutter: number;
}

export const AxisBar = memo(function AxisBar({ axis, ticks, labels, gutter }: AxisBarProps) {
  const breaks = axis.segments.filter((segment) => segment.broken && segment.right - segment.left > 8);
  const rounds = new Set(ticks.filter((tick) => tick.kind === "round").map((tick) => tick.position));
  let path = "M0 6";
  for (const segment of breaks) {
    const middle = (segment.left + segment.right) / 2;
    path += `H${(middle - 3).toFixed(1)}m6 0`;
  }
  path += `H${axis.width}`;
  return (
    <g transform={`translate(${gutter} 0)`}>
      <path className="dg-axis" d={path} />
      {breaks.map((segment) => (
        <path key={String(segment.first)} className="dg-axis dg-move" d="M-5 5L-1 -5M1 5L5 -5" style={{ transform: `translate(${(segment.left + segment.right) / 2}px, ${LINE}px)` }} />
      ))}
      {ticks.map((tick, index) => (
        // Round places come and go while one zooms: what is drawn for one serves the next.
        <path key={tick.kind === "round" ? index : String(tick.position)} className={`dg-tick dg-move is-${tick.kind}`} d="M0 0v5" style={{ transform: `translate(${tick.px}px, ${LINE}px)` }} />
      ))}
      {labels.map((label, index) => (
        <g key={rounds.has(label.position) ? index : String(label.position)}>
          {label.row === 1 && <path className="dg-leader dg-move" d="M0 0v16" style={{ transform: `translate(${label.px}px, ${LINE + 5}px)` }} />}
          <text className="dg-word dg-move f-mono" style={{ transform: `translate(${label.left}px, ${ROWS[label.row as 0 | 1]}px)` }}>
            {label.text}
          </text>
        </g>
      ))}
    </g>
  );
});

/** The exact address under the pointer, on a plate over the labels. */
export function Readout({ axis, px, gutter }: { axis: Axis; px: number; gutter: number }) {
  const text = groupedHex(axis.toAddress(px));
  const half = text.length * 3.4 + 7;
  const x = Math.max(half, Math.min(axis.width - half, px));
  return (
    <g className="dg-readout" transform={`translate(${gutter} 0)`}>
      <path className="dg-cross" d={`M${px} 0V12`} />
      <rect x={x - half} y={11} width={half * 2} height={17} rx={4} />
      <text className="f-mono" x={x} y={23.5} textAnchor="middle">
        {text}
      </text>
    </g>
  );
}
