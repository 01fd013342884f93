import type { CSSProperties } from "react";
import type { LaneStep, StepRow } from "../../engine/views.ts";
import { Errno } from "../parts/Errno.tsx";

/** Titles of the columns. */
export function LaneHead({ cpus }: { cpus: readonly number[] }) {
  return (
    <div className="lane-head" style={{ "--lanes": cpus.length } as CSSProperties} aria-hidden="true">
      {cpus.map((cpu) => (
        <span key={cpu}>CPU {cpu}</span>
      ))}
    </div>
  );
}

/** Whole calls run on every CPU's time, as it were: what they do happens at once. */
function title(lane: LaneStep, row: StepRow): string {
  if (lane.what === "start") return lane.call;
  if (lane.what === "waits") return row.errno === "EBUSY" ? "waits for the lock" : "has no call";
  const [only] = lane.regions;
  if (lane.of === 1 && only?.title === "the whole call") return lane.call;
  return lane.regions.map((region) => region.title).join(", then ");
}

function detail(lane: LaneStep, row: StepRow): string {
  if (lane.what === "start") return `begins · ${row.detail.replace(/^CPU \d+ · \S+(?: · )?/, "")}`;
  const [first] = lane.regions;
  const last = lane.regions.at(-1);
  if (!first || !last) return lane.call;
  const numbers = lane.of === 1 ? "" : first === last ? `${first.number}/${lane.of}` : `${first.number}–${last.number}/${lane.of}`;
  const locks = [...new Set(lane.regions.map((region) => region.lock))].map((lock) => lock ?? "no lock");
  return [numbers, locks.join(", ")].filter((part) => part !== "").join(" · ");
}

/** One step of one CPU, in that CPU's column. */
export function LaneCells({ row, lane, cpus, current }: { row: StepRow; lane: LaneStep; cpus: readonly number[]; current: boolean }) {
  const column = cpus.indexOf(lane.cpu) + 1;
  const refused = row.errno !== "OK";
  const result = lane.done && !row.damaged ? row.result : "";
  return (
    <span className="lanes" style={{ "--lanes": cpus.length } as CSSProperties} title={row.note === "" ? lane.call : row.note}>
      {cpus.map((cpu, index) => (
        <span key={cpu} className="lane-line" style={{ gridColumn: index + 1 }} aria-hidden="true" />
      ))}
      <span className={`lane lane-${lane.what}${lane.done ? " lane-done" : ""}${row.damaged ? " lane-damaged" : ""}`} style={{ gridColumn: column }}>
        <span className="sr-only">CPU {lane.cpu}: </span>
        <span className="lane-title">{title(lane, row)}</span>
        <span className="lane-detail">
          {detail(lane, row)}
          {row.damaged && <b className="lane-damage"> damage</b>}
          {refused && <Errno errno={row.errno} strong={current} />}
          {result !== "" && <span className="lane-result"> {result}</span>}
        </span>
      </span>
    </span>
  );
}
