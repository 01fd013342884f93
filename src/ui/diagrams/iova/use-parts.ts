/** Parts of the drawing that its first picture does without, fetched when they are needed. */
import { useEffect, useState } from "react";
import { painted } from "../../parts/painted.ts";
import type * as Dense from "./dense-parts.ts";
import type * as Measure from "./measure-parts.ts";
import type * as Words from "./words-parts.ts";

function useFetched<Parts>(needed: boolean, fetch: () => Promise<Parts>): Parts | null {
  const [parts, setParts] = useState<{ parts: Parts } | null>(null);
  useEffect(() => {
    let current = true;
    // Without them the drawing is coarser, not wrong.
    if (needed && !parts) void painted().then(fetch).then((fetched) => current && setParts({ parts: fetched }), () => {});
    return () => {
      current = false;
    };
  }, [needed, parts, fetch]);
  return parts?.parts ?? null;
}

const fetchDense = (): Promise<typeof Dense> => import("./dense-parts.ts");
const fetchMeasure = (): Promise<typeof Measure> => import("./measure-parts.ts");
const fetchWords = (): Promise<typeof Words> => import("./words-parts.ts");

/** What is drawn, in words; needed always, but not before the first paint. */
export function useWordsParts(): typeof Words | null {
  return useFetched(true, fetchWords);
}

/** Strips of pixels for lanes with very many areas. */
export function useDenseParts(needed: boolean): typeof Dense | null {
  return useFetched(needed, fetchDense);
}

/** The ruler. */
export function useMeasureParts(needed: boolean): typeof Measure | null {
  return useFetched(needed, fetchMeasure);
}
