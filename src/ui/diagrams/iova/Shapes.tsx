/** What is drawn over and under the lanes: guides, bands, the tie of a refusal, the focus ring. */
import type { Axis } from "./axis.ts";
import type { AxisTick } from "./axis-labels.ts";
import type { Block } from "./lane-layout.ts";
import { blockBox } from "./LaneRows.tsx";
import type { Marks } from "./overlay.ts";
import type { LaneRow, Tie } from "./scene.ts";

export function Guides({ height, gutter, axis, ticks }: { height: number; gutter: number; axis: Axis; ticks: readonly AxisTick[] }) {
  return (
    <g transform={`translate(${gutter} 0)`}>
      {ticks
        .filter((tick) => tick.kind !== "round" && (axis.segments.length === 1 || tick.kind === "fold") && tick.px >= 0 && tick.px <= axis.width)
        .slice(0, 60)
        .map((tick) => (
          <path key={String(tick.position)} className="dg-guide dg-move" d={`M0 0V${height}`} style={{ transform: `translate(${tick.px}px, 0)` }} />
        ))}
    </g>
  );
}

export function Bands({ marks, hovered, gutter, height }: { marks: Marks; hovered: Marks; gutter: number; height: number }) {
  return (
    <g transform={`translate(${gutter} 0)`}>
      {hovered.band && <rect className="dg-band is-hover" x={hovered.band.left} y={0} width={hovered.band.right - hovered.band.left} height={height} />}
      {marks.band && <rect className="dg-band is-selected" x={marks.band.left} y={0} width={marks.band.right - marks.band.left} height={height} />}
    </g>
  );
}

/** The dotted line from the refused request up to what refused it, below all words. */
export function TieLine({ tie, height }: { tie: Tie; height: number }) {
  return (
    <g className="dg-tie dg-move" style={{ transform: `translate(${tie.px}px, 0)` }}>
      <path className="dg-tie-line" d={`M0 ${tie.to + 3}V${tie.from + height / 2 - 9}`} />
    </g>
  );
}

/** Its ends: a dot at what refused, a cross on the request. */
export function TieEnds({ tie, height }: { tie: Tie; height: number }) {
  const middle = tie.from + height / 2;
  return (
    <g className="dg-tie dg-move" style={{ transform: `translate(${tie.px}px, 0)` }}>
      <circle cx={0} cy={tie.to + 3} r={2.5} />
      <circle cx={0} cy={middle} r={9} />
      <path className="dg-tie-cross" d={`M-3.2 ${middle - 3.2}l6.4 6.4m0 -6.4l-6.4 6.4`} />
    </g>
  );
}

export function FocusRing({ block, row }: { block: Block; row: LaneRow }) {
  const { top, height } = blockBox(block, row);
  return <rect className="dg-focus" x={block.left - 4} y={top - 4} width={block.right - block.left + 8} height={height + 8} rx={6} />;
}

export function callBar(rows: readonly LaneRow[]): number {
  return rows.find((row) => row.lane.kind === "call")?.bar.height ?? 0;
}
