import { lazy, Suspense } from "react";
import { useView } from "../app.ts";
import { CompareDialog } from "../compare/CompareDialog.tsx";
import { Boundary } from "../parts/Boundary.tsx";
import { HelpDialog } from "./HelpDialog.tsx";
import { ImportDialog } from "./ImportDialog.tsx";
import { LessonsDialog } from "./LessonsDialog.tsx";
import { ReportDialog } from "./ReportDialog.tsx";
import { SequencesDialog } from "./SequencesDialog.tsx";

/** The largest of them, and rarely opened: fetched when it is. */
const PlatformDialog = lazy(() => import("./PlatformDialog.tsx").then((module) => ({ default: module.PlatformDialog })));
const PlanDialog = lazy(() => import("../plan/PlanDialog.tsx"));

const DIALOGS = { import: ImportDialog, platform: PlatformDialog, report: ReportDialog, sequences: SequencesDialog, lessons: LessonsDialog, compare: CompareDialog, plan: PlanDialog, help: HelpDialog } as const;

/** The dialog that is open; opening another one closes it. */
export function Dialogs() {
  const name = useView((state) => state.dialog);
  if (name === null) return null;
  const Open = DIALOGS[name];
  return (
    <Boundary what="This dialog" attempt={name}>
      <Suspense>
        <Open key={name} />
      </Suspense>
    </Boundary>
  );
}
