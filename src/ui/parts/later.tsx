import { useEffect, useState, type ComponentType, type ReactNode } from "react";
import { painted } from "./painted.ts";

/** A component that is fetched when it is first shown, or before. */
export type Later<Props extends object> = ComponentType<Props & { meanwhile?: ReactNode }> & {
  /** Fetches it; shown after that it stands at once. */
  fetch: () => Promise<unknown>;
};

/**
 * A component that is fetched when it is first shown; `meanwhile`, or what it is given under that name where it is shown, stands
 * in its place until then. Unlike React's own `lazy` it
 * shows at once what has been fetched, and what comes late as soon as it comes: React would let 300 ms pass after a stand-in.
 */
export function later<Props extends object>(load: () => Promise<ComponentType<Props>>, meanwhile: ReactNode = null): Later<Props> {
  let fetched: ComponentType<Props> | null = null;
  let coming: Promise<void> | null = null;
  const fetch = (): Promise<void> =>
    (coming ??= load().then(
      (component) => {
        fetched = component;
      },
      (error: unknown) => {
        // A failed fetch may succeed next time.
        coming = null;
        throw error;
      },
    ));
  function LaterShown({ meanwhile: here = meanwhile, ...props }: Props & { meanwhile?: ReactNode }) {
    const [state, setState] = useState<{ failure: unknown } | null>(null);
    useEffect(() => {
      let current = true;
      if (!fetched) {
        // What is on screen without it is painted first, unless it is on its way already.
        (coming ?? painted().then(fetch)).then(
          () => current && setState({ failure: null }),
          (failure: unknown) => current && setState({ failure }),
        );
      }
      return () => {
        current = false;
      };
    }, []);
    const Fetched = fetched;
    if (Fetched) return <Fetched {...(props as unknown as Props)} />;
    if (state?.failure) throw state.failure;
    return here;
  }
  return Object.assign(LaterShown, { fetch });
}
