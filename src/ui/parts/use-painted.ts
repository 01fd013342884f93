import { useLayoutEffect, useState } from "react";
import { afterPaint } from "./painted.ts";

/** A value that follows when what was rendered with it is on screen: what the eye does not look for first. It never lags while a hand scrubs. */
export function usePainted<Value>(value: Value): Value {
  const [shown, setShown] = useState(value);
  const [soon] = useState(afterPaint);
  useLayoutEffect(() => soon(() => setShown(() => value)), [soon, value]);
  return shown;
}
