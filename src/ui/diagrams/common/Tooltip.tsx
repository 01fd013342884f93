/** The diagrams' own tooltip: beside what it describes, always inside the window, never under the pointer. */
import { useLayoutEffect, useRef, useState } from "react";

export interface TipText {
  title: string;
  rows: { name: string; value: string; mono?: boolean }[];
  /** A line that teaches. */
  teach: string;
}

/** Where to put it, in client px: the box that it describes. A new text comes with a new anchor. */
export interface Anchor {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export function Tooltip({ id, text, anchor }: { id: string; text: TipText; anchor: Anchor }) {
  const ref = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<{ left: number; top: number } | null>(null);
  useLayoutEffect(() => {
    const box = ref.current?.getBoundingClientRect();
    if (!box) return;
    const margin = 8;
    const middle = (Math.max(anchor.left, 0) + Math.min(anchor.right, innerWidth)) / 2;
    const left = Math.max(margin, Math.min(innerWidth - box.width - margin, middle - box.width / 2));
    const below = anchor.bottom + margin;
    const above = anchor.top - box.height - margin;
    setPlace({ left, top: below + box.height <= innerHeight - margin ? below : Math.max(margin, above) });
  }, [anchor]);
  return (
    <div ref={ref} id={id} role="tooltip" className="dg-tip" style={place ? { left: place.left, top: place.top } : { visibility: "hidden" }}>
      <strong>{text.title}</strong>
      {text.rows.length > 0 && (
        <dl>
          {text.rows.map((row) => (
            <div key={row.name}>
              <dt>{row.name}</dt>
              <dd className={row.mono ? "dg-mono" : undefined}>{row.value}</dd>
            </div>
          ))}
        </dl>
      )}
      {text.teach !== "" && <p>{text.teach}</p>}
    </div>
  );
}
