/** A thing a person can do, once: buttons, keys and the help sheet all come from here. */
export const GROUPS = ["Steps", "Scenario", "View"] as const;

export interface Command {
  id: string;
  /** What it does, as a button says it. */
  title: string;
  group: (typeof GROUPS)[number];
  /** `KeyboardEvent.key` values, each enough by itself; the first is the one shown. */
  keys: readonly string[];
  run: () => void;
  enabled: () => boolean;
}

const KEY_NAMES: Record<string, string> = { ArrowRight: "→", ArrowLeft: "←", " ": "space", Escape: "Esc" };

/** A key as people read it. */
export function keyName(key: string): string {
  return KEY_NAMES[key] ?? key;
}
