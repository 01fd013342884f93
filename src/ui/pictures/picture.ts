/** A picture of a diagram: what it is, the drawing, its legend and the link, with the scenario inside. */
import type { Px } from "../../base/flavor.ts";
import { captureDiagram, SVG, svgElement } from "./capture.ts";
import type { Diagram } from "./diagram.ts";
import { captureLegend } from "./picture-legend.tsx";

export interface PictureWords {
  title: string;
  /** The step on screen: "Step 8 of 14: IOMMU_IOAS_MAP → EINVAL". */
  step: string;
  /** The diagram's own sentence below it. */
  caption: string;
  /** Fragment ("#…") of the link; null: the scenario is too large for one. */
  fragment: string | null;
  /** Address of the page without a fragment. */
  page: string;
}

export interface Picture {
  /** The whole file. */
  svg: string;
  width: Px;
  height: Px;
}

const MARGIN: Px = 20;
const LINE: Px = 18;
/** A link longer than this is not printed in the picture; it is inside all the same. */
const LONGEST_PRINTED = 150;

export function pictureOf(root: HTMLElement, diagram: Diagram, words: PictureWords): Picture {
  const style = getComputedStyle(root);
  const ink = style.color;
  const paper = getComputedStyle(document.documentElement).getPropertyValue("--paper").trim() || "#ffffff";
  const faint = getComputedStyle(document.documentElement).getPropertyValue("--ink-2").trim() || ink;
  const font = style.fontFamily.replaceAll('"', "'");

  const drawing = captureDiagram(root);
  const inner = Math.max(drawing.width, 520);
  const legend = captureLegend(root, diagram, inner);
  const link = words.fragment === null ? null : words.page + words.fragment;

  const svg = svgElement("svg");
  let y: Px = MARGIN;
  const line = (content: string, size: Px, weight: number, color: string): void => {
    y += LINE;
    const element = svgElement("text", { x: MARGIN, y: y - 4, "font-family": font, "font-size": size, "font-weight": weight, fill: color });
    element.textContent = fitted(content, inner, size);
    svg.append(element);
  };
  const put = (group: SVGGElement, height: Px): void => {
    group.setAttribute("transform", `translate(${MARGIN} ${y})`);
    svg.append(group);
    y += height;
  };

  line(words.title, 15, 700, ink);
  line(words.step, 12, 400, faint);
  y += 12;
  put(drawing.group, drawing.height + 8);
  if (words.caption !== "") line(words.caption, 12, 400, faint);
  y += 10;
  if (legend.height > 0) put(legend.group, legend.height);
  line(link !== null && link.length <= LONGEST_PRINTED ? link : link === null ? "iovascope" : `${words.page}  (drop this picture there to open it)`, 11, 400, faint);

  const width = Math.ceil(inner + 2 * MARGIN);
  const height = Math.ceil(y + MARGIN);
  for (const [name, value] of Object.entries({ xmlns: SVG, width, height, viewBox: `0 0 ${width} ${height}` })) svg.setAttribute(name, String(value));
  svg.prepend(svgElement("rect", { width, height, fill: paper }));
  if (words.fragment !== null) {
    const inside = svgElement("metadata", { id: "iovascope" });
    inside.textContent = words.fragment;
    svg.prepend(inside);
  }
  const titled = svgElement("title");
  titled.textContent = `${words.title} — ${words.step}`;
  svg.prepend(titled);
  return { svg: new XMLSerializer().serializeToString(svg), width, height };
}

/** Cuts a line that would leave the picture; an estimate of the width is enough, letters are about half as wide as high. */
function fitted(content: string, width: Px, size: Px): string {
  const most = Math.floor(width / (size * 0.56));
  return content.length <= most ? content : `${content.slice(0, most - 1)}…`;
}
