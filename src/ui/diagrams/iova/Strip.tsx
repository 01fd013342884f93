/** The whole space on a log scale, always in sight: where the window is, and a brush to move it. */
import { memo, useRef, useState, type PointerEvent } from "react";
import { humanSize } from "../../../base/format.ts";
import { add, pow2, type U64 } from "../../../base/u64.ts";
import type { Lane, Span } from "../../../engine/views.ts";
import type { Range } from "../../../kernel/answer.ts";
import { stripAddress, stripPx, stripTicks } from "./log-strip.ts";
import { textureOf } from "./Patterns.tsx";
import { windowOf } from "./viewport.ts";

export const STRIP_HEIGHT = 36;
const TOP = 4;
const BAR = 15;
/** A window narrower than this on the strip is still a handle. */
const HANDLE = 7;

interface StripProps {
  lanes: readonly Lane[];
  window: Range;
  whole: boolean;
  width: number;
  gutter: number;
  patterns: string;
  refused: boolean;
  onWindow: (window: Range | null) => void;
  /** The window follows the hand. */
  onFollow: (window: Range) => void;
}

export function Strip({ lanes, window, whole, width, gutter, patterns, refused, onWindow, onFollow }: StripProps) {
  const press = useRef<{ x: number; left: number; right: number; moves: boolean } | null>(null);
  const [brush, setBrush] = useState<{ left: number; right: number } | null>(null);
  const left = stripPx(window.first, width);
  const right = Math.max(stripPx(add(window.last, 1), width), left + 2);
  const handle = { left: Math.max(0, (left + right) / 2 - Math.max(right - left, HANDLE) / 2), width: Math.max(right - left, HANDLE) };

  const at = (event: PointerEvent<SVGSVGElement>): number => event.clientX - event.currentTarget.getBoundingClientRect().left - gutter;
  const down = (event: PointerEvent<SVGSVGElement>): void => {
    const x = at(event);
    if (event.button !== 0 || x < -4) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    press.current = { x, left, right, moves: !whole && x >= handle.left && x <= handle.left + handle.width };
  };
  const move = (event: PointerEvent<SVGSVGElement>): void => {
    const start = press.current;
    if (!start) return;
    const x = Math.max(0, Math.min(width, at(event)));
    if (Math.abs(x - start.x) < 3 && !brush) return;
    if (start.moves) {
      const delta = Math.max(-start.left, Math.min(width - start.right, x - start.x));
      onFollow(range(start.left + delta, start.right + delta));
    } else setBrush({ left: Math.min(start.x, x), right: Math.max(start.x, x) });
  };
  const up = (): void => {
    if (brush) onWindow(range(brush.left, brush.right));
    press.current = null;
    setBrush(null);
  };
  const range = (from: number, to: number): Range => windowOf(stripAddress(from, width), to >= width ? pow2(64) : stripAddress(to, width));

  return (
    <svg className="dg-strip" width={gutter + width} height={STRIP_HEIGHT} aria-hidden="true" onPointerDown={down} onPointerMove={move} onPointerUp={up} onPointerCancel={up} onDoubleClick={() => onWindow(null)}>
      {gutter > 0 && (
        <text className="dg-faint f-text" x={0} y={TOP + 11}>
          whole space, log
        </text>
      )}
      <g transform={`translate(${gutter} 0)`}>
        <StripContent lanes={lanes} width={width} patterns={patterns} refused={refused} />
        {!whole && (
          <>
            <rect className="dg-strip-veil" x={0} y={TOP} width={handle.left} height={BAR} />
            <rect className="dg-strip-veil" x={handle.left + handle.width} y={TOP} width={Math.max(0, width - handle.left - handle.width)} height={BAR} />
          </>
        )}
        <rect className="dg-strip-window" x={handle.left} y={TOP - 1.5} width={handle.width} height={BAR + 3} rx={4} />
        {brush && <rect className="dg-strip-brush" x={brush.left} y={TOP - 1} width={Math.max(brush.right - brush.left, 1)} height={BAR + 2} />}
      </g>
    </svg>
  );
}

const StripContent = memo(function StripContent({ lanes, width, patterns, refused }: { lanes: readonly Lane[]; width: number; patterns: string; refused: boolean }) {
  const box = (span: Span): { x: number; width: number } => {
    const x = stripPx(span.first, width);
    return { x, width: Math.max(stripPx(add(span.last, 1), width) - x, 2) };
  };
  const spans = (kind: Lane["kind"]): Span[] => lanes.filter((lane) => lane.kind === kind && lane.space === undefined).flatMap((lane) => lane.spans);
  const ticks = stripTicks(width);
  return (
    <>
      <rect className="dg-strip-ground" x={0} y={TOP} width={width} height={BAR} rx={3} />
      <path className="dg-block k-valid dg-strip-fill" d={boxes(spans("valid").filter((span) => span.kind === "valid").map(box), TOP, BAR)} />
      <path className="dg-block k-mapping dg-strip-fill" d={boxes(spans("mapped").map(box), TOP + 7, BAR - 7)} />
      {spans("holes").map((span) => {
        const { x, width: wide } = box(span);
        return (
          <g key={span.key} className={`dg-block k-${span.kind}`}>
            <rect className={wide < 8 ? "dg-strip-solid" : "dg-strip-fill"} x={x} y={TOP} width={wide} height={BAR} />
            {wide >= 8 && <rect className="dg-texture" x={x} y={TOP} width={wide} height={BAR} style={{ fill: textureOf(span.kind, patterns) ?? "none" }} />}
          </g>
        );
      })}
      {spans("call").filter((span) => span.kind === "call").map((span) => {
        const { x, width: wide } = box(span);
        return <rect key={span.key} className={refused ? "dg-strip-call is-refused" : "dg-strip-call"} x={x} y={TOP + 1} width={Math.max(wide, 3)} height={BAR - 2} rx={2} />;
      })}
      {ticks.map((tick) => (
        <g key={tick.bits}>
          <path className="dg-tick is-round" d={`M${tick.px} ${TOP + BAR + 2}v3`} />
          <text className="f-tiny dg-faint" x={tick.px} y={STRIP_HEIGHT - 3} textAnchor="middle">
            {humanSize(size(tick.bits))}
          </text>
        </g>
      ))}
    </>
  );
});

function size(bits: number): U64 {
  return pow2(bits);
}

function boxes(list: readonly { x: number; width: number }[], top: number, height: number): string {
  return list.map((each) => `M${each.x.toFixed(1)} ${top}h${each.width.toFixed(1)}v${height}h${(-each.width).toFixed(1)}z`).join("");
}
