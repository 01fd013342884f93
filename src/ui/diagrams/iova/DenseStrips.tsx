/**
 * Lanes with more areas than can be told apart, as strips of pixels: one column of the answer is one px, whatever there is of
 * it. Drawn on the processor, one px high, and stretched by the browser: a graphics card is not needed, and not waited for.
 */
import { useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Lane } from "../../../engine/views.ts";
import { pixelsOf, shadesOf, type DenseRow } from "./dense.ts";
import type { LaneRow } from "./scene.ts";

const KINDS: Record<Lane["kind"], string> = { contributor: "reserved", holes: "reserved", valid: "valid", mapped: "mapping", call: "call" };

/** Counts changes of the theme: colours are read from the page then. */
function useTheme(): number {
  const [changes, setChanges] = useState(0);
  useLayoutEffect(() => {
    const observer = new MutationObserver(() => setChanges((now) => now + 1));
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => observer.disconnect();
  }, []);
  return changes;
}

function channels(color: string): [number, number, number] {
  const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map(Number);
  return [red, green, blue];
}

function StripCanvas({ row, dense, gutter, theme }: { row: LaneRow; dense: DenseRow; gutter: number; theme: number }) {
  const ref = useRef<HTMLCanvasElement>(null);
  const shades = useRef<{ theme: number; table: Uint32Array } | null>(null);
  const width = dense.cover.length;
  useLayoutEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext("2d", { willReadFrequently: true });
    if (!canvas || !context) return;
    if (shades.current?.theme !== theme) {
      const style = getComputedStyle(canvas);
      shades.current = { theme, table: shadesOf(channels(style.color), channels(style.borderTopColor)) };
    }
    if (canvas.width !== width) canvas.width = width;
    const image = context.createImageData(width, 1);
    new Uint32Array(image.data.buffer).set(pixelsOf(dense, shades.current.table));
    context.putImageData(image, 0, 0);
  }, [dense, width, theme]);
  return (
    <canvas
      ref={ref}
      className={`dg-dense k-${KINDS[row.lane.kind]}`}
      height={1}
      data-lane={row.lane.key}
      data-exact={dense.exact || undefined}
      style={{ left: gutter, top: row.bar.top, width, height: row.bar.height }}
    />
  );
}

export function DenseStrips({ rows, gutter }: { rows: readonly LaneRow[]; gutter: number }) {
  const theme = useTheme();
  const dense = useMemo(() => rows.filter((row) => row.dense !== null), [rows]);
  return (
    <div className="dg-dense-all" aria-hidden="true">
      {dense.map((row) => row.dense && <StripCanvas key={row.lane.key} row={row} dense={row.dense} gutter={gutter} theme={theme} />)}
    </div>
  );
}
