/** The legend of a picture: what is in it, and nothing else. */
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import type { Px } from "../../base/flavor.ts";
import { Patterns } from "../diagrams/iova/Patterns.tsx";
import { LEGEND, type LegendEntry } from "../legend/entries.ts";
import { Sample, SAMPLE } from "../legend/Samples.tsx";
import { svgElement, type Captured } from "./capture.ts";
import type { Diagram } from "./diagram.ts";
import { styledCopy } from "./inline-style.ts";

const ROW: Px = 22;
const GAP: Px = 20;
const PATTERNS = "picture-legend";

function Drawn({ entries }: { entries: readonly LegendEntry[] }) {
  return (
    <>
      <Patterns id={PATTERNS} />
      {entries.map((entry) => (
        <g key={entry.name}>
          <Sample entry={entry} patterns={PATTERNS} />
          <text className="f-text" x={SAMPLE.width + 7} y={12}>
            {entry.name}
          </text>
        </g>
      ))}
    </>
  );
}

/** Draws the legend in the diagram itself for a moment, where its style sheets reach, and copies it. */
export function captureLegend(root: HTMLElement, diagram: Diagram, width: Px): Captured {
  const entries = LEGEND.filter((entry) => entry.diagram === diagram && [...root.querySelectorAll(entry.selector)].some((element) => !element.closest("defs, ul")));
  const stage = svgElement("svg", { width, height: ROW });
  stage.style.position = "absolute";
  root.append(stage);
  const react = createRoot(stage);
  try {
    flushSync(() => react.render(<Drawn entries={entries} />));
    let x: Px = 0;
    let y: Px = 0;
    for (const item of stage.querySelectorAll<SVGGElement>(":scope > g")) {
      const wide = SAMPLE.width + 7 + (item.querySelector("text")?.getComputedTextLength() ?? 0);
      if (x > 0 && x + wide > width) {
        x = 0;
        y += ROW;
      }
      item.setAttribute("transform", `translate(${x} ${y})`);
      x += wide + GAP;
    }
    const group = svgElement("g");
    for (const child of stage.children) {
      const copy = styledCopy(child);
      if (copy) group.append(copy);
    }
    return { group, width, height: entries.length === 0 ? 0 : y + ROW };
  } finally {
    react.unmount();
    stage.remove();
  }
}
