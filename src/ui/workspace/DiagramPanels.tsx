import { useCallback, useContext, useMemo, useState } from "react";
import type { TraceKind } from "../../scenario/scenario.ts";
import { useApp, useEdits, useSession, useView } from "../app.ts";
import type { Frame, IovaQuery } from "../../engine/views.ts";
import type { Size } from "../diagrams/common/use-size.ts";
import { IovaDiagram, PasidDiagram } from "../diagrams/index.ts";
import { SideContext, useFrame } from "../compare/side.ts";
import { Boundary } from "../parts/Boundary.tsx";
import { later } from "../parts/later.tsx";
import { Panel } from "../parts/Panel.tsx";
import { usePainted } from "../parts/use-painted.ts";
import type { Selection } from "../state/selection.ts";
import { FAR } from "../state/session.ts";

const ObjectsDiagram = later(() => import("../diagrams/objects/ObjectsDiagram.tsx").then((module) => module.ObjectsDiagram));

/** Objects that a call can destroy. */
const DESTROYABLE = /^(?:ioas|hwpt|fault|device|access|selftest|ioasid):/;

/** Did the frame come from far? Then the diagrams stand still, which spares some ten frames of motion. */
function useStill(frame: Frame | null): boolean {
  const [at, setAt] = useState({ step: frame?.step ?? 0, still: false });
  const step = frame?.step ?? 0;
  if (step !== at.step) setAt({ step, still: Math.abs(step - at.step) > FAR });
  return at.still;
}

/** What every diagram shares: what is marked, and how to mark. */
function useMarks() {
  const { view } = useApp();
  const selection = useView((state) => state.selection);
  const hover = useView((state) => state.hover);
  const onSelect = useCallback((next: Selection | null) => view.select(next), [view]);
  const onHover = useCallback((next: Selection | null) => view.hover(next), [view]);
  return useMemo(() => ({ selection, hover, onSelect, onHover }), [selection, hover, onSelect, onHover]);
}

const DestroyAnswer = later(() => import("../history/DestroyAnswer.tsx").then((module) => module.DestroyAnswer));

/** What destroying the marked object would give; nothing while none is marked. */
function DestroySlot() {
  const marked = useView((state) => state.selection !== null && "key" in state.selection && DESTROYABLE.test(state.selection.key));
  return marked ? <DestroyAnswer /> : null;
}

/** Whose objects they are, by the family of the calls. */
const OBJECTS_OF: Record<TraceKind, string> = { iommufd: "IOMMUFD objects", "vfio-type1": "VFIO objects", ioasid: "Objects" };

export function ObjectsPanel({ compact }: { compact: boolean }) {
  const newest = useFrame();
  const trace = useSession((state) => state.loaded?.trace ?? "iommufd");
  const marks = useMarks();
  const still = useStill(newest);
  const painted = usePainted(newest);
  // After a far jump the addresses, which are the most, are painted first.
  const frame = still ? painted : newest;
  return (
    <Panel name="IOMMUFD objects" title={OBJECTS_OF[trace]} diagram="objects" className="panel-objects panel-diagram" aside={frame && frame.graph.nodes.length > 0 ? "users = references held" : undefined}>
      <div className="panel-body" data-still={still || undefined}>
        <Boundary what="This diagram" attempt={frame}>{frame && <ObjectsDiagram frame={frame} {...marks} compact={compact} foot={<DestroySlot />} />}</Boundary>
      </div>
    </Panel>
  );
}

export function PasidPanel({ compact }: { compact: boolean }) {
  const frame = useFrame();
  const marks = useMarks();
  const still = useStill(frame);
  return (
    <Panel name="PASID space" diagram="pasids" className="panel-pasid panel-diagram" aside={frame?.pasids ? `${frame.pasids.bits}-bit` : undefined}>
      <div className="panel-body" data-still={still || undefined}>
        <Boundary what="This diagram" attempt={frame}>{frame && <PasidDiagram frame={frame} {...marks} compact={compact} />}</Boundary>
      </div>
    </Panel>
  );
}

export function IovaPanel({ compact, room = null }: { compact: boolean; room?: Size | null }) {
  const { session } = useApp();
  const frame = useFrame();
  const marks = useMarks();
  const still = useStill(frame);
  const shown = useView((state) => state.shown);
  const picking = useEdits((state) => state.picking);
  const side = useContext(SideContext);
  // Of two diagrams side by side one asks for details; both get them.
  const onQuery = useCallback((query: Partial<IovaQuery>) => session.ask(side !== "right" ? query : query.space === undefined ? {} : { space: query.space }), [session, side]);
  return (
    <Panel name="IOVA space" diagram="iova" className="panel-iova panel-diagram">
      <div className="panel-body" data-still={still || undefined}>
        <Boundary what="This diagram" attempt={frame}>{frame && <IovaDiagram frame={frame} {...marks} compact={compact} shown={shown} onQuery={onQuery} onPick={picking} room={room} />}</Boundary>
      </div>
    </Panel>
  );
}
