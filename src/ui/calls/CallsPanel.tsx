import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useStore } from "zustand";
import { useApp, useSession } from "../app.ts";
import { Panel } from "../parts/Panel.tsx";
import { later } from "../parts/later.tsx";
import { rowAt } from "../state/row-pages.ts";
import { CallRow } from "./CallRow.tsx";
import { rowWindow, scrollToRow } from "./virtual-rows.ts";

const LaneHead = later(() => import("../lanes/LaneCells.tsx").then((module) => module.LaneHead));
const LaneControl = later(() => import("../lanes/LaneControl.tsx").then((module) => module.LaneControl));

/** Height of a row, px; calls.css has the same. Regions of calls on several CPUs have half the width and need more lines. */
const CALL_ROW = { usual: 46, compact: 38 } as const;
const LANE_ROW = 62;

/** The calls of the scenario; the current step is the selected one. */
export function CallsPanel({ children }: { children?: ReactNode }) {
  const { session, settings, history } = useApp();
  const pinned = useStore(history.store, (state) => state.pinned);
  const density = useStore(settings.store, (state) => state.density);
  const steps = useSession((state) => state.loaded?.steps ?? 0);
  const step = useSession((state) => state.step);
  const rows = useSession((state) => state.rows);
  const lanes = useSession((state) => state.loaded?.lanes ?? null);
  const rowHeight = lanes ? LANE_ROW : CALL_ROW[density];
  const list = useRef<HTMLDivElement>(null);
  const [viewHeight, setViewHeight] = useState(600);
  const [scrollTop, setScrollTop] = useState(0);

  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setViewHeight(element.clientHeight));
    observer.observe(element);
    setViewHeight(element.clientHeight);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    const element = list.current;
    if (element && step > 0 && viewHeight > 0) element.scrollTop = scrollToRow(step - 1, steps, rowHeight, viewHeight, element.scrollTop);
    else if (element && step === 0) element.scrollTop = 0;
  }, [step, steps, viewHeight, rowHeight]);

  const { height, first, count, top } = rowWindow(steps, rowHeight, viewHeight, scrollTop);
  const compared = useSession((state) => state.compared);
  const load = useSession((state) => state.load);
  // oxlint-disable-next-line react/exhaustive-effect-dependencies -- another form beside this one means other lines
  useEffect(() => session.needRows(first + 1, count), [session, first, count, compared, load]);

  const select = (next: number) => {
    session.play(false);
    void session.goto(next);
  };
  /** With Shift the step is not gone to, but held against the one on screen. */
  const press = (next: number, compare: boolean) => (compare ? history.pin(next) : select(next));
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(viewHeight / rowHeight) - 1);
    const move = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    select(step + move);
  };

  return (
    <Panel name="Calls" className="panel-calls" aside={<span className="count">{`${step} / ${steps}`}</span>}>
      {lanes && <LaneHead cpus={lanes.cpus} />}
      {steps === 0 ? (
        <p className="empty">This scenario has no calls.</p>
      ) : (
        <div
          ref={list}
          className={lanes ? "calls calls-lanes" : "calls"}
          role="listbox"
          tabIndex={0}
          aria-label="Calls, in order"
          aria-activedescendant={step > first && step <= first + count ? `call-${step}` : undefined}
          onKeyDown={onKeyDown}
          onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
        >
          <div className="calls-all" role="presentation" style={{ height }}>
            {Array.from({ length: count }, (_, index) => {
              const at = first + index + 1;
              return (
                <CallRow key={at} pinned={at === pinned} step={at} steps={steps} row={rowAt(rows, at)} state={at < step ? "past" : at === step ? "current" : "future"} top={top + index * rowHeight} cpus={lanes?.cpus ?? null} onSelect={press} />
              );
            })}
          </div>
        </div>
      )}
      <LaneControl />
      {children}
    </Panel>
  );
}
