/** On the lane of mappings: what the step mapped and unmapped. */
import { add } from "../../../base/u64.ts";
import type { Frame } from "../../../engine/views.ts";
import { ChangeMark } from "../common/changes.tsx";
import type { Axis } from "./axis.ts";
import type { LaneRow } from "./scene.ts";

/** More marks than this say no more. */
const MOST = 40;
/** Px that a mark needs for itself. */
const APART = 14;

export default function ChangedRanges({ frame, rows, axis, gutter }: { frame: Frame; rows: readonly LaneRow[]; axis: Axis; gutter: number }) {
  const { changes, iova } = frame;
  const row = rows.find((candidate) => candidate.lane.kind === "mapped" && (candidate.lane.space ?? iova?.space) === iova?.space);
  if (!changes || !row || !iova) return null;
  const marks: { x: number; left: number; width: number; change: "born" | "changed" | "gone" }[] = [];
  for (const { first, last, what, keys } of changes.ranges) {
    const elsewhere = keys.some((key) => /^(?:ioas|container):/.test(key)) && !keys.includes(iova.space);
    if (what === "changed" || elsewhere || last < axis.window.first || first > axis.window.last || marks.length >= MOST) continue;
    const left = Math.max(0, axis.toPx(first));
    const right = Math.min(axis.width, axis.toPx(add(last, 1)));
    const x = Math.max(6, Math.min(axis.width - 6, left));
    if (!marks.some((mark) => Math.abs(mark.x - x) < APART)) marks.push({ x, left, width: Math.max(2, right - left), change: what });
  }
  return (
    <g transform={`translate(${gutter} 0)`}>
      {marks.map(({ x, left, width, change }) => (
        <g key={x}>
          {change === "gone" && <rect className="dg-gone-range" x={left} y={row.bar.top} width={width} height={row.bar.height} rx={Math.min(3, width / 3)} />}
          <ChangeMark change={change} x={x} y={row.bar.top} />
        </g>
      ))}
    </g>
  );
}
