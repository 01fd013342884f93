import { memo } from "react";
import { PART, type OtherRow, type StepRow } from "../../engine/views.ts";
import { Errno } from "../parts/Errno.tsx";
import { Icon } from "../parts/Icon.tsx";
import { later } from "../parts/later.tsx";

const OtherAnswer = later(() => import("../compare/RowPart.tsx").then((module) => module.OtherAnswer));
const RowPart = later(() => import("../compare/RowPart.tsx").then((module) => module.RowPart));
const LaneCells = later(() => import("../lanes/LaneCells.tsx").then((module) => module.LaneCells));

/** Characters that name and answer may have together on the first line; the name is never cut for the answer's sake. */
const FIRST_LINE = 31;

function sameAnswer(row: Pick<StepRow, "errno" | "result">, other: OtherRow): boolean {
  return row.errno === other.errno && row.result === other.result;
}

/** Room that the other side's answer and the mark of a difference take. */
function otherLength({ other, errno, result }: StepRow): number {
  if (!other || other.part === PART.same) return 0;
  return sameAnswer({ errno, result }, other) ? 2 : 5 + (other.errno === "OK" && other.result !== "" ? other.result.length - 2 : other.errno.length + 2);
}

/** One call of the list, two lines. `row` is undefined while it is on its way. */
export const CallRow = memo(function CallRow(props: { step: number; steps: number; row: StepRow | undefined; state: "past" | "current" | "future"; top: number; cpus: readonly number[] | null; onSelect: (step: number, compare: boolean) => void; pinned: boolean }) {
  const { step, row, state } = props;
  const refused = row !== undefined && row.errno !== "OK";
  const badge = refused || row?.result === "";
  // A badge's and a mark's frames take the room of two characters each.
  const answerLength = row === undefined ? 0 : (badge ? row.errno.length + 2 : row.result.length) + (row.diverges ? 2 : 0) + (row.damaged ? 2 : 0) + otherLength(row);
  const long = row !== undefined && row.call.length + answerLength > FIRST_LINE;
  const cells = row?.lane && props.cpus;
  const apart = row?.other && !sameAnswer(row, row.other);
  const bare = !cells && !row?.given && !row?.detail && !row?.note;
  const classes = ["call", `call-${state}`, long && "call-long", refused && "call-refused", row?.diverges && "call-diverges", cells && "call-cells", apart && "call-apart", bare && "call-bare"].filter(Boolean).join(" ");
  return (
    // The list has the focus and moves by arrow keys; a row is pressed by pointer only.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      id={`call-${step}`}
      role="option"
      aria-selected={state === "current"}
      aria-setsize={props.steps}
      aria-posinset={step}
      className={classes}
      style={{ transform: `translateY(${props.top}px)` }}
      onClick={(event) => props.onSelect(step, event.shiftKey)}
    >
      <span className={props.pinned ? "call-step call-pinned" : "call-step"} title={props.pinned ? "Others are compared with this step" : undefined}>
        {step}
        {props.pinned && <span className="sr-only">, others are compared with it</span>}
      </span>
      {cells ? (
        <LaneCells row={row} lane={row.lane!} cpus={props.cpus!} current={state === "current"} />
      ) : (
        <>
          <span className="call-name" title={row?.call}>
            {row?.call}
          </span>
          <span className="call-answer">
            {row?.other && <RowPart other={row.other} />}
            {row?.damaged && (
              <span className="call-mark call-damage" title="It left something damaged, or used what was freed">
                <Icon name="damage" size={12} />
                <span className="sr-only">damage</span>
              </span>
            )}
            {row?.diverges && (
              <span className="call-mark" title="The recorded answer differs from the model's">
                <Icon name="differs" size={11} />
                <span className="sr-only">differs from the recording</span>
              </span>
            )}
            {row && badge ? <Errno errno={row.errno} strong={state === "current"} /> : <span className="call-result" title={row?.result}>{row?.result}</span>}
            {apart && <OtherAnswer other={row.other!} />}
          </span>
          <span className="call-detail" title={row && row.note !== "" ? `${row.detail}\n${row.note}` : row?.detail}>
            {row?.given && <span className="given-tag">log</span>}
            {row?.detail}
            {row && row.note !== "" && <em className="call-note"> {row.note}</em>}
          </span>
        </>
      )}
    </div>
  );
});
