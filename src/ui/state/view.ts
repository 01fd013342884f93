/** How one person looks at the scenario: what is marked, the theme, sizes of panels, which dialog is open. */
import { createStore, type StoreApi } from "zustand/vanilla";
import { isJsonObject } from "../../base/json.ts";
import type { TraceKind } from "../../scenario/scenario.ts";
import { recall, remember } from "./memory.ts";
import { sameSelection, type Selection } from "./selection.ts";

export type ThemeChoice = "auto" | "light" | "dark";
/** Each is opened by the command of the same name. */
export const DIALOG_NAMES = ["import", "platform", "report", "sequences", "lessons", "compare", "plan", "find", "library", "palette", "write", "what-if", "settings", "until", "trust", "lines", "scrub", "legend", "picture", "share", "export", "help"] as const;
export type DialogName = (typeof DIALOG_NAMES)[number];
export type Tab = "calls" | "objects" | "pasids" | "iova" | "why";

/** Sizes of panels: `calls`, `why` in px; `top` and `pasid` as a share of the room, in percent. */
export interface Sizes {
  calls: number;
  why: number;
  top: number;
  pasid: number;
}

const USUAL: Sizes = { calls: 312, why: 344, top: 41, pasid: 30 };
/** Where the id space is the subject it gets the room. */
const USUAL_BY_TRACE: Partial<Record<TraceKind, Partial<Sizes>>> = { ioasid: { top: 75, pasid: 66 } };

/** The size of a panel nobody has resized. */
export function usualSize(name: keyof Sizes, trace: TraceKind): number {
  return USUAL_BY_TRACE[trace]?.[name] ?? USUAL[name];
}

/** Columns have one size for all scenarios, the shares of the diagrams one per family. */
function sizeKey(name: keyof Sizes, trace: TraceKind): string {
  return name === "calls" || name === "why" ? name : `${name}:${trace}`;
}

/** The sizes to lay a scenario out with. */
export function sizesFor(chosen: ViewState["sizes"], trace: TraceKind): Sizes {
  const size = (name: keyof Sizes) => chosen[sizeKey(name, trace)] ?? usualSize(name, trace);
  return { calls: size("calls"), why: size("why"), top: size("top"), pasid: size("pasid") };
}

export interface ViewState {
  selection: Selection | null;
  /** Counts the times that somebody asked to be taken to the selection. */
  shown: number;
  hover: Selection | null;
  themeChoice: ThemeChoice;
  /** Sizes that a person chose, by `sizeKey`. */
  sizes: Readonly<Record<string, number>>;
  dialog: DialogName | null;
  /** What the dialog was opened for, when it is about one thing of several. */
  about: string | null;
  /** The panel shown where there is room for one only. */
  tab: Tab;
}

export interface View {
  store: StoreApi<ViewState>;
  select(selection: Selection | null): void;
  /** Marks something and moves every diagram to it. */
  show(selection: Selection | null): void;
  hover(selection: Selection | null): void;
  resize(name: keyof Sizes, trace: TraceKind, size: number): void;
  theme(choice: ThemeChoice): void;
  open(dialog: DialogName | null, about?: string): void;
  tab(tab: Tab): void;
}

function rememberedSizes(): Record<string, number> {
  try {
    const stored: unknown = JSON.parse(recall("sizes") ?? "{}");
    if (!isJsonObject(stored)) return {};
    return Object.fromEntries(Object.entries(stored).filter((entry): entry is [string, number] => typeof entry[1] === "number" && Number.isFinite(entry[1])));
  } catch {
    return {};
  }
}

function rememberedTheme(): ThemeChoice {
  const stored = new URLSearchParams(globalThis.location?.search).get("theme") ?? recall("theme");
  return stored === "light" || stored === "dark" ? stored : "auto";
}

export function createView(): View {
  const store = createStore<ViewState>(() => ({
    selection: null, shown: 0, hover: null, themeChoice: rememberedTheme(), sizes: rememberedSizes(), dialog: null, about: null, tab: "calls",
  }));
  return {
    store,
    select: (selection) => {
      if (!sameSelection(selection, store.getState().selection)) store.setState({ selection });
    },
    show: (selection) => store.setState(({ shown }) => ({ selection, shown: shown + 1 })),
    hover: (hover) => {
      if (!sameSelection(hover, store.getState().hover)) store.setState({ hover });
    },
    resize: (name, trace, size) => {
      store.setState((state) => ({ sizes: { ...state.sizes, [sizeKey(name, trace)]: Math.round(size * 10) / 10 } }));
      remember("sizes", JSON.stringify(store.getState().sizes));
    },
    theme: (themeChoice) => {
      store.setState({ themeChoice });
      remember("theme", themeChoice === "auto" ? null : themeChoice);
    },
    open: (dialog, about) => store.setState({ dialog, about: about ?? null }),
    tab: (tab) => store.setState({ tab }),
  };
}
