/** What the step began (+), changed (~) and ended (×): the same small marks in every diagram. */
import type { Frame } from "../../../engine/views.ts";

export type Change = "born" | "changed";

const STROKES: Record<Change | "gone", string> = { born: "M-3 0H3M0 -3V3", changed: "M-3.4 .9C-2.2 -1.9 -.9 -1.2 0 0S2.2 1.9 3.4 -.9", gone: "M-2.4 -2.4L2.4 2.4M2.4 -2.4L-2.4 2.4" };
const WORDS: Record<Change | "gone", string> = { born: "new", changed: "changed", gone: "gone" };

/** How an object came to be as it is; null when the step had nothing to do with it. */
export function changeOf(frame: Frame, key: string): Change | null {
  const { changes } = frame;
  if (!changes) return null;
  return changes.born.includes(key) ? "born" : changes.changed.includes(key) ? "changed" : null;
}

/** The mark, its middle at (x, y). */
export function ChangeMark({ change, x, y }: { change: Change | "gone"; x: number; y: number }) {
  return (
    <g className={`dg-change is-${change}`} transform={`translate(${x} ${y})`}>
      <circle r={6} />
      <path d={STROKES[change]} />
    </g>
  );
}

/** What is gone with the step, by name, and the meaning of the marks that are on screen. Keys are told apart by `mine`. */
export function ChangeLegend({ frame, mine }: { frame: Frame; mine: (key: string) => boolean }) {
  const { changes, detail } = frame;
  const gone = (changes?.gone ?? []).filter((object) => mine(object.key));
  const seen = ([["born", changes?.born.some(mine)], ["changed", changes?.changed.some(mine)]] as const).filter(([, is]) => is).map(([change]) => change);
  // Aborted before anybody could see it: another path in the kernel than that of what was there.
  const aborted = new Map((detail?.effects ?? []).filter((effect) => effect.kind === "abort").flatMap(({ objects: [object], text }) => (object && mine(object.key) ? [[object.label, text] as const] : [])));
  if (gone.length === 0 && seen.length === 0 && aborted.size === 0) return null;
  return (
    <ul className="dg-changes" aria-label="Changed with this step">
      {seen.map((change) => (
        <li key={change}>
          <svg width="13" height="13" viewBox="-6.5 -6.5 13 13" aria-hidden="true">
            <ChangeMark change={change} x={0} y={0} />
          </svg>
          {WORDS[change]}
        </li>
      ))}
      {gone.slice(0, MOST_GONE).map((object) => (
        <li key={object.key} className="is-gone">
          <svg width="13" height="13" viewBox="-6.5 -6.5 13 13" aria-hidden="true">
            <ChangeMark change="gone" x={0} y={0} />
          </svg>
          <span className="sr-only">gone: </span>
          {object.label}
        </li>
      ))}
      {[...aborted].map(([label, text]) => (
        <li key={label} className="is-abort" title={text}>
          aborted {label}
        </li>
      ))}
      {gone.length > MOST_GONE && <li>and {gone.length - MOST_GONE} more gone</li>}
    </ul>
  );
}

const MOST_GONE = 6;
