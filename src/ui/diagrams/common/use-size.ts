import { useLayoutEffect, useRef, useState, type RefObject } from "react";
import type { Px } from "../../../base/flavor.ts";

export interface Size {
  width: Px;
  height: Px;
}

/**
 * The size of an element, whole px, followed as it changes; before the first layout what it is expected to be, null without that. Where
 * something is expected the browser lays the page out once, when it draws it, and not for the question.
 */
export function useSize<Element extends HTMLElement>(expected: Size | null = null): [RefObject<Element | null>, Size | null] {
  const ref = useRef<Element>(null);
  const [size, setSize] = useState<Size | null>(expected);
  const asks = useRef(expected === null);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return undefined;
    const read = (): void => {
      const next = { width: Math.round(element.clientWidth), height: Math.round(element.clientHeight) };
      setSize((now) => (now && now.width === next.width && now.height === next.height ? now : next));
    };
    if (asks.current) read();
    const observer = new ResizeObserver(read);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, size];
}
