/** Which spaces, which scale, how near; the ruler. */
import { useCallback, useState } from "react";
import type { SpaceSummary } from "../../../engine/views.ts";
import { plural } from "../../../base/format.ts";
import { later } from "../../parts/later.tsx";
import type { Scale } from "./viewport.ts";

const SpacePicker = later(() => import("./SpacePicker.tsx").then((module) => module.default));

/** More spaces than this are chosen from a list. */
const MOST_TABS = 5;
const SCALES: readonly [scale: Scale, name: string][] = [
  ["folded", "Folded"],
  ["linear", "Linear"],
  ["log", "Log"],
];

interface ToolbarProps {
  spaces: readonly SpaceSummary[];
  space: string;
  also: readonly string[];
  scale: Scale;
  note: string;
  whole: boolean;
  compact: boolean;
  ruler: boolean;
  /** Has each of many contributors a lane of its own? Null: there are only a few. */
  unfolded: boolean | null;
  onSpace: (key: string) => void;
  onAlso: (also: string[]) => void;
  onScale: (scale: Scale) => void;
  onZoom: (factor: number) => void;
  onAll: () => void;
  onRuler: () => void;
  onFold: () => void;
}

export function Toolbar({ spaces, space, also, scale, note, whole, compact, ruler, unfolded, onSpace, onAlso, onScale, onZoom, onAll, onRuler, onFold }: ToolbarProps) {
  return (
    <div className="dg-toolbar">
      <Spaces spaces={spaces} space={space} onSpace={onSpace} />
      {spaces.length > 1 && <Beside spaces={spaces} space={space} also={also} onAlso={onAlso} />}
      {unfolded !== null && (
        <button type="button" className="dg-beside-button" aria-pressed={unfolded} title="a lane for each device" onClick={onFold}>
          {unfolded ? "Fewer lanes" : "All lanes"}
        </button>
      )}
      <span className="dg-note">{compact && whole ? "" : note}</span>
      <div className="dg-tools">
        <fieldset className="dg-tabs" aria-label="scale of the axis">
          {SCALES.map(([each, name]) => (
            <button key={each} type="button" aria-pressed={scale === each} onClick={() => onScale(each)}>
              {name}
            </button>
          ))}
        </fieldset>
        <fieldset className="dg-tabs" aria-label="tools">
          <button type="button" aria-label="measure a distance" title="measure: drag with Shift, or R" aria-pressed={ruler} onClick={onRuler}>
            <svg className="dg-icon" viewBox="0 0 16 16" width="13" height="13" aria-hidden="true">
              <path d="M1 5h14v6H1zM4 5v3M7 5v2M10 5v3M13 5v2" />
            </svg>
          </button>
        </fieldset>
        <fieldset className="dg-tabs" aria-label="zoom">
          <button type="button" aria-label="zoom out" title="zoom out (−)" onClick={() => onZoom(0.5)}>
            −
          </button>
          <button type="button" aria-label="zoom in" title="zoom in (+)" onClick={() => onZoom(2)}>
            +
          </button>
          <button type="button" aria-label="show the whole space" title="whole space (0)" disabled={whole} onClick={onAll}>
            All
          </button>
        </fieldset>
      </div>
    </div>
  );
}

function Spaces({ spaces, space, onSpace }: Pick<ToolbarProps, "spaces" | "space" | "onSpace">) {
  if (spaces.length <= 1) return <strong className="dg-space">{spaces[0]?.label ?? ""}</strong>;
  if (spaces.length > MOST_TABS) {
    return (
      <select className="dg-select" aria-label="address space" value={space} onChange={(event) => onSpace(event.currentTarget.value)}>
        {spaces.map((each) => (
          <option key={each.key} value={each.key}>
            {each.label}
          </option>
        ))}
      </select>
    );
  }
  return (
    <fieldset className="dg-tabs" aria-label="address space">
      {spaces.map((each) => (
        <button key={each.key} type="button" aria-pressed={each.key === space} title={plural(each.mappings, "mapping")} onClick={() => onSpace(each.key)}>
          {each.label}
        </button>
      ))}
    </fieldset>
  );
}

function Beside(props: Pick<ToolbarProps, "spaces" | "space" | "also" | "onAlso">) {
  const [open, setOpen] = useState(false);
  const close = useCallback(() => setOpen(false), []);
  const others = props.also.filter((key) => key !== props.space).length;
  return (
    <div className="dg-beside">
      <button type="button" className="dg-beside-button" aria-expanded={open} title="further spaces on the same axis" onClick={() => setOpen(!open)}>
        {others === 0 ? "Beside…" : `+ ${others} beside`}
      </button>
      {open && <SpacePicker {...props} onClose={close} />}
    </div>
  );
}
