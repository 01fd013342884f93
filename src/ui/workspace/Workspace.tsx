import { useRef, useState, type CSSProperties } from "react";
import type { TraceKind } from "../../scenario/scenario.ts";
import { useEdits, useSession, useView } from "../app.ts";
import { useOfFrame } from "../compare/side.ts";
import { CallsPanel } from "../calls/CallsPanel.tsx";
import { ComposerSlot, EditBar, TextSlot } from "../edit/slots.tsx";
import { later } from "../parts/later.tsx";
import { Panel } from "../parts/Panel.tsx";
import { NARROW, useMedia } from "../parts/use-media.ts";
import { LessonSlot } from "../lessons/LessonSlot.tsx";
import { Header } from "../shell/Header.tsx";
import { sizesFor } from "../state/view.ts";
import { Timeline } from "../timeline/Timeline.tsx";
import type { BarProps } from "./MovingBar.tsx";
import { IovaPanel, ObjectsPanel, PasidPanel } from "./DiagramPanels.tsx";
import { expectedPlot } from "./room.ts";
import { Tabs } from "./Tabs.tsx";

/** The diagrams stand first; these follow at once, or when two forms are compared. */
const WhyPanel = later(() => import("../why/WhyPanel.tsx").then((module) => module.WhyPanel), <Panel name="Why this answer" className="panel-why">{null}</Panel>);
const Columns = later(() => import("../compare/Columns.tsx").then((module) => module.Columns));
const MovingBar = later(() => import("./MovingBar.tsx").then((module) => module.default));
const OneSide = later(() => import("../compare/OneSide.tsx").then((module) => module.OneSide));

function useTrace(): TraceKind {
  return useSession((state) => state.loaded?.trace ?? "iommufd");
}

/** A bar between two panels; it can be moved as soon as the diagrams stand. */
function Bar(props: BarProps) {
  return <MovingBar {...props} meanwhile={<div className={`separator separator-${props.orientation}`} />} />;
}

/** Calls of several CPUs stand in columns of their own. */
function useLanes(): string {
  return useSession((state) => (state.loaded?.lanes ? " panels-lanes" : ""));
}

/** Ids alone: neither objects nor a space of addresses will come. */
function useIdsAlone(): boolean {
  const forIds = useTrace() === "ioasid";
  return useOfFrame((frame) => forIds && frame !== null && frame.graph.nodes.length === 0 && frame.iova === null);
}

/** Five panels, side by side. */
function Wide() {
  const trace = useTrace();
  const chosen = useView((state) => state.sizes);
  const sizes = sizesFor(chosen, trace);
  const middle = useRef<HTMLDivElement>(null);
  const lanes = useLanes();
  const idsAlone = useIdsAlone();
  const pasids = useSession((state) => state.loaded?.pasids ?? true);
  const [asked, setAsked] = useState(false);
  const rail = !pasids && !asked;
  return (
    <div className={`panels${lanes}`} style={{ "--calls-w": `${sizes.calls}px`, "--why-w": `${sizes.why}px` } as CSSProperties}>
      <CallsPanel>
        <EditBar />
        <LessonSlot />
      </CallsPanel>
      <Bar name="calls" label="Width of Calls" orientation="vertical" grow={1} />
      <div
        className={`middle${idsAlone ? " middle-ids" : rail ? " middle-rail" : pasids ? "" : " middle-no-pasids"}`}
        ref={middle}
        style={{ "--top": `${sizes.top}fr`, "--rest": `${100 - sizes.top}fr`, "--pasid": `${sizes.pasid}fr`, "--objects": `${100 - sizes.pasid}fr` } as CSSProperties}
      >
        <ObjectsPanel compact={false} />
        {rail ? (
          <section className="panel panel-pasid" aria-label="PASID space">
            <button type="button" className="rail" title="What PASIDs are" onClick={() => setAsked(true)}>
              PASID space<span>none</span>
            </button>
          </section>
        ) : (
          <>
            <Bar name="pasid" label="Width of PASID space" orientation="vertical" grow={-1} unit={() => (middle.current?.clientWidth ?? 800) / 100} />
            <PasidPanel compact={false} />
          </>
        )}
        <Bar name="top" label="Height of the upper diagrams" orientation="horizontal" grow={1} unit={() => (middle.current?.clientHeight ?? 800) / 100} />
        <IovaPanel compact={false} room={expectedPlot({ width: innerWidth, height: innerHeight }, sizes)} />
      </div>
      <Bar name="why" label="Width of Why this answer" orientation="vertical" grow={-1} />
      <ComposerSlot>
        <WhyPanel />
      </ComposerSlot>
    </div>
  );
}

/** The calls, and two runs of them side by side. */
function WideCompare() {
  const trace = useTrace();
  const chosen = useView((state) => state.sizes);
  const lanes = useLanes();
  return (
    <div className={`panels panels-compare${lanes}`} style={{ "--calls-w": `${sizesFor(chosen, trace).calls}px` } as CSSProperties}>
      <CallsPanel>
        <EditBar />
        <LessonSlot />
      </CallsPanel>
      <Bar name="calls" label="Width of Calls" orientation="vertical" grow={1} />
      <Columns />
      <ComposerSlot />
    </div>
  );
}

/** One panel at a time. */
function Narrow() {
  const tab = useView((state) => state.tab);
  return (
    <>
      <Tabs />
      <div className="panels panels-one" role="tabpanel" id="tab-panel" aria-labelledby={`tab-${tab}`}>
        {tab === "calls" && (
          <CallsPanel>
            <EditBar />
          </CallsPanel>
        )}
        {tab === "objects" && <ObjectsPanel compact />}
        {tab === "pasids" && <PasidPanel compact />}
        {tab === "iova" && <IovaPanel compact />}
        {tab === "why" && <WhyPanel />}
      </div>
      <LessonSlot />
    </>
  );
}

/** What the first diagram would wait for, done while nothing waits. */
export { warmMeasure } from "../diagrams/common/text.ts";

export default function Workspace() {
  const narrow = useMedia(NARROW);
  // A scenario that is only changed keeps its panels as they are.
  const work = useSession((state) => state.work);
  const comparing = useSession((state) => state.compared !== null);
  const texting = useEdits((state) => state.text);
  const composing = useEdits((state) => state.composing !== null);
  const roomForTwo = useMedia("(min-width: 1140px)");
  const Layout = narrow ? Narrow : comparing && roomForTwo ? WideCompare : Wide;
  return (
    <div className={`workspace${narrow ? " workspace-narrow" : ""}${texting ? " is-texting" : ""}${composing ? " is-composing" : ""}`}>
      <Header />
      <main className={comparing && !roomForTwo ? "workspace-main main-compare" : "workspace-main"}>
        {comparing && !roomForTwo ? (
          <OneSide>
            <Layout key={work} />
          </OneSide>
        ) : (
          <Layout key={work} />
        )}
      </main>
      {narrow && <ComposerSlot />}
      <TextSlot />
      <Timeline />
    </div>
  );
}
