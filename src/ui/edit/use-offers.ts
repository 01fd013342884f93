import { useEffect, useState } from "react";
import type { Offers, Tried } from "../../engine/views.ts";
import { useApp, useSession } from "../app.ts";
import { messageOf } from "../state/notices.ts";

/** The calls that make sense after a step; null while they are on their way. */
export function useOffers(step: number): { offers: Offers | null; problem: string } {
  const { session } = useApp();
  const load = useSession((state) => state.load);
  const [found, setFound] = useState<{ offers: Offers | null; problem: string }>({ offers: null, problem: "" });
  useEffect(() => {
    let wanted = true;
    session.engine.offers(step).then(
      (offers) => wanted && setFound({ offers, problem: "" }),
      (error: unknown) => wanted && setFound({ offers: null, problem: messageOf(error) }),
    );
    return () => {
      wanted = false;
    };
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- another load may offer others
  }, [session, step, load]);
  return found;
}

/** Typing rests this long before a call is tried, in milliseconds. */
const QUIET = 60;

/** What a line would be answered after a step. While the next answer is on its way the last one stays. */
export function useTried(step: number, line: string | null): Tried | null {
  const { session } = useApp();
  const load = useSession((state) => state.load);
  const [tried, setTried] = useState<Tried | null>(null);
  useEffect(() => {
    let wanted = true;
    const timer = setTimeout(() => {
      if (line === null) setTried(null);
      else session.engine.tryCall(step, line).then((answer) => wanted && setTried(answer), () => {});
    }, QUIET);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- another load may answer otherwise
  }, [session, step, line, load]);
  return tried;
}
