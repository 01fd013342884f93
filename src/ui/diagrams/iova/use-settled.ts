import { useEffect, useState } from "react";

const SETTLE_MS = 160;

/** A value that follows at once when its cause is another, else when it has stood for a while: what need not keep up with a hand. */
export function useSettled<Value>(value: Value, cause: unknown): Value {
  const [settled, setSettled] = useState({ value, cause });
  useEffect(() => {
    const timer = setTimeout(() => setSettled({ value, cause }), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [value, cause]);
  return settled.cause === cause ? settled.value : value;
}
