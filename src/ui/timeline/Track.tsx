import { memo, useEffect, useLayoutEffect, useState } from "react";
import { useStore } from "zustand";
import { countText } from "../../base/format.ts";
import { MARK, type Loaded } from "../../engine/views.ts";
import { useApp, useSession } from "../app.ts";
import { later } from "../parts/later.tsx";
import { DOT_PX, LABEL_PX, labelEvery, ticks } from "./marks.ts";

const SLOTS = 400;
const PartMarks = later(() => import("../compare/PartMarks.tsx").then((module) => module.PartMarks));
/** What marks mean is fetched when the first diagram stands. */
const TrackDetails = later(() => import("./TrackDetails.tsx").then((module) => module.default));
const LATER_MS = 350;

/** Position of a step on the track, for CSS. */
function left(step: number, steps: number): string {
  return `${((100 * step) / Math.max(1, steps)).toFixed(3)}%`;
}

const KIND = { [MARK.ok]: "ok", [MARK.refused]: "refused", [MARK.diverges]: "diverges", [MARK.damage]: "damage" } as const;

/** A numbered dot per step; numbers thin out where they would touch. */
const Dots = memo(function Dots({ marks, step, gap }: { marks: Uint8Array; step: number; gap: number }) {
  const steps = marks.length;
  const every = labelEvery(gap);
  const labelled = (at: number) => at === step || (at % every === 0 && Math.abs(at - step) * gap >= LABEL_PX);
  return (
    <>
      {Array.from({ length: steps + 1 }, (_, at) => {
        const kind = at === 0 ? "start" : KIND[marks[at - 1] as keyof typeof KIND];
        return (
          <span key={at} className={`dot dot-${kind}${at > step ? " dot-future" : ""}${at === step ? " dot-current" : ""}`} style={{ left: left(at, steps) }}>
            {labelled(at) && <i>{at}</i>}
          </span>
        );
      })}
    </>
  );
});

const Ticks = memo(function Ticks({ loaded }: { loaded: Loaded }) {
  return (
    <>
      {ticks(loaded.marks, SLOTS).map((tick) => (
        <span key={tick.step} className={`tick tick-${tick.kind}`} style={{ left: `${(100 * tick.at).toFixed(3)}%` }} />
      ))}
    </>
  );
});

/** Both ends and where one is, unless they would touch. */
function Numbers({ step, steps, gap }: { step: number; steps: number; gap: number }) {
  const ends = [0, steps].filter((at) => Math.abs(at - step) * gap >= 2 * LABEL_PX);
  return (
    <>
      {[...ends, step].map((at) => (
        <span key={at} className={at === step ? "dot dot-number dot-current" : "dot dot-number"} style={{ left: left(at, steps) }}>
          <i>{countText(at)}</i>
        </span>
      ))}
    </>
  );
}

/** The slider over all steps, with what happened at each marked on it. */
export function Track({ loaded }: { loaded: Loaded }) {
  const { session, history } = useApp();
  const pinned = useStore(history.store, (state) => state.pinned);
  const step = useSession((state) => state.step);
  const spoken = useSession((state) => state.frame?.detail?.call ?? "");
  const compared = useSession((state) => state.compared);
  const [track, setTrack] = useState<HTMLDivElement | null>(null);
  const [width, setWidth] = useState(800);
  useLayoutEffect(() => {
    if (!track) return undefined;
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.round(entry.contentRect.width)));
    observer.observe(track);
    return () => observer.disconnect();
  }, [track]);
  const [stands, setStands] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setStands(true), LATER_MS);
    return () => clearTimeout(timer);
  }, []);
  const gap = (width - 24) / Math.max(1, loaded.steps);
  const dots = gap >= DOT_PX;
  return (
    <div className="track-all">
      <div ref={setTrack} className={dots ? "track track-dots" : "track track-ticks"}>
        <div className="track-line" aria-hidden="true">
          <span className="track-done" style={{ width: left(step, loaded.steps) }} />
          {pinned !== null && pinned <= loaded.steps && <span className="track-pin" style={{ left: left(pinned, loaded.steps) }} />}
          {compared && <PartMarks compared={compared} steps={loaded.steps} slots={dots ? loaded.steps : SLOTS} />}
          {dots ? <Dots marks={loaded.marks} step={step} gap={gap} /> : <Ticks loaded={loaded} />}
          {!dots && <Numbers step={step} steps={loaded.steps} gap={gap} />}
          {!dots && <span className="track-here" style={{ left: left(step, loaded.steps) }} />}
        </div>
        <input
          type="range"
          className="track-input"
          aria-label="Step"
          aria-valuetext={step === 0 ? "before the first call" : `${step} of ${loaded.steps}${spoken === "" ? "" : `, ${spoken}`}`}
          min={0}
          max={loaded.steps}
          step={1}
          value={step}
          onPointerDown={(event) => {
            // With Shift the step is not gone to, but held against the one on screen.
            if (!event.shiftKey) return;
            event.preventDefault();
            const { left: start, width: wide } = event.currentTarget.getBoundingClientRect();
            history.pin(Math.max(0, Math.min(loaded.steps, Math.round(((event.clientX - start) / wide) * loaded.steps))));
          }}
          onChange={(event) => {
            session.play(false);
            void session.goto(event.currentTarget.valueAsNumber);
          }}
        />
      </div>
      {stands && track && <TrackDetails loaded={loaded} track={track} width={width} dots={dots} />}
    </div>
  );
}
