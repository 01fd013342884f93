/** A thing a person can do, once: buttons, keys and the help sheet all come from here. */
export const GROUPS = ["Steps", "Scenario", "Edit", "View"] as const;

export interface Command {
  id: string;
  /** What it does, as a button says it. */
  title: string;
  group: (typeof GROUPS)[number];
  /**
   * `KeyboardEvent.key` values, each enough by itself; the first is the one shown. "Mod+k": with Ctrl, or ⌘ on a Mac;
   * "Mod+Shift+z": with Shift too.
   */
  keys: readonly string[];
  /** Its chords work while one types in a field as well. */
  anywhere?: boolean;
  run: () => void;
  enabled: () => boolean;
}

const KEY_NAMES: Record<string, string> = { ArrowRight: "→", ArrowLeft: "←", ArrowUp: "↑", ArrowDown: "↓", Delete: "Del", " ": "space", Escape: "Esc", Mod: "Ctrl" };

/** A key as people read it. */
export function keyName(key: string): string {
  if (!key.startsWith("Mod+")) return KEY_NAMES[key] ?? key;
  return key.split("+").map((part) => KEY_NAMES[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join("-");
}
