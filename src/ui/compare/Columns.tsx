import { useSession } from "../app.ts";
import { SharedAxis, type SharedAxisState } from "../diagrams/common/shared-axis.ts";
import { WhyPanel } from "../why/WhyPanel.tsx";
import { IovaPanel, ObjectsPanel, PasidPanel } from "../workspace/DiagramPanels.tsx";
import { CompareBar } from "./CompareBar.tsx";
import { KindChip } from "./CompareDialog.tsx";
import { sameForm } from "./same-form.ts";
import { diagramsOf, type Diagram } from "./shown-diagrams.ts";
import { SideContext, type Side } from "./side.ts";
import { useSharedAxis } from "./use-shared-axis.ts";

const PANELS = { pasids: PasidPanel, objects: ObjectsPanel, iova: IovaPanel } as const;
/** Diagrams that a column has room for. */
const MOST_DIAGRAMS = 2;

/** The name of one side's form, and what it is. */
export function SideTitle({ side }: { side: Side }) {
  const compared = useSession((state) => state.compared);
  const forms = useSession((state) => state.loaded?.forms ?? []);
  const form = forms.find((candidate) => compared !== null && (side === "right" ? sameForm(candidate.target, compared.target) : candidate.current && candidate.name === compared.left));
  return (
    <>
      <span className="side-tag">{side === "left" ? "Left" : "Right"}</span>
      <b>{side === "left" ? compared?.left : compared?.right}</b>
      {form && <KindChip form={form} />}
    </>
  );
}

function Column({ side, diagrams, axis }: { side: Side; diagrams: Diagram[]; axis: SharedAxisState }) {
  return (
    <section className="side" aria-label={side === "left" ? "Left" : "Right"}>
      <header className="side-head">
        <SideTitle side={side} />
      </header>
      <SideContext value={side}>
        <SharedAxis value={axis}>
          {diagrams.map((diagram) => {
            const Shown = PANELS[diagram];
            return <Shown key={diagram} compact={false} />;
          })}
        </SharedAxis>
        <WhyPanel />
      </SideContext>
    </section>
  );
}

/** Two runs of the same calls, column by column; equal things stand at equal height. */
export function Columns() {
  const frame = useSession((state) => state.frame);
  const forIds = useSession((state) => state.loaded?.trace === "ioasid");
  // Forms of iommufd differ in what becomes of objects.
  const aboutObjects = useSession((state) => state.compared?.target.iommufd !== undefined);
  const shown = diagramsOf(frame, forIds).slice(0, MOST_DIAGRAMS);
  const diagrams = aboutObjects ? shown.toSorted((left, right) => Number(right === "objects") - Number(left === "objects")) : shown;
  const axes = useSharedAxis();
  return (
    <div className="compare">
      <CompareBar />
      <div className={diagrams.includes("iova") ? "sides sides-iova" : "sides"} data-diagrams={diagrams.length} data-about={aboutObjects ? "objects" : undefined}>
        <Column side="left" diagrams={diagrams} axis={axes.left} />
        <Column side="right" diagrams={diagrams} axis={axes.right} />
      </div>
    </div>
  );
}
