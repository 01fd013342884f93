/**
 * Which rows of a long list are in sight. Rows have one height. Browsers limit the height of an element, so beyond
 * `MOST_PX` the scroll bar moves proportionally faster than the rows.
 */
const MOST_PX = 8_000_000;
const OVERSCAN = 2;

export interface RowWindow {
  /** Height of the scrolled content, px. */
  height: number;
  /** Index of the first row to draw, from 0. */
  first: number;
  /** How many rows to draw. */
  count: number;
  /** Where the first drawn row goes in the scrolled content, px. */
  top: number;
}

export function rowWindow(rows: number, rowHeight: number, viewHeight: number, scrollTop: number): RowWindow {
  const whole = rows * rowHeight;
  const height = Math.min(whole, MOST_PX);
  const offset = height === whole ? scrollTop : (scrollTop * (whole - viewHeight)) / Math.max(1, height - viewHeight);
  const first = Math.max(0, Math.floor(offset / rowHeight) - OVERSCAN);
  const last = Math.min(rows, Math.ceil((offset + viewHeight) / rowHeight) + OVERSCAN);
  return { height, first, count: Math.max(0, last - first), top: scrollTop + first * rowHeight - offset };
}

/** No window has more rows. */
export function mostRows(rowHeight: number, viewHeight: number): number {
  return Math.ceil(viewHeight / rowHeight) + 1 + 2 * OVERSCAN;
}

/** The scroll position that brings a row into sight, unchanged when it is there with a row to spare on either side. */
export function scrollToRow(row: number, rows: number, rowHeight: number, viewHeight: number, scrollTop: number): number {
  const whole = rows * rowHeight;
  const height = Math.min(whole, MOST_PX);
  const scale = height === whole ? 1 : (whole - viewHeight) / Math.max(1, height - viewHeight);
  const offset = scrollTop * scale;
  const top = row * rowHeight;
  const spare = Math.min(rowHeight, Math.max(0, (viewHeight - rowHeight) / 2));
  if (top - spare >= offset && top + rowHeight + spare <= offset + viewHeight) return scrollTop;
  // A neighbour scrolls in; a far row lands where there is context on both sides.
  const near = top >= offset - 2 * rowHeight && top <= offset + viewHeight + rowHeight;
  const target = !near ? top - viewHeight * 0.4 : top - spare < offset ? top - spare : top + rowHeight + spare - viewHeight;
  return Math.max(0, Math.min(whole - viewHeight, target)) / scale;
}
