import { lazy, Suspense } from "react";
import { useView } from "../app.ts";
import { Boundary } from "../parts/Boundary.tsx";

/** Fetched when they are opened: nobody needs one before the first diagram stands. */
const DIALOGS = {
  import: lazy(() => import("./ImportDialog.tsx").then((module) => ({ default: module.ImportDialog }))),
  platform: lazy(() => import("./PlatformDialog.tsx").then((module) => ({ default: module.PlatformDialog }))),
  report: lazy(() => import("./ReportDialog.tsx").then((module) => ({ default: module.ReportDialog }))),
  sequences: lazy(() => import("./SequencesDialog.tsx").then((module) => ({ default: module.SequencesDialog }))),
  lessons: lazy(() => import("./LessonsDialog.tsx").then((module) => ({ default: module.LessonsDialog }))),
  compare: lazy(() => import("../compare/CompareDialog.tsx").then((module) => ({ default: module.CompareDialog }))),
  plan: lazy(() => import("../plan/PlanDialog.tsx")),
  lines: lazy(() => import("../lines/LinesPanel.tsx")),
  scrub: lazy(() => import("../scrub/ScrubDialog.tsx")),
  find: lazy(() => import("../find/FindPanel.tsx")),
  library: lazy(() => import("../library/LibraryDialog.tsx")),
  palette: lazy(() => import("../palette/Palette.tsx")),
  settings: lazy(() => import("../settings/SettingsDialog.tsx")),
  until: lazy(() => import("../history/UntilDialog.tsx")),
  trust: lazy(() => import("../trust/TrustDialog.tsx")),
  write: lazy(() => import("../edit/WriteDialog.tsx")),
  "what-if": lazy(() => import("../edit/WhatIfDialog.tsx")),
  legend: lazy(() => import("../legend/LegendDialog.tsx")),
  picture: lazy(() => import("../pictures/PictureDialog.tsx")),
  share: lazy(() => import("../share/ShareDialog.tsx")),
  export: lazy(() => import("../share/ExportDialog.tsx")),
  help: lazy(() => import("./HelpDialog.tsx").then((module) => ({ default: module.HelpDialog }))),
} as const;

/** The dialog that is open; opening another one closes it. */
export function Dialogs() {
  const name = useView((state) => state.dialog);
  if (name === null) return null;
  const Open = DIALOGS[name];
  return (
    <Boundary what="This dialog" attempt={name}>
      <Suspense>
        {/* Tests find what is open by it, modal or not. */}
        <div className="dialog-slot" data-dialog={name}>
          <Open key={name} />
        </div>
      </Suspense>
    </Boundary>
  );
}
