/** The window on the space as state, and the gestures that move it: wheel, pinch, drag, double click, keys. */
import { useCallback, useContext, useEffect, useRef, type KeyboardEvent, type PointerEvent, type RefObject } from "react";
import type { Range } from "../../../kernel/answer.ts";
import { useStore } from "zustand";
import { setWindows as setPageWindows, windows as pageWindows } from "../../state/windows.ts";
import { SharedAxis } from "../common/shared-axis.ts";
import { drag, panBy, sameWindow, zoomAt, type View } from "./viewport.ts";
import { WHOLE } from "./axis.ts";
import type { Jumps } from "./use-glide.ts";

/** The window of a space; null: everything. Diagrams side by side share windows of their own. */
export function useWindowState(space: string): [Range | null, (window: Range | null) => void] {
  const own = useStore(pageWindows, ({ of }) => of);
  const shared = useContext(SharedAxis);
  const windows = shared?.windows ?? own;
  const setWindows = shared?.setWindows ?? setPageWindows;
  const setWindow = useCallback(
    (next: Range | null) => {
      setWindows((now) => {
        const copy = new Map(now);
        if (next) copy.set(space, next);
        else copy.delete(space);
        return copy;
      });
    },
    [space, setWindows],
  );
  return [windows.get(space) ?? null, setWindow];
}

export interface Windowing {
  /** Jumps there: the drawing glides. */
  setWindow: (window: Range | null) => void;
  /** Follows a hand: at once, once a frame. */
  follow: (window: Range) => void;
  /** Handlers of the drawing surface. */
  surface: {
    onPointerDown: (event: PointerEvent<HTMLElement>) => void;
    onPointerMove: (event: PointerEvent<HTMLElement>) => void;
    onPointerUp: (event: PointerEvent<HTMLElement>) => void;
    onPointerCancel: (event: PointerEvent<HTMLElement>) => void;
  };
  /** Zooms about the middle; > 1: closer. */
  zoom: (factor: number) => void;
  pan: (px: number) => void;
  /** Zooms about a px of the plot. */
  zoomAt: (px: number, factor: number) => void;
  /** True from the moment a press has become a drag until the next press. */
  dragged: RefObject<boolean>;
}

interface Press {
  view: View;
  /** Px in the plot by pointer id. */
  points: Map<number, number>;
  from: Map<number, number>;
}

const SLACK = 4;
/** After the last wheel event, how long moves stay unanimated. */
const STILL_MS = 160;

/** `view` describes what is drawn now; `root` carries data-still while gestures run; `plot` is the surface; `jumps` is told when the window jumps. */
export function useGestures(view: View, gutter: number, change: (window: Range | null) => void, root: RefObject<HTMLElement | null>, plot: RefObject<HTMLElement | null>, jumps: Jumps): Windowing {
  const latest = useRef({ view, gutter });
  const due = useRef<{ frame: number; window: Range } | null>(null);
  const press = useRef<Press | null>(null);
  const dragged = useRef(false);
  const calm = useRef(0);

  useEffect(() => {
    // A window that a hand has asked for since counts more than the one just drawn.
    latest.current = { view: due.current ? { ...view, window: due.current.window } : view, gutter };
  });

  const { scale } = view;
  const put = useCallback((next: Range | null) => change(next && scale !== "linear" && sameWindow(next, WHOLE) ? null : next), [change, scale]);
  const drop = useCallback(() => {
    if (due.current) cancelAnimationFrame(due.current.frame);
    due.current = null;
  }, []);
  useEffect(() => drop, [drop]);
  const setWindow = useCallback(
    (next: Range | null) => {
      drop();
      jumps.note();
      put(next);
    },
    [put, drop, jumps],
  );

  /** Moves that follow the hand must not lag behind it. */
  const still = useCallback(() => {
    const element = root.current;
    if (!element) return;
    element.setAttribute("data-still", "");
    clearTimeout(calm.current);
    calm.current = window.setTimeout(() => element.removeAttribute("data-still"), STILL_MS);
  }, [root]);

  /** However many events a frame brings, the drawing changes once in it. */
  const follow = useCallback(
    (window: Range) => {
      still();
      latest.current = { ...latest.current, view: { ...latest.current.view, window } };
      if (due.current) {
        due.current.window = window;
        return;
      }
      const frame = requestAnimationFrame(() => {
        const wanted = due.current?.window ?? window;
        due.current = null;
        put(wanted);
      });
      due.current = { frame, window };
    },
    [put, still],
  );

  useEffect(() => {
    const element = plot.current;
    if (!element) return undefined;
    const wheel = (event: WheelEvent): void => {
      const { view: now, gutter: inset } = latest.current;
      const px = event.clientX - element.getBoundingClientRect().left - inset;
      if (px < 0 || event.altKey) return;
      event.preventDefault();
      const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
      const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
      const next =
        event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)
          ? panBy(now, sideways * unit)
          : zoomAt(now, Math.min(px, now.width), Math.exp(-Math.max(-60, Math.min(60, event.deltaY * unit)) * (event.ctrlKey ? 0.012 : 0.004)));
      follow(next);
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => element.removeEventListener("wheel", wheel);
  }, [plot, follow]);

  const at = (event: PointerEvent<HTMLElement>): number => event.clientX - event.currentTarget.getBoundingClientRect().left - gutter;

  const surface: Windowing["surface"] = {
    onPointerDown(event) {
      if (event.button !== 0 || at(event) < 0) return;
      dragged.current = false;
      const points = press.current?.points ?? new Map<number, number>();
      points.set(event.pointerId, at(event));
      press.current = { view: latest.current.view, points, from: new Map(points) };
    },
    onPointerMove(event) {
      const now = press.current;
      if (!now?.points.has(event.pointerId)) return;
      now.points.set(event.pointerId, at(event));
      const [first, second] = [...now.points.keys()];
      if (first !== undefined && second !== undefined) {
        const was = Math.abs(now.from.get(first)! - now.from.get(second)!);
        const is = Math.abs(now.points.get(first)! - now.points.get(second)!);
        dragged.current = true;
        follow(zoomAt(now.view, (now.from.get(first)! + now.from.get(second)!) / 2, Math.max(is, 8) / Math.max(was, 8)));
      } else if (first !== undefined) {
        const from = now.from.get(first)!;
        const to = now.points.get(first)!;
        if (!dragged.current && Math.abs(to - from) < SLACK) return;
        if (!dragged.current) event.currentTarget.setPointerCapture(event.pointerId);
        dragged.current = true;
        follow(drag(now.view, from, to));
      }
    },
    onPointerUp(event) {
      press.current?.points.delete(event.pointerId);
      if (press.current?.points.size === 0) press.current = null;
      else if (press.current) press.current = { view: latest.current.view, points: press.current.points, from: new Map(press.current.points) };
    },
    onPointerCancel(event) {
      surface.onPointerUp(event);
    },
  };

  return {
    setWindow,
    follow,
    surface,
    zoom: (factor) => setWindow(zoomAt(view, view.width / 2, factor)),
    pan: (px) => setWindow(panBy(view, px)),
    zoomAt: (px, factor) => setWindow(zoomAt(view, px, factor)),
    dragged,
  };
}

/** The keys of the focused drawing; true when the key was one of them. */
export function windowKey(event: KeyboardEvent, windowing: Windowing, width: number, fitSelection: () => void, arrows: boolean): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  switch (event.key) {
    case "ArrowLeft":
    case "ArrowRight":
      if (!arrows) return false;
      windowing.pan((event.key === "ArrowLeft" ? -1 : 1) * width * (event.shiftKey ? 0.5 : 0.12));
      return true;
    case "ArrowUp":
    case "ArrowDown":
      if (!arrows) return false;
      windowing.zoom(event.key === "ArrowUp" ? 1.6 : 1 / 1.6);
      return true;
    case "+":
    case "=":
      windowing.zoom(2);
      return true;
    case "-":
    case "_":
      windowing.zoom(0.5);
      return true;
    case "0":
      windowing.setWindow(null);
      return true;
    case "f":
    case "F":
      fitSelection();
      return true;
    default:
      return false;
  }
}
