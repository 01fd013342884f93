import { memo, useLayoutEffect, useRef } from "react";
import { groupedHex, humanSize } from "../../base/format.ts";
import { lengthOf } from "../../base/u64.ts";
import type { Frame, IovaView, StepDetail } from "../../engine/views.ts";
import { useApp, useSession, useView } from "../app.ts";
import { useFrame, useNamed } from "../compare/side.ts";
import { DiagnosisSlot } from "../diagnosis/DiagnosisSlot.tsx";
import { HistorySlot } from "../history/HistorySlot.tsx";
import { Errno } from "../parts/Errno.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Panel } from "../parts/Panel.tsx";
import { Marks } from "../parts/Refs.tsx";
import { usePainted } from "../parts/use-painted.ts";
import { marksRange, touches } from "../state/selection.ts";
import { Checks } from "./Checks.tsx";
import { Damage } from "./Damage.tsx";
import { Refusal } from "./Refusal.tsx";

const MOST_WINDOWS = 12;

function CallHead({ detail }: { detail: StepDetail }) {
  return (
    <div className="why-call">
      <h3 className="why-name">{detail.call}</h3>
      {detail.summary !== "" && <p className="why-summary">{detail.summary}</p>}
      <dl className="fields">
        {detail.fields.map((field) => (
          <div key={field.name}>
            <dt>{field.name}</dt>
            <dd>{field.value}</dd>
          </div>
        ))}
      </dl>
      {detail.out.length > 0 && (
        <dl className="fields fields-out" aria-label="Output">
          {detail.out.map((field) => (
            <div key={field.name}>
              <dt>→ {field.name}</dt>
              <dd>{field.value}</dd>
            </div>
          ))}
        </dl>
      )}
      {detail.note !== "" && (
        <p className="why-note">
          <Icon name="note" size={13} /> {detail.note}
        </p>
      )}
      {detail.given && <p className="why-given">{detail.given}</p>}
    </div>
  );
}

function Recorded({ recorded }: { recorded: NonNullable<StepDetail["recorded"]> }) {
  return (
    <div className={`recorded ${recorded.agrees ? "recorded-agrees" : "recorded-differs"}`}>
      <Icon name={recorded.agrees ? "check" : "differs"} size={12} />
      <p>
        <b>
          {recorded.source} · {recorded.agrees ? "agrees" : "differs"}
        </b>{" "}
        {recorded.text}
      </p>
    </div>
  );
}

function Effects({ detail }: { detail: StepDetail }) {
  const selection = useView((state) => state.selection);
  const effects = detail.effects.filter((effect) => effect.kind !== "damage");
  if (effects.length === 0) return <p className="why-plain">{detail.effects.length > 0 ? "Nothing else." : "Nothing. State after the call is the state before it."}</p>;
  return (
    <ul className="effects">
      {effects.map((effect, index) => (
        // Two effects may read alike; their order is their identity.
        <li key={`${index}:${effect.kind}`} className={`effect effect-${effect.kind}${touches(selection, effect.objects, effect.range) ? " marked" : ""}`}>
          <span>{effect.text}</span>
          <Marks objects={effect.objects} range={effect.range} />
        </li>
      ))}
    </ul>
  );
}

function ValidWindows({ iova }: { iova: IovaView }) {
  const { view } = useApp();
  const selection = useView((state) => state.selection);
  const zoomed = useSession((state) => state.query.window !== null);
  const title = zoomed ? "Valid windows in view" : "Valid windows now";
  const name = useNamed(title);
  const lane = iova.lanes.find((candidate) => candidate.kind === "valid");
  if (!lane) return null;
  const single = lane.spans.filter((span) => span.count === 1);
  const shown = single.slice(0, MOST_WINDOWS);
  return (
    <section className="why-section" aria-label={name}>
      <h3>
        {title} <span>{iova.label}</span>
      </h3>
      {lane.total === 0 && <p className="why-plain">None: nothing can be mapped here.</p>}
      <ul className="windows">
        {shown.map((span) => (
          <li key={span.key}>
            <button type="button" className="ref ref-window" aria-pressed={marksRange(selection, span)} onClick={() => view.select({ range: { first: span.first, last: span.last } })}>
              <span>
                {groupedHex(span.first)} – {groupedHex(span.last)}
              </span>
              <span className="windows-size">{humanSize(lengthOf(span.first, span.last))}</span>
            </button>
          </li>
        ))}
      </ul>
      {lane.total > shown.length && !zoomed && <p className="why-plain">… {lane.total} in all</p>}
    </section>
  );
}

function Body({ frame }: { frame: Frame }) {
  const { detail, iova } = frame;
  const changed = useNamed("What changed");
  if (!detail) {
    return (
      <div className="why">
        <p className="why-plain">Before the first call. Press → to make it.</p>
        {iova && <ValidWindows iova={iova} />}
      </div>
    );
  }
  return (
    <div className="why">
      <CallHead detail={detail} />
      {detail.recorded && <Recorded recorded={detail.recorded} />}
      <Refusal key={detail.step} detail={detail} />
      <Damage detail={detail} />
      {detail.checks.length > 0 && (
        <div className="why-checks">
          <Checks key={detail.step} checks={detail.checks} />
        </div>
      )}
      <section className="why-section" aria-label={changed}>
        <h3>What changed</h3>
        <Effects detail={detail} />
      </section>
      {iova && <ValidWindows iova={iova} />}
    </div>
  );
}

const BodyOfStep = memo(Body);

/** The call on screen: what it asked, each check the kernel made, and what came of it. */
export function WhyPanel() {
  // The diagrams are painted first: the eye is there.
  const frame = usePainted(useFrame());
  const scrolled = useRef<HTMLDivElement>(null);
  const step = frame?.step;
  /** Asking an element where it is scrolled to costs a layout: it tells by itself. */
  const away = useRef(false);
  useLayoutEffect(() => {
    // Another call is read from its top.
    if (step !== undefined && away.current) scrolled.current?.scrollTo(0, 0);
  }, [step]);
  return (
    <Panel name="Why this answer" className="panel-why" aside={frame?.detail ? <Errno errno={frame.detail.errno} strong /> : undefined}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/prefer-tag-over-role -- a scrolled area must be reachable by keyboard */}
      <div className="panel-scroll" tabIndex={0} role="group" aria-label="Explanation" ref={scrolled} onScroll={(event) => (away.current = event.currentTarget.scrollTop > 0)}>
        <HistorySlot />
        <DiagnosisSlot />
        {frame && <BodyOfStep frame={frame} />}
      </div>
    </Panel>
  );
}
