import { useState } from "react";
import type { LanesView } from "../../engine/views.ts";
import { canPutOnCpus, putOnCpus } from "../../engine/put-on-cpus.ts";
import { useApp, useSession } from "../app.ts";
import { messageOf } from "../state/notices.ts";
import { readOrder, withTurnAt } from "./order.ts";

/** Lets a person decide whose turn it is. */
function Turns({ lanes }: { lanes: LanesView }) {
  const { session } = useApp();
  const step = useSession((state) => state.step);
  const load = useSession((state) => state.load);
  const order = lanes.turns.join(" ");
  const [typed, setTyped] = useState<{ load: number; text: string } | null>(null);
  const text = typed?.load === load ? typed.text : order;
  const { turns, problem } = readOrder(text, lanes.cpus);
  const stepCpu = (cpu: number) => {
    const next = withTurnAt(lanes, step, cpu);
    if (!next) return;
    session.play(false);
    if (next.same) void session.goto(lanes.steps[next.shown] ?? step);
    else void session.takeTurns(next.turns, next.shown);
  };
  return (
    <>
      <div className="lane-buttons">
        {lanes.cpus.map((cpu) => (
          <button key={cpu} type="button" className="button" aria-disabled={withTurnAt(lanes, step, cpu) === null} title={`Let CPU ${cpu} run its next lock region now`} onClick={() => stepCpu(cpu)}>
            Step CPU {cpu}
          </button>
        ))}
      </div>
      <form
        className="lane-order"
        onSubmit={(event) => {
          event.preventDefault();
          if (problem === null) void session.takeTurns(turns, turns.length - 1);
        }}
      >
        <label>
          <span>Order</span>
          <input
            type="text"
            inputMode="text"
            spellCheck={false}
            autoComplete="off"
            value={text}
            aria-invalid={problem !== null}
            aria-describedby="lane-help"
            onChange={(event) => setTyped({ load, text: event.currentTarget.value })}
          />
        </label>
        <button type="submit" className="button" aria-disabled={problem !== null}>
          Run
        </button>
      </form>
      <p id="lane-help" className={problem === null ? "lane-help" : "lane-help lane-problem"}>
        {problem ?? `Whose turn it is, one number per lock region${lanes.turns.includes("w") ? "; w is the next whole call" : ""}.`}
      </p>
    </>
  );
}

/** Offers to cut two neighbouring calls at their locks. */
function PutOnCpus() {
  const { session, notices } = useApp();
  const scenario = useSession((state) => state.scenario);
  const step = useSession((state) => state.step);
  const reading = useSession((state) => state.reading);
  if (!scenario || !canPutOnCpus(scenario, step)) return null;
  const run = () => {
    session.open(putOnCpus(scenario, step), { step: step + 1, reading }).catch((error: unknown) => notices.problem(messageOf(error)));
  };
  return (
    <button type="button" className="button lane-put" title="Cut both at their lock regions, to step them in any order" onClick={run}>
      Run calls {step} and {step + 1} on two CPUs
    </button>
  );
}

/** Under the list of calls, where calls can be cut at their locks: who goes next. */
export function LaneControl() {
  const lanes = useSession((state) => state.loaded?.lanes ?? null);
  const forIds = useSession((state) => state.loaded?.trace === "ioasid");
  if (lanes) {
    return (
      <section className="lane-control" aria-label="Order of the CPUs">
        <Turns lanes={lanes} />
      </section>
    );
  }
  return forIds ? <PutOnCpus /> : null;
}
