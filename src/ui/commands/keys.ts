/** Which command a key press means. Keys belong first to whatever has the focus. */
import type { Command } from "./command.ts";

/** Inputs in which every key types. A range input only takes the keys that move it. */
const TYPING = "textarea, select, [contenteditable=''], [contenteditable='true'], input:not([type=range], [type=button], [type=checkbox], [type=radio])";
const MOVES_SLIDER: ReadonlySet<string> = new Set(["ArrowRight", "ArrowLeft", "Home", "End"]);
/** Things that the space bar presses. */
const PRESSED_BY_SPACE = "button, a[href], summary, [role=button], [role=tab], [role=option], input[type=checkbox], input[type=radio]";

export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  defaultPrevented: boolean;
  target: EventTarget | null;
}

/** The press as commands name it: "k", "Mod+k", "Mod+Shift+z". */
function chordOf({ key, ctrlKey, metaKey, shiftKey }: KeyPress): string {
  return ctrlKey || metaKey ? `Mod+${shiftKey ? "Shift+" : ""}${key.length === 1 ? key.toLowerCase() : key}` : key;
}

/** The command that a key press runs; null when the key belongs to somebody else. */
export function commandFor(commands: readonly Command[], press: KeyPress): Command | null {
  if (press.defaultPrevented || press.altKey) return null;
  const target = press.target as Partial<Element> | null;
  const within = (selector: string) => Boolean(target?.closest?.(selector));
  if (within("dialog[open]")) return null;
  const chord = chordOf(press);
  const typing = within(TYPING);
  if (within("input[type=range]") && MOVES_SLIDER.has(press.key)) return null;
  if (press.key === " " && within(PRESSED_BY_SPACE)) return null;
  return commands.find((command) => command.keys.includes(chord) && (!typing || (command.anywhere === true && chord !== press.key)) && command.enabled()) ?? null;
}

/** Listens to the whole page. */
export function listenToKeys(commands: readonly Command[]): void {
  window.addEventListener("keydown", (event) => {
    const command = commandFor(commands, event);
    if (!command) return;
    event.preventDefault();
    command.run();
  });
}
