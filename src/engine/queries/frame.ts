import type { IovaSpace } from "../../kernel/inspect.ts";
import type { Explained, History } from "../history.ts";
import type { Frame, IovaQuery, IovaView } from "../views.ts";
import { lastSpace, spaceOfCall } from "./asked.ts";
import { changesOf } from "./changes.ts";
import { extentsAt } from "./mapped-extents.ts";
import { iovaView } from "./iova-view.ts";
import { allSpaces, mergedGraph, mergedPasids } from "./merge.ts";
import { stepDetail } from "./step-detail.ts";

/** Everything the page shows of one step. */
export function buildFrame(history: History, step: number, query: IovaQuery): Frame {
  const explained = step === 0 ? null : history.explain(step);
  const machine = explained?.after ?? history.at(step);
  const spaces = allSpaces(machine);
  const [graph, pasids] = [mergedGraph(machine), mergedPasids(machine)];
  const changes = explained && changesOf(explained, graph, pasids);
  return {
    step,
    detail: explained && stepDetail(history.scenario, explained),
    graph,
    pasids,
    ...(changes && { changes }),
    spaces: spaces.map((space) => ({ key: space.key, label: space.label, mappings: space.mappingCount() })),
    iova: viewOf(history, step, spaces, explained, query),
  };
}

function viewOf(history: History, step: number, spaces: IovaSpace[], explained: Explained | null, query: IovaQuery): IovaView | null {
  const concerned = explained && spaceOfCall(explained, spaces);
  const wanted = query.space ?? concerned ?? lastSpace(history, step, spaces);
  const shown = spaces.find((space) => space.key === wanted) ?? spaces.find((space) => space.key === concerned) ?? spaces.at(-1);
  if (!shown) return null;
  const also = (query.also ?? []).flatMap((key) => spaces.filter((space) => space.key === key && space !== shown));
  return iovaView({ space: shown, also, explained: shown.key === (concerned ?? shown.key) ? explained : null, extents: (space) => extentsAt(history, step, space) }, query);
}
