/** The ruler laid on the axis: from where to where, and how long that is. */
import type { Axis } from "./axis.ts";
import { measuredText, pxBetween, type Measured } from "./measure.ts";

/** Lines over the lanes. */
export function MeasureLines({ measured, axis, height }: { measured: Measured; axis: Axis; height: number }) {
  const { left, right } = pxBetween(axis, measured);
  const [from, to] = [Math.max(-2, left), Math.min(axis.width + 2, right)];
  if (to < from) return null;
  return (
    <g className="dg-measure">
      <rect className="dg-measure-field" x={from} y={0} width={Math.max(to - from, 0.5)} height={height} />
      <path className="dg-measure-line" d={`M${left} 0V${height}M${right} 0V${height}M${from} 9H${to}`} />
      {to - from > 16 && <path className="dg-measure-arrow" d={`M${from + 6} 5.5L${from} 9l6 3.5M${to - 6} 5.5L${to} 9l-6 3.5`} />}
    </g>
  );
}

interface PlateProps {
  measured: Measured;
  axis: Axis;
  gutter: number;
  top: number;
  onClose: () => void;
}

const PLATE_PX = 300;

/** The figures; what is copied are plain numbers. */
export function MeasurePlate({ measured, axis, gutter, top, onClose }: PlateProps) {
  const { left, right } = pxBetween(axis, measured);
  const text = measuredText(measured);
  const middle = (Math.max(left, 0) + Math.min(right, axis.width)) / 2;
  const x = Math.max(0, Math.min(gutter + axis.width - PLATE_PX, gutter + middle - PLATE_PX / 2));
  return (
    <div className="dg-measure-plate" role="status" style={{ left: x + 14, top, maxWidth: PLATE_PX }}>
      <strong>{text.size}</strong>
      <span className="dg-mono">{text.range}</span>
      <span>{text.exact}</span>
      <button type="button" onClick={() => void navigator.clipboard?.writeText(text.plain).catch(() => {})}>
        Copy
      </button>
      <button type="button" aria-label="put the ruler away" onClick={onClose}>
        ×
      </button>
    </div>
  );
}
