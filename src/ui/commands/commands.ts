/** Everything a person can do in the page. */
import { MARK } from "../../engine/views.ts";
import type { HistoryEntry } from "../history/entry.ts";
import type { LibraryEntry } from "../library/entry.ts";
import type { Edits } from "../state/edits.ts";
import type { Address } from "../state/address.ts";
import { messageOf, type Notices } from "../state/notices.ts";
import type { Session } from "../state/session.ts";
import type { ThemeChoice, View } from "../state/view.ts";
import { awaitField } from "../find/entry.ts";
import type { Command } from "./command.ts";

/** Longer links break in chat tools and mail programs. */
const LONGEST_PLAIN = 8000;

const NEXT_THEME: Record<ThemeChoice, ThemeChoice> = { auto: "dark", dark: "light", light: "auto" };

function nextMarked(marks: Uint8Array, step: number, direction: 1 | -1): number | null {
  for (let next = step + direction; next >= 1 && next <= marks.length; next += direction) if (marks[next - 1] !== MARK.ok) return next;
  return null;
}

const COMMAND_IDS = [
  "next", "previous", "play", "first", "last", "next-refusal", "previous-refusal", "next-different", "previous-different", "next-change", "previous-change",
  "until", "pin", "trust", "import", "export", "copy-step", "copy-link", "start-page", "platform",
  "report", "lines", "scrub", "sequences", "lessons", "compare", "plan", "first-difference", "find", "theme", "cancel", "clear", "library", "keep", "palette", "settings", "legend", "picture", "help",
  "write", "add-call", "edit-call", "duplicate-call", "delete-call", "move-up", "move-down", "text", "undo", "redo", "what-if",
] as const;
export type CommandId = (typeof COMMAND_IDS)[number];

export type Commands = Record<CommandId, Command>;

export function createCommands(parts: { session: Session; view: View; notices: Notices; address: Address; library: LibraryEntry; history: HistoryEntry; edits: Edits }): Commands {
  const { session, view, notices, address, library, history, edits } = parts;
  const at = () => session.store.getState();
  const isOpen = () => at().loaded !== null;
  const steps = () => at().loaded?.steps ?? 0;
  const report = (action: Promise<unknown>) => void action.catch((error: unknown) => notices.problem(messageOf(error)));
  const jump = (direction: 1 | -1) => {
    const target = nextMarked(at().loaded?.marks ?? new Uint8Array(), at().step, direction);
    if (target === null) notices.info(direction === 1 ? "No refused call after this one." : "No refused call before this one.");
    else void session.goto(target);
  };
  /** A step by hand takes over from playing. */
  const byHand = (step: number) => {
    session.play(false);
    void session.goto(step);
  };

  /** Marks the step on screen for comparison; a second time, on the same step, no more. */
  const pin = () => {
    history.pin(history.store.getState().pinned === at().step ? null : at().step);
    view.tab("why");
  };

  const onCall = () => isOpen() && at().step > 0;
  const compose = (mode: "insert" | "edit") => {
    session.play(false);
    edits.compose({ mode, at: at().step });
  };

  const plain: Record<CommandId, Omit<Command, "id" | "enabled"> & { enabled?: () => boolean }> = {
    next: { title: "Next step", group: "Steps", keys: ["ArrowRight", "]"], run: () => byHand(at().step + 1), enabled: () => isOpen() && at().step < steps() },
    previous: { title: "Previous step", group: "Steps", keys: ["ArrowLeft", "["], run: () => byHand(at().step - 1), enabled: () => isOpen() && at().step > 0 },
    play: { title: "Play or pause", group: "Steps", keys: [" "], run: () => session.play(!at().playing), enabled: isOpen },
    first: { title: "To the start", group: "Steps", keys: ["Home"], run: () => byHand(0), enabled: isOpen },
    last: { title: "To the last step", group: "Steps", keys: ["End"], run: () => byHand(steps()), enabled: isOpen },
    "next-refusal": { title: "Next refused or differing call", group: "Steps", keys: ["n"], run: () => jump(1), enabled: isOpen },
    "previous-refusal": { title: "Previous refused or differing call", group: "Steps", keys: ["p"], run: () => jump(-1), enabled: isOpen },
    "next-different": { title: "Past this run of equal calls", group: "Steps", keys: [">"], run: () => history.hunt({ kind: "different" }, "no other kind of call", 1), enabled: () => isOpen() && at().step < steps() },
    "previous-different": { title: "Back before this run of equal calls", group: "Steps", keys: ["<"], run: () => history.hunt({ kind: "different" }, "no other kind of call", -1), enabled: () => isOpen() && at().step > 1 },
    "next-change": { title: "Next change of what is marked", group: "Steps", keys: ["}"], run: () => history.huntMarked(1), enabled: () => isOpen() && view.store.getState().selection !== null },
    "previous-change": { title: "Previous change of what is marked", group: "Steps", keys: ["{"], run: () => history.huntMarked(-1), enabled: () => isOpen() && view.store.getState().selection !== null },
    until: { title: "Run until…", group: "Steps", keys: ["u"], run: () => view.open("until"), enabled: isOpen },
    pin: { title: "Compare other steps with this one", group: "Steps", keys: ["m"], run: () => pin(), enabled: isOpen },
    trust: { title: "What stands behind the answers", group: "View", keys: ["b"], run: () => view.open("trust") },
    import: { title: "Import", group: "Scenario", keys: ["i"], run: () => view.open("import"), enabled: isOpen },
    export: { title: "Export", group: "Scenario", keys: ["e"], run: () => view.open("export"), enabled: isOpen },
    "copy-step": { title: "Copy this step as Markdown", group: "Scenario", keys: [], run: () => report(copyStep()), enabled: () => isOpen() && at().step > 0 },
    "copy-link": { title: "Copy link", group: "Scenario", keys: ["c"], run: () => report(copyLink()), enabled: isOpen },
    "start-page": { title: "Start page", group: "Scenario", keys: [], run: () => address.leave(), enabled: isOpen },
    platform: { title: "Change the platform", group: "Scenario", keys: [], run: () => view.open("platform"), enabled: isOpen },
    report: { title: "What was understood", group: "Scenario", keys: [], run: () => view.open("report"), enabled: () => at().reading !== null },
    lines: { title: "The text, line by line", group: "Scenario", keys: ["q"], run: () => view.open("lines"), enabled: () => at().reading !== null },
    scrub: { title: "Scrub: replace addresses and names", group: "Scenario", keys: [], run: () => view.open("scrub"), enabled: isOpen },
    sequences: { title: "Choose a sequence", group: "Scenario", keys: ["s"], run: () => view.open("sequences"), enabled: () => (at().reading?.sequences.length ?? 0) > 1 },
    lessons: { title: "Lessons", group: "Scenario", keys: ["l"], run: () => view.open("lessons") },
    compare: { title: "Compare with another form of the kernel", group: "Scenario", keys: ["v"], run: () => view.open("compare"), enabled: () => at().loaded?.forms.some((form) => !form.current) ?? false },
    plan: { title: "Will it fit?", group: "Scenario", keys: ["w"], run: () => view.open("plan") },
    "first-difference": { title: "To the first difference", group: "Steps", keys: ["d"], run: () => byHand(at().compared?.first?.step ?? at().step), enabled: () => (at().compared?.first ?? null) !== null },
    find: { title: "Find an address, an object, a rule, a call", group: "Scenario", keys: ["/"], run: () => (awaitField(), view.open("find")), enabled: isOpen },
    theme: { title: "Theme", group: "View", keys: ["t"], run: () => view.theme(NEXT_THEME[view.store.getState().themeChoice]) },
    cancel: { title: "Cancel what takes long", group: "View", keys: ["Escape"], run: () => session.cancel(), enabled: () => at().progress !== null },
    clear: { title: "Clear the selection", group: "View", keys: ["Escape"], run: () => view.select(null), enabled: () => view.store.getState().selection !== null },
    library: { title: "Your scenarios", group: "Scenario", keys: ["o"], run: () => (awaitField(), view.open("library")) },
    keep: { title: "Name and keep this scenario", group: "Scenario", keys: ["k"], run: () => library.askName(), enabled: isOpen },
    palette: { title: "Commands and places…", group: "View", keys: ["Mod+k"], anywhere: true, run: () => (awaitField(), view.open("palette")) },
    settings: { title: "Settings", group: "View", keys: [","], run: () => view.open("settings") },
    write: { title: "Write a scenario", group: "Edit", keys: [], run: () => view.open("write") },
    "add-call": { title: "Add a call after this step", group: "Edit", keys: ["a"], run: () => compose("insert"), enabled: isOpen },
    "edit-call": { title: "Change this call", group: "Edit", keys: ["r"], run: () => compose("edit"), enabled: onCall },
    "duplicate-call": { title: "Duplicate this call", group: "Edit", keys: ["y"], run: () => void edits.does("duplicate", at().step), enabled: onCall },
    "delete-call": { title: "Delete this call", group: "Edit", keys: ["Delete"], run: () => void edits.does("remove", at().step), enabled: onCall },
    "move-up": { title: "Move this call up", group: "Edit", keys: ["Mod+ArrowUp"], run: () => void edits.does("move", at().step, -1), enabled: () => at().step > 1 },
    "move-down": { title: "Move this call down", group: "Edit", keys: ["Mod+ArrowDown"], run: () => void edits.does("move", at().step, 1), enabled: () => onCall() && at().step < steps() },
    text: { title: "Edit as text", group: "Edit", keys: ["x"], run: () => edits.text(!edits.store.getState().text), enabled: isOpen },
    undo: { title: "Undo", group: "Edit", keys: ["Mod+z"], run: () => void edits.does("undo"), enabled: () => isOpen() && edits.store.getState().past.length > 0 },
    redo: { title: "Redo", group: "Edit", keys: ["Mod+Shift+z", "Mod+y"], run: () => void edits.does("redo"), enabled: () => isOpen() && edits.store.getState().future.length > 0 },
    "what-if": { title: "What if…", group: "Edit", keys: ["f"], run: () => view.open("what-if"), enabled: isOpen },
    legend: { title: "Legend", group: "View", keys: ["h"], run: () => view.open("legend") },
    picture: { title: "Save a picture", group: "Scenario", keys: ["g"], run: () => view.open("picture"), enabled: isOpen },
    help: { title: "Help", group: "View", keys: ["?"], run: () => view.open("help") },
  };

  async function copyLink(): Promise<void> {
    // Nothing that a chat tool would cut, and nothing that no link holds: those the dialog explains.
    const link = await address.link().catch(() => null);
    if (link === null || link.length > LONGEST_PLAIN) {
      view.open("share");
      return;
    }
    try {
      await navigator.clipboard.writeText(link);
      notices.info("Link copied. It holds the whole scenario, the step and the selection.");
    } catch {
      notices.problem("The browser did not let us write to the clipboard. The address bar holds the same link.");
      return;
    }
    await offerScrub();
  }

  /** What a log brought in may say more than its owner wants to share. */
  async function offerScrub(): Promise<void> {
    if (at().reading === null) return;
    const { privateText } = await import("../scrub/offer.ts");
    const text = await privateText({ session });
    if (text !== null) notices.info(`Link copied. ${text}`, { title: "Replace…", run: () => view.open("scrub") });
  }

  async function copyStep(): Promise<void> {
    const { copyStepText } = await import("../share/copy-step.ts");
    await copyStepText({ session, address, notices });
  }

  return Object.fromEntries(Object.entries(plain).map(([id, command]) => [id, { enabled: () => true, ...command, id }])) as Commands;
}
