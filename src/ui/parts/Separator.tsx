import { useRef, type KeyboardEvent, type PointerEvent } from "react";

const KEY_STEP = 16;
const KEY_LEAP = 64;

/**
 * A bar between two panels that resizes one of them, by pointer or arrow keys; Home and End go to the limits, Enter or a
 * double click restore the usual size. `grow` says which way the panel grows when the bar moves right or down.
 */
export function Separator(props: {
  label: string;
  orientation: "vertical" | "horizontal";
  value: number;
  min: number;
  max: number;
  grow: 1 | -1;
  /** Pixels of one unit of `value`, for panels measured in percent. */
  pxPerUnit: () => number;
  onChange: (value: number) => void;
  onReset: () => void;
}) {
  const { orientation, value, min, max, grow } = props;
  const drag = useRef<{ from: number; value: number; unit: number } | null>(null);
  const set = (next: number) => props.onChange(Math.max(min, Math.min(max, next)));
  const position = (event: PointerEvent) => (orientation === "vertical" ? event.clientX : event.clientY);

  const onKeyDown = (event: KeyboardEvent) => {
    const [back, on] = orientation === "vertical" ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
    const move = ((event.shiftKey ? KEY_LEAP : KEY_STEP) / props.pxPerUnit()) * grow;
    if (event.key === back) set(value - move);
    else if (event.key === on) set(value + move);
    else if (event.key === "Home") set(min);
    else if (event.key === "End") set(max);
    else if (event.key === "Enter") props.onReset();
    else return;
    event.preventDefault();
  };

  return (
    // A separator that can be moved is a widget by ARIA, which the lint rule does not know.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/prefer-tag-over-role
    <div
      role="separator"
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      className={`separator separator-${orientation}`}
      aria-label={props.label}
      aria-orientation={orientation}
      aria-valuenow={Math.round(value)}
      aria-valuemin={Math.round(min)}
      aria-valuemax={Math.round(max)}
      title="Drag to resize, double-click to restore"
      onKeyDown={onKeyDown}
      onDoubleClick={props.onReset}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { from: position(event), value, unit: props.pxPerUnit() };
      }}
      onPointerMove={(event) => {
        if (drag.current) set(drag.current.value + ((position(event) - drag.current.from) / drag.current.unit) * grow);
      }}
      onPointerUp={() => {
        drag.current = null;
      }}
      onPointerCancel={() => {
        drag.current = null;
      }}
    />
  );
}
