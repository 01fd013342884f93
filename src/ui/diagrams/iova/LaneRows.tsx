/** The lanes as SVG. Crowded lanes become one path per kind; the pointer finds blocks by geometry, not by DOM nodes. */
import { memo, useLayoutEffect, useRef, useState } from "react";
import type { SpanKind } from "../../../engine/views.ts";
import type { Block } from "./lane-layout.ts";
import type { Word } from "./lane-words.ts";
import { textureOf } from "./Patterns.tsx";
import type { LaneRow, Scene } from "./scene.ts";
import { splitsOf } from "./split.ts";
import { isStill } from "../../settings/settings.ts";

/** More blocks than this in a lane are drawn as one path per kind. */
const MANY = 160;

interface LaneRowsProps {
  scene: Scene;
  /** Those of the scene's rows that are in sight. */
  rows: readonly LaneRow[];
  patterns: string;
  gutter: number;
  width: number;
  refused: boolean;
  compact: boolean;
}

export const LaneRows = memo(function LaneRows({ scene, rows, patterns, gutter, width, refused, compact }: LaneRowsProps) {
  return (
    <>
      {rows.map((row) => (
        <g key={row.lane.key} className={`dg-lane lane-${row.lane.kind}`} data-refused={refused || undefined}>
          <line className="dg-rule" x1={0} x2={gutter + width} y1={row.top + row.height} y2={row.top + row.height} />
          <LaneTitle row={row} compact={compact} />
          <g transform={`translate(${gutter} 0)`} clipPath={`url(#${patterns}-plot)`}>
            {row.fields.map((block) => (
              <rect key={block.key} className="dg-box k-aperture-field" x={block.left} y={row.bar.top} width={block.right - block.left} height={row.bar.height} rx={4} />
            ))}
            {row.blocks.length > MANY ? <Crowd row={row} patterns={patterns} /> : <Blocks row={row} scene={scene} patterns={patterns} refused={refused} />}
            {row.words.map((word) => (
              <WordShape key={word.key} word={word} />
            ))}
          </g>
        </g>
      ))}
    </>
  );
});

function LaneTitle({ row, compact }: { row: LaneRow; compact: boolean }) {
  const middle = row.bar.top + row.bar.height / 2;
  if (compact) {
    return (
      <text className="dg-lane-title on-paper" x={0} y={row.top + 15}>
        <tspan className="dg-strong">{row.title}</tspan>
        <tspan className="dg-faint" dx={8}>
          {row.detail}
        </tspan>
      </text>
    );
  }
  return (
    <g className="dg-lane-title">
      <text className="dg-strong" x={0} y={row.detail === "" ? middle + 4 : middle - 3}>
        {row.title}
      </text>
      <text className="dg-faint" x={0} y={middle + 12}>
        {row.detail}
      </text>
    </g>
  );
}

/** Where in its lane a block stands: allowed ranges are a thin bar over the valid windows. */
export function blockBox(block: Block, row: LaneRow): { top: number; height: number } {
  if (block.kind === "allowed" && row.blocks.some((other) => other.kind !== "allowed")) return { top: row.bar.top - 8, height: 5 };
  return row.bar;
}

/** The blocks of a lane; a window that a new hole has cut in two is seen to part. */
function Blocks({ row, ...rest }: Omit<BlockProps, "block" | "partsFrom">) {
  const [drawn, setDrawn] = useState<{ before: readonly Block[]; now: readonly Block[] }>({ before: [], now: row.blocks });
  if (drawn.now !== row.blocks) setDrawn({ before: drawn.now, now: row.blocks });
  const splits = row.lane.kind === "valid" ? splitsOf(drawn.before, row.blocks) : null;
  return (
    <>
      {row.blocks.map((block) => (
        <BlockShape key={block.key} block={block} row={row} partsFrom={splits?.get(block.key) ?? null} {...rest} />
      ))}
    </>
  );
}

const PART_MS = 240;

interface BlockProps {
  block: Block;
  row: LaneRow;
  /** Px from where it parts when it comes out of a split; null: it does not. */
  partsFrom: number | null;
  scene: Scene;
  patterns: string;
  refused: boolean;
}

function BlockShape({ block, row, partsFrom, scene, patterns, refused }: BlockProps) {
  const group = useRef<SVGGElement>(null);
  const { top, height } = blockBox(block, row);
  const width = block.right - block.left;
  const look: SpanKind = block.kind === "call-hit" ? scene.hitKind : block.kind;
  const texture = textureOf(look, patterns);
  const radius = Math.min(3, width / 3);
  const origin = useRef(partsFrom);
  useLayoutEffect(() => {
    const element = group.current;
    if (origin.current === null || !element || element.closest("[data-still]") || isStill()) return;
    element.animate([{ transform: `translate(${origin.current}px, ${top}px)` }, {}], { duration: PART_MS, easing: "ease" });
    origin.current = null;
  }, [top]);
  return (
    <g ref={group} className={`dg-block dg-move k-${look} ${block.kind === "call-hit" ? "is-hit" : ""} ${block.kind === "call" && refused ? "is-refused" : ""}`} style={{ transform: `translate(${block.left}px, ${top}px)` }}>
      <rect className="dg-box" width={width} height={height} rx={radius} />
      {texture && width >= 3 && <rect className="dg-texture" width={width} height={height} rx={radius} style={{ fill: texture }} />}
    </g>
  );
}

/** Hundreds of blocks as a few paths. */
function Crowd({ row, patterns }: { row: LaneRow; patterns: string }) {
  const kinds = [...new Set(row.blocks.map((block) => block.kind))];
  return (
    <>
      {kinds.map((kind) => {
        const path = row.blocks
          .filter((block) => block.kind === kind)
          .map((block) => {
            const { top, height } = blockBox(block, row);
            return `M${block.left.toFixed(1)} ${top}h${Math.max(block.right - block.left, 1).toFixed(1)}v${height}H${block.left.toFixed(1)}z`;
          })
          .join("");
        const texture = textureOf(kind, patterns);
        return (
          <g key={kind} className={`dg-block is-crowd k-${kind}`}>
            <path className="dg-box" d={path} />
            {texture && <path className="dg-texture" d={path} style={{ fill: texture }} />}
          </g>
        );
      })}
    </>
  );
}

function WordShape({ word }: { word: Word }) {
  return (
    <text className={`dg-word dg-move f-${word.face} t-${word.tone} ${word.onPaper ? "on-paper" : ""}`} style={{ transform: `translate(${word.x}px, ${word.y}px)` }}>
      {word.text}
    </text>
  );
}
