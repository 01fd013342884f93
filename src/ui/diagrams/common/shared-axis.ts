/** When two IOVA diagrams stand side by side: one window for both, and folds that suit both. */
import { createContext } from "react";
import type { Lane } from "../../../engine/views.ts";
import type { Range } from "../../../kernel/answer.ts";

export interface SharedAxisState {
  /** The window of each space. */
  windows: ReadonlyMap<string, Range>;
  setWindows: (change: (now: ReadonlyMap<string, Range>) => ReadonlyMap<string, Range>) => void;
  /** The other diagram's lanes over the whole space: the axis folds where theirs have edges, too. */
  alsoFolds: readonly Lane[];
}

/** Null: a diagram stands alone. */
export const SharedAxis = createContext<SharedAxisState | null>(null);
