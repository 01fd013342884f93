/** A diagram as it stands in the page, as one group of shapes. */
import type { Px } from "../../base/flavor.ts";
import { styledCopy } from "./inline-style.ts";

export const SVG = "http://www.w3.org/2000/svg";

export interface Captured {
  group: SVGGElement;
  width: Px;
  height: Px;
}

export function svgElement<Name extends keyof SVGElementTagNameMap>(name: Name, attributes: Record<string, string | number> = {}): SVGElementTagNameMap[Name] {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

/** Drawings of the diagram itself; icons of its buttons and marks of its legends are not. */
function drawings(root: HTMLElement): SVGSVGElement[] {
  return [...root.querySelectorAll<SVGSVGElement>("svg")].filter((svg) => !svg.closest("button, ul, .dg-foot, .sr-only") && !svg.matches(".dg-icon, .icon"));
}

/** Copies what a diagram draws, the parts that are scrolled out of sight included. */
export function captureDiagram(root: HTMLElement): Captured {
  const group = svgElement("g");
  let width: Px = 0;
  let height: Px = 0;
  for (const svg of drawings(root)) {
    const box = { width: Number(svg.getAttribute("width")), height: Number(svg.getAttribute("height")) };
    if (!(box.width > 0) || !(box.height > 0)) continue;
    // A nested svg keeps its own view box and clips what leaves it.
    const part = styledCopy(svg);
    if (!part) continue;
    part.setAttribute("x", "0");
    part.setAttribute("y", String(height));
    part.setAttribute("overflow", "visible");
    group.append(...strips(svg, height), part);
    width = Math.max(width, box.width);
    height += box.height;
  }
  return { group, width, height };
}

/** The strips of pixels that lie under a drawing, one image each. */
function strips(svg: SVGSVGElement, top: Px): SVGImageElement[] {
  const canvases = svg.parentElement?.querySelectorAll<HTMLCanvasElement>(":scope canvas") ?? [];
  return [...canvases].map((canvas) =>
    svgElement("image", {
      href: canvas.toDataURL("image/png"), x: parseFloat(canvas.style.left) || 0, y: top + (parseFloat(canvas.style.top) || 0),
      width: parseFloat(canvas.style.width) || canvas.width, height: parseFloat(canvas.style.height) || canvas.height, preserveAspectRatio: "none", style: "image-rendering: pixelated",
    }),
  );
}
