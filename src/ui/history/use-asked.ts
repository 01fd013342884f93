import { useEffect, useRef, useState } from "react";
import { SupersededError } from "../../engine/views.ts";

/** Quiet time before something is asked about a step: scrubbing asks for the last step only. */
const SETTLE_MS = 90;

/**
 * Asks anew whenever `key` changes and shows the newest answer; `key` null asks nothing. One question at a time is under way,
 * and the answer before stays until the next one comes.
 */
export function useAsked<Value>(key: string | null, ask: () => Promise<Value>): { value: Value; key: string } | null {
  const [answer, setAnswer] = useState<{ value: Value; key: string } | null>(null);
  const newest = useRef({ key, ask });
  const busy = useRef(false);
  useEffect(() => {
    newest.current = { key, ask };
  });
  useEffect(() => {
    let gone = false;
    const run = async (): Promise<void> => {
      if (busy.current || gone) return;
      const { key: asked, ask: question } = newest.current;
      if (asked === null) return;
      busy.current = true;
      try {
        const value = await question();
        if (!gone || newest.current.key === asked) setAnswer({ value, key: asked });
      } catch (error) {
        // What is wrong with the engine is told by those who asked it for the frame.
        if (!(error instanceof SupersededError)) setAnswer(null);
      } finally {
        busy.current = false;
      }
      if (newest.current.key !== asked) await run();
    };
    const timer = setTimeout(() => void run(), SETTLE_MS);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- another key is another question
  }, [key]);
  return answer;
}
