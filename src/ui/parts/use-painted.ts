import { useLayoutEffect, useRef, useState } from "react";
import { painted } from "./painted.ts";

/** A value that follows when what was rendered with it is on screen: what the eye does not look for first. It never lags while a hand scrubs. */
export function usePainted<Value>(value: Value): Value {
  const [shown, setShown] = useState(value);
  const newest = useRef({ value, waits: false });
  useLayoutEffect(() => {
    const now = newest.current;
    if (now.value === value) return;
    now.value = value;
    if (now.waits) return;
    now.waits = true;
    void painted().then(() => {
      now.waits = false;
      setShown(now.value);
    });
  }, [value]);
  return shown;
}
