import { useView } from "../app.ts";
import { Boundary } from "../parts/Boundary.tsx";
import { later } from "../parts/later.tsx";

/** Fetched when they are opened: nobody needs one before the first diagram stands. */
const DIALOGS = {
  import: later(() => import("./ImportDialog.tsx").then((module) => module.ImportDialog)),
  platform: later(() => import("./PlatformDialog.tsx").then((module) => module.PlatformDialog)),
  report: later(() => import("./ReportDialog.tsx").then((module) => module.ReportDialog)),
  sequences: later(() => import("./SequencesDialog.tsx").then((module) => module.SequencesDialog)),
  lessons: later(() => import("./LessonsDialog.tsx").then((module) => module.LessonsDialog)),
  compare: later(() => import("../compare/CompareDialog.tsx").then((module) => module.CompareDialog)),
  plan: later(() => import("../plan/PlanDialog.tsx").then((module) => module.default)),
  lines: later(() => import("../lines/LinesPanel.tsx").then((module) => module.default)),
  scrub: later(() => import("../scrub/ScrubDialog.tsx").then((module) => module.default)),
  find: later(() => import("../find/FindPanel.tsx").then((module) => module.default)),
  library: later(() => import("../library/LibraryDialog.tsx").then((module) => module.default)),
  palette: later(() => import("../palette/Palette.tsx").then((module) => module.default)),
  settings: later(() => import("../settings/SettingsDialog.tsx").then((module) => module.default)),
  until: later(() => import("../history/UntilDialog.tsx").then((module) => module.default)),
  trust: later(() => import("../trust/TrustDialog.tsx").then((module) => module.default)),
  write: later(() => import("../edit/WriteDialog.tsx").then((module) => module.default)),
  "what-if": later(() => import("../edit/WhatIfDialog.tsx").then((module) => module.default)),
  legend: later(() => import("../legend/LegendDialog.tsx").then((module) => module.default)),
  picture: later(() => import("../pictures/PictureDialog.tsx").then((module) => module.default)),
  share: later(() => import("../share/ShareDialog.tsx").then((module) => module.default)),
  export: later(() => import("../share/ExportDialog.tsx").then((module) => module.default)),
  help: later(() => import("./HelpDialog.tsx").then((module) => module.HelpDialog)),
} as const;

/** The dialog that is open; opening another one closes it. */
export function Dialogs() {
  const name = useView((state) => state.dialog);
  if (name === null) return null;
  const Open = DIALOGS[name];
  return (
    <Boundary what="This dialog" attempt={name}>
      {/* Tests find what is open by it, modal or not. */}
      <div className="dialog-slot" data-dialog={name}>
        <Open key={name} />
      </div>
    </Boundary>
  );
}
