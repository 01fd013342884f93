import type { IovaSpace } from "../../kernel/inspect.ts";
import type { Machine } from "../../kernel/machine.ts";
import type { Explained, History } from "../history.ts";
import type { Frame, IovaQuery, IovaView } from "../views.ts";
import { lastSpace, spaceOfCall } from "./asked.ts";
import { iovaView } from "./iova-view.ts";
import { allSpaces, mergedGraph, mergedPasids } from "./merge.ts";
import { stepDetail } from "./step-detail.ts";

/** Everything the page shows of one step. */
export function buildFrame(history: History, step: number, query: IovaQuery): Frame {
  const explained = step === 0 ? null : history.explain(step);
  const machine = explained?.after ?? history.at(step);
  const spaces = allSpaces(machine);
  return {
    step,
    detail: explained && stepDetail(history.scenario, explained),
    graph: mergedGraph(machine),
    pasids: mergedPasids(machine),
    spaces: spaces.map((space) => ({ key: space.key, label: space.label, mappings: space.mappingCount() })),
    iova: viewOf(history, step, machine, spaces, explained, query),
  };
}

function viewOf(history: History, step: number, machine: Machine, spaces: IovaSpace[], explained: Explained | null, query: IovaQuery): IovaView | null {
  const concerned = explained && spaceOfCall(explained, spaces);
  const wanted = query.space ?? concerned ?? lastSpace(history, step, spaces);
  const shown = spaces.find((space) => space.key === wanted) ?? spaces.find((space) => space.key === concerned) ?? spaces.at(-1);
  if (!shown) return null;
  return iovaView(machine, shown, explained && shown.key === (concerned ?? shown.key) ? explained : null, query);
}
