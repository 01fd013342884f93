import { PART, type OtherRow } from "../../engine/views.ts";
import { Errno } from "../parts/Errno.tsx";

const WORDS: Record<number, string> = {
  [PART.answer]: "The answers differ", [PART.state]: "The answers are the same, what the call leaves behind is not", [PART.carried]: "Still apart from before", [PART.same]: "",
  [PART.path]: "The answers and what the call leaves behind are the same; other functions of the kernel took the objects apart",
};

/** In the list of calls: how the two sides compare at a step. */
export function RowPart({ other }: { other: OtherRow }) {
  if (other.part === PART.same) return null;
  return (
    <span className={`part part-${other.part}`} title={WORDS[other.part]}>
      <span className="sr-only">{WORDS[other.part]}</span>
    </span>
  );
}

/** The right side's answer: another one. */
export function OtherAnswer({ other }: { other: OtherRow }) {
  const plain = other.errno === "OK" && other.result !== "";
  return (
    <span className="call-other" title="The answer on the right">
      <span aria-hidden="true">|</span>
      <span className="sr-only">on the right: </span>
      {plain ? <span className="call-result">{other.result.replace(/^→ /, "")}</span> : <Errno errno={other.errno} />}
    </span>
  );
}
