import { useApp } from "../app.ts";
import { ChangeMark } from "../diagrams/common/changes.tsx";
import { Dialog } from "../parts/Dialog.tsx";
import { DIAGRAM_NAMES, DIAGRAMS } from "../pictures/diagram.ts";
import { LEGEND } from "./entries.ts";
import { SampleSvg } from "./Samples.tsx";
import "../styles/legend.css";

const CHANGES = [
  { change: "born", name: "new", teaches: "Came to be with this step." },
  { change: "changed", name: "changed", teaches: "Was there before and is another now." },
  { change: "gone", name: "gone", teaches: "Ended with this step; listed below the drawing." },
] as const;

/** What every colour, texture and mark means. */
export default function LegendDialog() {
  const { view } = useApp();
  return (
    <Dialog title="Legend" wide onClose={() => view.open(null)}>
      <div className="legend">
        {DIAGRAMS.map((diagram) => (
          <section key={diagram}>
            <h3>{DIAGRAM_NAMES[diagram]}</h3>
            <ul>
              {LEGEND.filter((entry) => entry.diagram === diagram).map((entry) => (
                <li key={entry.name}>
                  <span className="dg legend-sample">
                    <SampleSvg entry={entry} />
                  </span>
                  <span>
                    <b>{entry.name}</b> {entry.teaches}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        ))}
        <section>
          <h3>Marks of a step</h3>
          <ul>
            {CHANGES.map(({ change, name, teaches }) => (
              <li key={change}>
                <span className="dg legend-sample">
                  <svg width="16" height="16" viewBox="-8 -8 16 16" aria-hidden="true">
                    <ChangeMark change={change} x={0} y={0} />
                  </svg>
                </span>
                <span>
                  <b>{name}</b> {teaches}
                </span>
              </li>
            ))}
          </ul>
        </section>
      </div>
    </Dialog>
  );
}
