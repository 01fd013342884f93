import { useEffect, useRef, useState } from "react";
import type { LaidBeside } from "../../engine/views.ts";
import { useApp, useSession } from "../app.ts";
import { messageOf } from "../state/notices.ts";
import { sourcesOf } from "../state/sources.ts";

export type Laid = { state: "reading" } | { state: "gone"; why: string } | { state: "there"; beside: LaidBeside };

/** The inputs of the open scenario, read once more with every line marked. */
export function useLaidBeside(): Laid {
  const { session } = useApp();
  const reading = useSession((state) => state.reading);
  const sequence = useSession((state) => state.sequence);
  const [laid, setLaid] = useState<Laid>({ state: "reading" });
  useEffect(() => {
    const files = reading && sourcesOf(reading);
    if (!reading || !files) {
      setLaid({ state: "gone", why: "The text that this scenario was read from is no longer here." });
      return undefined;
    }
    let wanted = true;
    setLaid({ state: "reading" });
    session.engine.layBeside([...files], sequence, reading.sequences.length).then(
      (beside) => {
        if (wanted) setLaid({ state: "there", beside });
      },
      (error: unknown) => {
        if (wanted) setLaid({ state: "gone", why: messageOf(error) });
      },
    );
    return () => {
      wanted = false;
      // The engine lets the text go.
      void session.engine.layBeside([], 0, 0).catch(() => {});
    };
  }, [session, reading, sequence]);
  return laid;
}

/** Lines of a text that are fetched together. */
const PAGE = 100;
const MOST_PAGES = 60;

/** The text of lines, from 1; undefined until it has come. */
export function useLineTexts(input: number, lines: readonly number[]): (line: number) => string | undefined {
  const { session } = useApp();
  const pages = useRef(new Map<string, string[]>());
  const asked = useRef(new Set<string>());
  const [, again] = useState(0);
  const first = lines[0] ?? 0;
  const last = lines.at(-1) ?? 0;
  useEffect(() => {
    for (const page of new Set(lines.map((line) => Math.floor((line - 1) / PAGE)))) {
      const key = `${input}:${page}`;
      if (pages.current.has(key) || asked.current.has(key)) continue;
      asked.current.add(key);
      session.engine.sourceLines(input, page * PAGE, PAGE).then(
        (texts) => {
          asked.current.delete(key);
          pages.current.set(key, texts);
          const [oldest] = pages.current.keys();
          if (pages.current.size > MOST_PAGES && oldest !== undefined) pages.current.delete(oldest);
          again((count) => count + 1);
        },
        () => asked.current.delete(key),
      );
    }
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- the lines between the first and the last follow from them
  }, [session, input, first, last, lines.length]);
  return (line) => pages.current.get(`${input}:${Math.floor((line - 1) / PAGE)}`)?.[(line - 1) % PAGE];
}
