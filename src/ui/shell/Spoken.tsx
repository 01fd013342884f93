import { useEffect, useState } from "react";
import { useSession } from "../app.ts";

/** Quiet time before a step is announced: scrubbing must not make a screen reader stutter. */
const SETTLE_MS = 250;

/** Announces each step in one sentence. */
export function Spoken() {
  const sentence = useSession((state) => {
    if (!state.frame) return "";
    return state.frame.detail?.spoken ?? `Before the first of ${state.loaded?.steps ?? 0} calls.`;
  });
  const [spoken, setSpoken] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSpoken(sentence), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [sentence]);
  return (
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- output is for results of forms
    <div className="sr-only spoken" role="status" aria-live="polite">
      {spoken}
    </div>
  );
}
