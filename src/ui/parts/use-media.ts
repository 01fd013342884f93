import { useSyncExternalStore } from "react";

/** One panel at a time: a phone, or a wider screen at 200 %. The styles have the same words. */
export const NARROW = "(max-width: 759.98px), (max-width: 1139.98px) and (max-height: 559.98px)";

/** Does a media query hold now? */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = matchMedia(query);
      list.addEventListener("change", changed);
      return () => list.removeEventListener("change", changed);
    },
    () => matchMedia(query).matches,
  );
}
