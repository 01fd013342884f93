/** What the timeline's marks mean: a legend whose entries single out one errno or one call, and what is under the pointer. */
import { memo, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { countText } from "../../base/format.ts";
import type { Loaded, TimelineView } from "../../engine/views.ts";
import { useApp, useSession } from "../app.ts";
import { counted, kindCounts, kindsOf, sharesOf, shownSlots, slotText, stepsOf, type MarkFilter, type SlotKind } from "./slots.ts";

/** Steps may come one after the other: so long none must come. */
const PAUSE_MS = 250;
const CANVAS_HEIGHT = 46;
const KINDS: readonly [kind: SlotKind, name: string][] = [
  ["refused", "refused"],
  ["diverges", "differs from the recording"],
  ["damage", "damage done"],
];

interface TrackDetailsProps {
  loaded: Loaded;
  /** The track, whose line lies MARGIN px inside it on both sides. */
  track: HTMLDivElement;
  width: number;
  /** Each step has a dot of its own. */
  dots: boolean;
}

const MARGIN = 12;

function useTimeline(loaded: Loaded, slots: number): TimelineView | null {
  const { session } = useApp();
  const [view, setView] = useState<{ of: Loaded; view: TimelineView } | null>(null);
  // While a file is read there is more to come, and the counting would hold it up.
  const busy = useSession((state) => state.busy !== null);
  useEffect(() => {
    if (busy) return undefined;
    let current = true;
    const timer = setTimeout(() => {
      session.engine.timeline(slots).then(
        (answer) => {
          if (current) setView({ of: loaded, view: answer });
        },
        () => {},
      );
    }, PAUSE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [session, loaded, slots, busy]);
  return view && view.of.steps === loaded.steps ? view.view : null;
}

function same(one: MarkFilter | null, other: MarkFilter): boolean {
  return one !== null && one.by === other.by && one.name === other.name;
}

function TrackDetails({ loaded, track, width, dots }: TrackDetailsProps) {
  const slots = Math.max(1, Math.min(loaded.steps, Math.floor(width - 2 * MARGIN)));
  const view = useTimeline(loaded, slots);
  const [filter, setFilter] = useState<MarkFilter | null>(null);
  const [pointed, setPointed] = useState<{ slot: number; x: number } | null>(null);
  const shown = view ? shownSlots(view, loaded.steps) : null;
  const outcomes = useMemo(() => (view && shown !== null ? counted(view.outcomes, view.byOutcome, shown) : []), [view, shown]);
  const calls = useMemo(() => (view && shown !== null ? counted(view.calls, view.byCall, shown) : []), [view, shown]);
  const kinds = useMemo(() => {
    const counts = kindCounts(loaded.marks);
    return KINDS.map(([kind, name]) => ({ kind, name, count: counts[kind] })).filter((each) => each.count > 0);
  }, [loaded.marks]);

  useEffect(() => {
    const move = (event: PointerEvent): void => {
      if (shown === null || event.pointerType === "touch") return setPointed(null);
      const x = event.clientX - track.getBoundingClientRect().left - MARGIN;
      const share = x / Math.max(1, track.clientWidth - 2 * MARGIN);
      // A step's mark stands at its end of the slot; dots stand on it.
      const step = Math.max(1, Math.min(loaded.steps, dots ? Math.round(share * loaded.steps) : Math.ceil(share * loaded.steps)));
      return setPointed({ slot: Math.min(shown - 1, Math.floor(((step - 1) * shown) / loaded.steps)), x: x + MARGIN });
    };
    const leave = (): void => setPointed(null);
    track.addEventListener("pointermove", move);
    track.addEventListener("pointerleave", leave);
    return () => {
      track.removeEventListener("pointermove", move);
      track.removeEventListener("pointerleave", leave);
    };
  }, [track, shown, loaded.steps, dots]);

  const chip = (each: { name: string; count: number }, by: MarkFilter["by"]) => {
    const own = { by, name: each.name };
    const pressed = same(filter, own);
    return (
      <button key={`${by}${each.name}`} type="button" className={`track-chip by-${by}`} aria-pressed={pressed} title={`mark ${by === "call" ? "these calls" : "what came out so"} only`} onClick={() => setFilter(pressed ? null : own)}>
        {by === "call" ? each.name.replace(/^(IOMMU|VFIO)_/, "") : each.name} <b>{countText(each.count)}</b>
      </button>
    );
  };
  return (
    <>
      {shown !== null && view && (filter !== null || !dots) && <MarkCanvas view={view} marks={loaded.marks} shown={shown} filter={filter} width={width - 2 * MARGIN} dots={dots} />}
      {pointed && view && shown !== null && <Tip view={view} slot={pointed.slot} x={pointed.x} width={width} />}
      <div className="track-legend" role="group" aria-label="Marks on the timeline">
        {kinds.map((each) => (
          <span key={each.kind} className={`track-kind dot dot-${each.kind}`}>
            {each.name} <b>{countText(each.count)}</b>
          </span>
        ))}
        {outcomes.filter((each) => each.name !== "OK").map((each) => chip(each, "outcome"))}
        {calls.length > 1 && calls.map((each) => chip(each, "call"))}
      </div>
    </>
  );
}

/** The same at every step. */
export default memo(TrackDetails);

function Tip({ view, slot, x, width }: { view: TimelineView; slot: number; x: number; width: number }) {
  const { title, lines } = slotText(view, slot);
  const side = x < width / 2 ? { left: Math.max(0, x - 60) } : { right: Math.max(0, width - x - 60) };
  return (
    <div className="track-tip" role="tooltip" style={side}>
      <b>{title}</b>
      {lines.map((line) => (
        <span key={line}>{line}</span>
      ))}
    </div>
  );
}

/** One px column per slot; a mark is never fainter than half. */
function MarkCanvas({ view, marks, shown, filter, width, dots }: { view: TimelineView; marks: Uint8Array; shown: number; filter: MarkFilter | null; width: number; dots: boolean }) {
  const ref = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext("2d", { willReadFrequently: true });
    if (!canvas || !context) return;
    canvas.width = width;
    canvas.height = CANVAS_HEIGHT;
    const style = getComputedStyle(canvas);
    const color = (name: string): string => style.getPropertyValue(name).trim();
    const put = (slot: number, share: number, fill: string, top: number, height: number): void => {
      context.globalAlpha = 0.5 + 0.5 * Math.min(1, share);
      context.fillStyle = fill;
      // A step's mark stands where its dot would.
      const { last } = stepsOf(slot, view.steps, view.slots);
      context.fillRect(Math.min(width - 2, Math.round((last / Math.max(1, view.steps)) * width) - 1), top, 2, height);
    };
    if (filter) {
      const shares = sharesOf(view, filter, shown);
      const fill = color(filter.by === "outcome" ? "--refused" : "--select");
      shares.forEach((share, slot) => share > 0 && put(slot, share, fill, dots ? 1 : 6, dots ? 6 : 25));
    } else {
      kindsOf(marks, shown).forEach((found, slot) => found && put(slot, found.share, color(found.kind === "diverges" ? "--diverges" : "--refused"), found.kind === "refused" ? 10 : 6, found.kind === "refused" ? 17 : 25));
    }
  }, [view, marks, shown, filter, width, dots]);
  return <canvas ref={ref} className="track-marks" aria-hidden="true" style={{ width, height: CANVAS_HEIGHT }} />;
}
