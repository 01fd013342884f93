import { useEffect, useRef, useState } from "react";
import type { LaidBeside, Reading } from "../../engine/views.ts";
import { useApp, useSession } from "../app.ts";
import { messageOf } from "../state/notices.ts";
import { sourcesOf } from "../state/sources.ts";

export type Laid = { state: "reading" } | { state: "gone"; why: string } | { state: "there"; beside: LaidBeside };

const GONE: Laid = { state: "gone", why: "The text that this scenario was read from is no longer here." };
const READING: Laid = { state: "reading" };

/** The inputs of the open scenario, read once more with every line marked. */
export function useLaidBeside(): Laid {
  const { session } = useApp();
  const reading = useSession((state) => state.reading);
  const sequence = useSession((state) => state.sequence);
  const files = reading && sourcesOf(reading);
  const [found, setFound] = useState<{ of: Reading; sequence: number; laid: Laid } | null>(null);
  useEffect(() => {
    if (!reading || !files) return undefined;
    let wanted = true;
    const tell = (laid: Laid) => {
      if (wanted) setFound({ of: reading, sequence, laid });
    };
    session.engine.layBeside([...files], sequence, reading.sequences.length).then(
      (beside) => tell({ state: "there", beside }),
      (error: unknown) => tell({ state: "gone", why: messageOf(error) }),
    );
    return () => {
      wanted = false;
      // The engine lets the text go.
      void session.engine.layBeside([], 0, 0).catch(() => {});
    };
  }, [session, reading, files, sequence]);
  if (!files) return GONE;
  return found?.of === reading && found.sequence === sequence ? found.laid : READING;
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
  const wanted = [...new Set(lines.map((line) => Math.floor((line - 1) / PAGE)))].join();
  useEffect(() => {
    for (const page of wanted === "" ? [] : wanted.split(",").map(Number)) {
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
  }, [session, input, wanted]);
  return (line) => pages.current.get(`${input}:${Math.floor((line - 1) / PAGE)}`)?.[(line - 1) % PAGE];
}
