/** Which space, which scale, how near. */
import type { SpaceSummary } from "../../../engine/views.ts";
import { plural } from "../../../base/format.ts";
import type { Scale } from "./viewport.ts";

interface ToolbarProps {
  spaces: readonly SpaceSummary[];
  space: string;
  scale: Scale;
  note: string;
  whole: boolean;
  compact: boolean;
  onSpace: (key: string) => void;
  onScale: (scale: Scale) => void;
  onZoom: (factor: number) => void;
  onAll: () => void;
}

export function Toolbar({ spaces, space, scale, note, whole, compact, onSpace, onScale, onZoom, onAll }: ToolbarProps) {
  return (
    <div className="dg-toolbar">
      {spaces.length > 1 ? (
        <fieldset className="dg-tabs" aria-label="address space">
          {spaces.map((each) => (
            <button key={each.key} type="button" aria-pressed={each.key === space} title={plural(each.mappings, "mapping")} onClick={() => onSpace(each.key)}>
              {each.label}
            </button>
          ))}
        </fieldset>
      ) : (
        <strong className="dg-space">{spaces[0]?.label ?? ""}</strong>
      )}
      <span className="dg-note">{compact && whole ? "" : note}</span>
      <div className="dg-tools">
        <fieldset className="dg-tabs" aria-label="scale of the axis">
          <button type="button" aria-pressed={scale === "folded"} onClick={() => onScale("folded")}>
            Folded
          </button>
          <button type="button" aria-pressed={scale === "linear"} onClick={() => onScale("linear")}>
            Linear
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
