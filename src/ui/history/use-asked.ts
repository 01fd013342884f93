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
  const shown = useRef(false);
  useEffect(() => {
    newest.current = { key, ask };
  });
  useEffect(() => {
    shown.current = true;
    return () => {
      shown.current = false;
    };
  }, []);
  useEffect(() => {
    const run = async (): Promise<void> => {
      if (busy.current) return;
      busy.current = true;
      // What is asked for meanwhile is asked next, and only the newest of it.
      for (let asked: string | null | undefined; shown.current && newest.current.key !== asked; ) {
        asked = newest.current.key;
        if (asked === null) break;
        try {
          const value = await newest.current.ask();
          if (shown.current) setAnswer({ value, key: asked });
        } catch (error) {
          // What is wrong with the engine is told by those who asked it for the frame.
          if (!(error instanceof SupersededError) && shown.current) setAnswer(null);
        }
      }
      busy.current = false;
    };
    const timer = setTimeout(() => void run(), SETTLE_MS);
    return () => clearTimeout(timer);
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- another key is another question
  }, [key]);
  return answer;
}
