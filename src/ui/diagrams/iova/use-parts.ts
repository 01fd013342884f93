/** Parts of the drawing that most scenarios never need, fetched when one does. */
import { useEffect, useState } from "react";
import type * as Dense from "./dense-parts.ts";
import type * as Measure from "./measure-parts.ts";

function useFetched<Parts>(needed: boolean, fetch: () => Promise<Parts>): Parts | null {
  const [parts, setParts] = useState<{ parts: Parts } | null>(null);
  useEffect(() => {
    let current = true;
    // Without them the drawing is coarser, not wrong.
    if (needed && !parts) void fetch().then((fetched) => current && setParts({ parts: fetched }), () => {});
    return () => {
      current = false;
    };
  }, [needed, parts, fetch]);
  return parts?.parts ?? null;
}

const fetchDense = (): Promise<typeof Dense> => import("./dense-parts.ts");
const fetchMeasure = (): Promise<typeof Measure> => import("./measure-parts.ts");

/** Strips of pixels for lanes with very many areas. */
export function useDenseParts(needed: boolean): typeof Dense | null {
  return useFetched(needed, fetchDense);
}

/** The ruler. */
export function useMeasureParts(needed: boolean): typeof Measure | null {
  return useFetched(needed, fetchMeasure);
}
