/** How one person looks at the scenario: what is marked, the theme, sizes of panels, which dialog is open. */
import { createStore, type StoreApi } from "zustand/vanilla";
import { recall, remember } from "./memory.ts";
import { sameSelection, type Selection } from "./selection.ts";

export type ThemeChoice = "auto" | "light" | "dark";
export type DialogName = "import" | "platform" | "report" | "sequences" | "help";
export type Tab = "calls" | "objects" | "pasids" | "iova" | "why";

/** Sizes of panels: `calls`, `why` in px; `top` and `pasid` as a share of the room, in percent. */
export interface Sizes {
  calls: number;
  why: number;
  top: number;
  pasid: number;
}

export const DEFAULT_SIZES: Sizes = { calls: 304, why: 344, top: 40, pasid: 40 };

export interface ViewState {
  selection: Selection | null;
  hover: Selection | null;
  themeChoice: ThemeChoice;
  sizes: Sizes;
  dialog: DialogName | null;
  /** The panel shown where there is room for one only. */
  tab: Tab;
}

export interface View {
  store: StoreApi<ViewState>;
  select(selection: Selection | null): void;
  hover(selection: Selection | null): void;
  resize(sizes: Partial<Sizes>): void;
  theme(choice: ThemeChoice): void;
  open(dialog: DialogName | null): void;
  tab(tab: Tab): void;
}

function rememberedSizes(): Sizes {
  try {
    const stored: unknown = JSON.parse(recall("sizes") ?? "{}");
    const sizes = { ...DEFAULT_SIZES };
    for (const name of Object.keys(sizes) as (keyof Sizes)[]) {
      const size = (stored as Partial<Sizes>)[name];
      if (typeof size === "number" && Number.isFinite(size)) sizes[name] = size;
    }
    return sizes;
  } catch {
    return { ...DEFAULT_SIZES };
  }
}

function rememberedTheme(): ThemeChoice {
  const stored = recall("theme");
  return stored === "light" || stored === "dark" ? stored : "auto";
}

export function createView(): View {
  const store = createStore<ViewState>(() => ({
    selection: null, hover: null, themeChoice: rememberedTheme(), sizes: rememberedSizes(), dialog: null, tab: "calls",
  }));
  return {
    store,
    select: (selection) => {
      if (!sameSelection(selection, store.getState().selection)) store.setState({ selection });
    },
    hover: (hover) => {
      if (!sameSelection(hover, store.getState().hover)) store.setState({ hover });
    },
    resize: (sizes) => {
      store.setState((state) => ({ sizes: { ...state.sizes, ...sizes } }));
      remember("sizes", JSON.stringify(store.getState().sizes));
    },
    theme: (themeChoice) => {
      store.setState({ themeChoice });
      remember("theme", themeChoice === "auto" ? null : themeChoice);
    },
    open: (dialog) => store.setState({ dialog }),
    tab: (tab) => store.setState({ tab }),
  };
}
