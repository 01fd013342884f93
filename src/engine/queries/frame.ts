import type { IovaSpace } from "../../kernel/inspect.ts";
import type { Explained, History } from "../history.ts";
import type { Frame, IovaQuery, IovaView } from "../views.ts";
import { lastSpace, spaceOfCall } from "./asked.ts";
import { changesOf } from "./changes.ts";
import { extentsAt } from "./mapped-extents.ts";
import { iovaView } from "./iova-view.ts";
import { crowded } from "./crowds.ts";
import { allSpaces, mergedPasids, mergedSketch } from "./merge.ts";
import { stepDetail } from "./step-detail.ts";

/** Everything the page shows of one step. */
export function buildFrame(history: History, step: number, query: IovaQuery): Frame {
  const explained = step === 0 ? null : history.explain(step);
  const machine = explained?.after ?? history.at(step);
  const spaces = allSpaces(machine);
  const [objects, pasids] = [mergedSketch(machine), mergedPasids(machine)];
  const changes = explained && changesOf(explained, objects, pasids);
  const iova = viewOf(history, step, spaces, explained, query);
  return {
    step,
    detail: explained && stepDetail(history.scenario, explained),
    graph: crowded(objects, [...(explained ? concernedIn(explained) : []), ...(query.keep ?? [])]),
    pasids,
    ...(changes && { changes }),
    ...summaries(spaces, new Set([...(iova ? [iova.space] : []), ...(query.also ?? [])])),
    iova,
  };
}

/** Objects of a step that stand by themselves among very many. */
const MOST_CONCERNED = 24;
/** Spaces that can be chosen from a list. */
const MOST_SPACES = 400;

function concernedIn({ trace }: Explained): string[] {
  const refs = [...trace.effects.flatMap((effect) => effect.objects), ...trace.checks.flatMap((check) => (check.passed ? [] : check.objects))];
  return [...new Set(refs.map((ref) => ref.key))].slice(0, MOST_CONCERNED);
}

/** The first spaces and those on screen. */
function summaries(spaces: readonly IovaSpace[], shown: ReadonlySet<string>): Pick<Frame, "spaces" | "moreSpaces"> {
  const listed = spaces.length <= MOST_SPACES ? spaces : spaces.filter((space, index) => index < MOST_SPACES - shown.size || shown.has(space.key));
  const more = spaces.length - listed.length;
  return { spaces: listed.map((space) => ({ key: space.key, label: space.label, mappings: space.mappingCount() })), ...(more > 0 && { moreSpaces: more }) };
}

function viewOf(history: History, step: number, spaces: IovaSpace[], explained: Explained | null, query: IovaQuery): IovaView | null {
  const concerned = explained && spaceOfCall(explained, spaces);
  const wanted = query.space ?? concerned ?? lastSpace(history, step, spaces);
  const shown = spaces.find((space) => space.key === wanted) ?? spaces.find((space) => space.key === concerned) ?? spaces.at(-1);
  if (!shown) return null;
  const also = (query.also ?? []).flatMap((key) => spaces.filter((space) => space.key === key && space !== shown));
  return iovaView({ space: shown, also, explained: shown.key === (concerned ?? shown.key) ? explained : null, extents: (space) => extentsAt(history, step, space) }, query);
}
