import type { ReactNode } from "react";
import { Patterns, textureOf } from "../diagrams/iova/Patterns.tsx";
import type { LegendEntry } from "./entries.ts";

export const SAMPLE = { width: 30, height: 16 } as const;
const FRAME = { x: 0.75, y: 0.75, width: SAMPLE.width - 1.5, height: SAMPLE.height - 1.5 } as const;

const SHAPES: Record<LegendEntry["shape"], (props: { entry: LegendEntry; patterns: string }) => ReactNode> = {
  block: ({ entry, patterns }) => {
    const texture = entry.texture ? textureOf(entry.texture, patterns) : null;
    return (
      <g className={entry.classes}>
        <rect className="dg-box" {...FRAME} rx={2} />
        {texture && <rect className="dg-texture" {...FRAME} rx={2} fill={texture} />}
      </g>
    );
  },
  node: ({ entry }) => (
    <g className={`dg-node ${entry.classes}`}>
      <rect className="dg-node-box" {...FRAME} rx={4} />
      <path className="dg-node-bar" d={`M3 4V${SAMPLE.height - 4}`} />
    </g>
  ),
  cell: ({ entry }) => (
    <g className={`dg-cell ${entry.classes}`}>
      <rect className="dg-cell-box" {...FRAME} rx={4} />
    </g>
  ),
  edge: ({ entry }) => (
    <g className={`dg-edge ${entry.classes}`}>
      <path className="dg-edge-line" d={`M0 ${SAMPLE.height / 2}H${SAMPLE.width - 7}`} />
      <path className="dg-edge-head" d={`M${SAMPLE.width} ${SAMPLE.height / 2}l-8 -3.6v7.2z`} />
    </g>
  ),
};

/** A sample of what an entry explains, drawn with the diagram's own classes. To be put into a diagram's svg. */
export function Sample(props: { entry: LegendEntry; patterns: string }) {
  const Shape = SHAPES[props.entry.shape];
  return <Shape {...props} />;
}

/** One sample by itself. */
export function SampleSvg({ entry }: { entry: LegendEntry }) {
  const patterns = `legend-${entry.shape}-${entry.texture ?? "none"}`;
  return (
    <svg width={SAMPLE.width} height={SAMPLE.height} aria-hidden="true">
      {entry.texture && <Patterns id={patterns} />}
      <Sample entry={entry} patterns={patterns} />
    </svg>
  );
}
