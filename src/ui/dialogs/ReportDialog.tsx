import { plural } from "../../base/format.ts";
import type { InputReport } from "../../engine/views.ts";
import { useApp, useSession } from "../app.ts";
import { CommandButton } from "../parts/CommandButton.tsx";
import { Dialog } from "../parts/Dialog.tsx";
import "../parts/more-icons.ts";

function Report({ report }: { report: InputReport }) {
  const { view } = useApp();
  return (
    <section className="report">
      <h3>
        {report.name} <span className="chip chip-plain">{report.format}</span>
      </h3>
      <p>
        {report.understood === report.lines
          ? `${report.lines === 1 ? "Its line was" : `All ${report.lines} lines were`} understood.`
          : `${report.understood} of ${plural(report.lines, "line")} understood, ${report.lines - report.understood} skipped.`}
      </p>
      {report.ignored.length > 0 && (
        <details open>
          <summary>Understood, but no step of its own</summary>
          <ul className="report-list">
            {report.ignored.map((entry) => (
              <li key={entry.why}>
                <span className="report-line">{entry.count} ×</span> {entry.why}
              </li>
            ))}
          </ul>
        </details>
      )}
      {report.skipped.length > 0 && (
        <details open>
          <summary>Skipped{report.skipped.length < report.lines - report.understood ? ` (the first ${report.skipped.length})` : ""}</summary>
          <ul className="report-list">
            {report.skipped.map((entry) => (
              <li key={entry.line}>
                <button type="button" className="report-line text-button" onClick={() => view.open("lines", `${report.name}:${entry.line}`)}>
                  line {entry.line}
                </button>{" "}
                {entry.why}
                <code>{entry.text}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

/** What was understood of the inputs, and what not. */
export function ReportDialog() {
  const { view } = useApp();
  const reading = useSession((state) => state.reading);
  if (!reading) return null;
  return (
    <Dialog title="What was understood" onClose={() => view.open(null)}>
      {reading.warnings.length > 0 && (
        <ul className="warnings">
          {reading.warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      <p className="report-text">
        <CommandButton id="lines" icon="text">
          Show the text, line by line
        </CommandButton>
      </p>
      {reading.reports.map((report, index) => (
        // Inputs may share a name.
        <Report key={`${index}:${report.name}`} report={report} />
      ))}
    </Dialog>
  );
}
