import { useEffect, useState } from "react";
import { PART } from "../../engine/views.ts";
import { useSession } from "../app.ts";

/** Quiet time before a step is announced: scrubbing must not make a screen reader stutter. */
const SETTLE_MS = 250;

/** Announces each step in one sentence. */
export function Spoken() {
  const sentence = useSession((state) => {
    if (!state.frame) return "";
    const own = state.frame.detail?.spoken ?? `Before the first of ${state.loaded?.steps ?? 0} calls.`;
    const { other } = state.frame;
    // A difference that stays as it was is not told again at every step.
    const difference = other && other.part !== PART.carried ? other.differences[0] : undefined;
    return difference ? `${own} ${difference.text}` : own;
  });
  const [spoken, setSpoken] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSpoken(sentence), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [sentence]);
  return (
    <div className="sr-only spoken" role="status" aria-live="polite">
      {spoken}
    </div>
  );
}
