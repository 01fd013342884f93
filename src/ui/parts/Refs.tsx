import { useEffect, useRef } from "react";
import { rangeText } from "../../base/format.ts";
import type { ObjectRef, Range } from "../../kernel/answer.ts";
import { useApp, useView } from "../app.ts";
import { marksKey, marksRange, sameSelection, type Selection } from "../state/selection.ts";

function Mark(props: { selection: Selection; pressed: boolean; className: string; text: string }) {
  const { view } = useApp();
  const pointed = useRef(false);
  const point = (on: boolean) => {
    if (on !== pointed.current) view.hover(on ? props.selection : null);
    pointed.current = on;
  };
  // A mark that goes away under the pointer gets no leave event.
  useEffect(
    () => () => {
      if (pointed.current) view.hover(null);
    },
    [view],
  );
  return (
    <button
      type="button"
      className={`ref ${props.className}`}
      aria-pressed={props.pressed}
      onClick={() => view.select(sameSelection(view.store.getState().selection, props.selection) ? null : props.selection)}
      onPointerEnter={() => point(true)}
      onPointerLeave={() => point(false)}
    >
      {props.text}
    </button>
  );
}

/** An object's name; pressing it marks the object in every panel. */
export function ObjectMark({ object }: { object: ObjectRef }) {
  const pressed = useView((state) => marksKey(state.selection, object.key));
  return <Mark selection={{ key: object.key }} pressed={pressed} className="ref-object" text={object.label} />;
}

/** A range of addresses; pressing it marks the range in every panel. */
export function RangeMark({ range }: { range: Range }) {
  const pressed = useView((state) => marksRange(state.selection, range));
  return <Mark selection={{ range }} pressed={pressed} className="ref-range" text={rangeText(range.first, range.last)} />;
}

/** The objects and the range that something is about. */
export function Marks({ objects, range }: { objects: readonly ObjectRef[]; range: Range | null }) {
  const shown = objects.filter((object, index) => objects.findIndex((other) => other.key === object.key) === index);
  if (shown.length === 0 && range === null) return null;
  return (
    <span className="refs">
      {shown.map((object) => (
        <ObjectMark key={object.key} object={object} />
      ))}
      {range && <RangeMark range={range} />}
    </span>
  );
}
