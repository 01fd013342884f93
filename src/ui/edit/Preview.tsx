import { groupedHex, humanSize } from "../../base/format.ts";
import { lengthOf } from "../../base/u64.ts";
import type { Range } from "../../kernel/answer.ts";
import type { Tried } from "../../engine/views.ts";
import { Errno } from "../parts/Errno.tsx";
import { Marks } from "../parts/Refs.tsx";

/** Ranges offered as buttons. */
const MOST_FITS = 4;
const MOST_EFFECTS = 4;

/** Takes the part of a range that fits what is asked for. */
export interface Use {
  part: (fit: Range) => Range;
  take: (part: Range) => void;
}

/** What the answer will be, why, and what would work instead. */
export function Preview({ tried, onUse }: { tried: Tried | null; onUse: Use | null }) {
  const detail = tried?.detail ?? null;
  return (
    <section className="preview" aria-label="Answer" aria-live="polite">
      {!detail && <p className="quiet">The answer shows here when the call can be read.</p>}
      {detail && (
        <>
          <p className="preview-answer">
            Answer will be <Errno errno={detail.errno} strong />
            {detail.errno === "OK" && detail.out.length > 0 && <span className="preview-out">{detail.out.slice(0, 3).map(({ name, value }) => `${name} ${value}`).join(" · ")}</span>}
          </p>
          {detail.rule && <Refused detail={detail} onUse={onUse} />}
          {!detail.rule && detail.effects.length > 0 && (
            <ul className="preview-effects">
              {detail.effects.slice(0, MOST_EFFECTS).map((effect, index) => (
                // Two effects may say the same.
                <li key={`${index} ${effect.text}`}>{effect.text}</li>
              ))}
              {detail.effects.length > MOST_EFFECTS && <li className="quiet">and {detail.effects.length - MOST_EFFECTS} more changes</li>}
            </ul>
          )}
        </>
      )}
    </section>
  );
}

function Refused({ detail, onUse }: { detail: NonNullable<Tried["detail"]>; onUse: Use | null }) {
  const { rule, advice } = detail;
  const failed = detail.checks.findLast((check) => check.state === "failed");
  const fits = advice?.fits ?? [];
  return (
    <div className="preview-refused">
      <p>{rule?.meaning}</p>
      {failed && failed.note !== "" && <p>{failed.note}</p>}
      {failed && <Marks objects={failed.objects} range={failed.range} />}
      {advice && advice.text !== "" && <p className="preview-advice">{advice.text}</p>}
      {onUse && fits.length > 0 && (
        <div className="preview-fits" role="group" aria-label="Ranges that fit">
          {fits.slice(0, MOST_FITS).map((fit) => (
            <button key={String(fit.first)} type="button" className="button" onClick={() => onUse.take(onUse.part(fit))}>
              Use {groupedHex(onUse.part(fit).first)} <span className="quiet">{humanSize(lengthOf(onUse.part(fit).first, onUse.part(fit).last))}</span>
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
