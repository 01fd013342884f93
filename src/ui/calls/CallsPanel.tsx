import { useCallback, useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useStore } from "zustand";
import { countText } from "../../base/format.ts";
import { useApp, useSession } from "../app.ts";
import { Panel } from "../parts/Panel.tsx";
import { later } from "../parts/later.tsx";
import { painted } from "../parts/painted.ts";
import { rowAt } from "../state/row-pages.ts";
import { CallRow } from "./CallRow.tsx";
import { mostRows, rowWindow, scrollToRow, type RowWindow } from "./virtual-rows.ts";

const LaneHead = later(() => import("../lanes/LaneCells.tsx").then((module) => module.LaneHead));
const LaneControl = later(() => import("../lanes/LaneControl.tsx").then((module) => module.LaneControl));

/** Height of a row, px; calls.css has the same. Regions of calls on several CPUs have half the width and need more lines. */
const CALL_ROW = { usual: 46, compact: 38 } as const;
const LANE_ROW = 62;
/** Numbers of steps from here on need more room. */
const MANY_DIGITS = 1_000_000;

const NO_ROWS: RowWindow = { height: 0, first: 0, count: 0, top: 0 };

/** The calls of the scenario; the current step is the selected one. */
export function CallsPanel({ children }: { children?: ReactNode }) {
  const { session, settings, history } = useApp();
  const pinned = useStore(history.store, (state) => state.pinned);
  const density = useStore(settings.store, (state) => state.density);
  const steps = useSession((state) => state.loaded?.steps ?? 0);
  // Asked for is not yet shown: the list moves together with the diagrams.
  const step = useSession((state) => state.listed);
  const rows = useSession((state) => state.rows);
  const lanes = useSession((state) => state.loaded?.lanes ?? null);
  const rowHeight = lanes ? LANE_ROW : CALL_ROW[density];
  const list = useRef<HTMLDivElement>(null);
  const isEmpty = steps === 0;
  // Null: the diagrams are painted first.
  const [viewHeight, setViewHeight] = useState<number | null>(null);
  const [scrollTop, setScrollTop] = useState(0);

  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return undefined;
    let wanted = true;
    let before: Promise<void> | null = painted();
    // Asking the element would cost a layout of its own.
    const observer = new ResizeObserver(([entry]) => {
      if (!entry) return;
      const height = Math.floor(entry.contentRect.height);
      if (!before) setViewHeight(height);
      else void before.then(() => {
        before = null;
        if (wanted) setViewHeight(height);
      });
    });
    observer.observe(element);
    return () => {
      wanted = false;
      observer.disconnect();
    };
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- without calls there is no list
  }, [isEmpty]);

  // The row of the step is in sight: rows are drawn where the list is going to be, and the list goes there once.
  const [sought, setSought] = useState("");
  const place = `${step}/${steps}/${viewHeight}/${rowHeight}`;
  if (sought !== place) {
    setSought(place);
    if (viewHeight !== null && viewHeight > 0) setScrollTop(step === 0 ? 0 : Math.round(scrollToRow(step - 1, steps, rowHeight, viewHeight, scrollTop)));
  }
  const stands = useRef(0);
  /** The list has been sent somewhere, and will tell so: asking it where it is would cost a layout. */
  const sent = useRef(false);
  useLayoutEffect(() => {
    if (!list.current || stands.current === scrollTop) return;
    stands.current = scrollTop;
    sent.current = true;
    list.current.scrollTop = scrollTop;
    // A frame tells of scrolling before it calls this.
    requestAnimationFrame(() => (sent.current = false));
  }, [scrollTop]);

  const { height, first, count, top } = viewHeight === null ? NO_ROWS : rowWindow(steps, rowHeight, viewHeight, scrollTop);
  // Elements of rows that go out of sight serve those that come into it; a far jump writes them anew where they stand.
  const elements = mostRows(rowHeight, viewHeight ?? 0);
  const [ring, setRing] = useState({ first, start: first });
  if (ring.first !== first) setRing({ first, start: Math.abs(first - ring.first) < count ? ring.start : first });
  const compared = useSession((state) => state.compared);
  const load = useSession((state) => state.load);
  useEffect(() => {
    if (count > 0) session.needRows(first + 1, count);
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- another form beside this one means other lines
  }, [session, first, count, compared, load]);

  const select = useCallback(
    (next: number) => {
      session.play(false);
      void session.goto(next);
    },
    [session],
  );
  /** With Shift the step is not gone to, but held against the one on screen. */
  const press = useCallback((next: number, compare: boolean) => (compare ? history.pin(next) : select(next)), [history, select]);
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((viewHeight ?? 0) / rowHeight) - 1);
    const move = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    select(session.store.getState().step + move);
  };

  return (
    <Panel name="Calls" className="panel-calls" aside={<span className="count">{`${countText(step)} / ${countText(steps)}`}</span>}>
      {lanes && <LaneHead cpus={lanes.cpus} />}
      {isEmpty ? (
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
          onScroll={(event) => {
            if (sent.current) return;
            stands.current = event.currentTarget.scrollTop;
            setScrollTop(stands.current);
          }}
        >
          <div className={steps < MANY_DIGITS ? "calls-all" : "calls-all calls-many"} role="presentation" style={{ height }}>
            {Array.from({ length: count }, (_, index) => {
              const at = first + index + 1;
              return (
                <CallRow key={(((first + index - ring.start) % elements) + elements) % elements} pinned={at === pinned} step={at} steps={steps} row={rowAt(rows, at)} state={at < step ? "past" : at === step ? "current" : "future"} top={top + index * rowHeight} cpus={lanes?.cpus ?? null} onSelect={press} />
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
