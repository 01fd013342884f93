/** How much room the workspace will give its largest diagram, known before it is laid out. */
import type { Size } from "../diagrams/common/use-size.ts";
import type { Sizes } from "../state/view.ts";

/** Heights of what stands above and below the panels, px, with the usual fonts: workspace.css and timeline.css make them so. */
const HEADER = 52;
/** Where its words take two lines. */
const HEADER_NARROW = 62;
const TWO_LINES_BELOW = 1800;
const TIMELINE = 81;
const SEPARATOR = 1;
/** Of the panel around the plot: sides, and head, axis, strip and gaps. */
const SIDES = 28;
const AROUND = 126;

function clamp(least: number, wanted: number, most: number): number {
  return Math.max(least, Math.min(wanted, most));
}

/**
 * The plot of the IOVA diagram beside the other panels of a window, px. A guess, from the same rules as workspace.css: where it
 * is wrong the diagram is drawn once more, as it would be without it. e2e/room.spec.ts holds it to what browsers make of them.
 */
export function expectedPlot(window: Size, sizes: Sizes): Size {
  const header = window.width < TWO_LINES_BELOW ? HEADER_NARROW : HEADER;
  const wider = Math.max(0, window.width - 1600);
  const columns = clamp(220, sizes.calls + wider * 0.13, window.width * 0.26) + clamp(250, sizes.why + wider * 0.15, window.width * 0.3);
  const panels = window.height - header - TIMELINE - SEPARATOR;
  return { width: Math.round(window.width - columns - 2 * SEPARATOR - SIDES), height: Math.round((panels * (100 - sizes.top)) / 100 - AROUND) };
}
