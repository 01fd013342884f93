import { useEffect, useState } from "react";

/** What has just been drawn is painted in this time. */
const PAINT_MS = 30;
const SETTLE_MS = 160;

/**
 * A value that follows when it has been painted if its cause is another, else when it has stood for a while: what need not keep
 * up with a hand. It comes with the cause it belongs to.
 */
export function useSettled<Value, Cause>(value: Value, cause: Cause): { value: Value; cause: Cause } {
  const [settled, setSettled] = useState({ value, cause });
  const waits = settled.cause === cause ? SETTLE_MS : PAINT_MS;
  useEffect(() => {
    if (settled.value === value && settled.cause === cause) return undefined;
    const timer = setTimeout(() => setSettled({ value, cause }), waits);
    return () => clearTimeout(timer);
  }, [settled, value, cause, waits]);
  return settled;
}
