import type { Frame } from "../../../engine/views.ts";
import type { Selection } from "../../state/selection.ts";

/** What every diagram gets. */
export interface DiagramProps {
  frame: Frame;
  selection: Selection | null;
  onSelect: (selection: Selection | null) => void;
  hover: Selection | null;
  onHover: (selection: Selection | null) => void;
  /** A narrow screen: titles above, everything in one column. */
  compact: boolean;
}
