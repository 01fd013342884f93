/** Everything a person can do in the page. */
import { MARK } from "../../engine/views.ts";
import type { Address } from "../state/address.ts";
import { messageOf, type Notices } from "../state/notices.ts";
import type { Session } from "../state/session.ts";
import type { ThemeChoice, View } from "../state/view.ts";
import { saveFile, slug } from "../parts/save-file.ts";
import type { Command } from "./command.ts";

const NEXT_THEME: Record<ThemeChoice, ThemeChoice> = { auto: "dark", dark: "light", light: "auto" };

function nextMarked(marks: Uint8Array, step: number, direction: 1 | -1): number | null {
  for (let next = step + direction; next >= 1 && next <= marks.length; next += direction) if (marks[next - 1] !== MARK.ok) return next;
  return null;
}

const COMMAND_IDS = [
  "next", "previous", "play", "first", "last", "next-refusal", "previous-refusal", "import", "export", "copy-link", "start-page", "platform",
  "report", "sequences", "lessons", "compare", "plan", "first-difference", "theme", "clear", "help",
] as const;
export type CommandId = (typeof COMMAND_IDS)[number];

export type Commands = Record<CommandId, Command>;

export function createCommands(parts: { session: Session; view: View; notices: Notices; address: Address }): Commands {
  const { session, view, notices, address } = parts;
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

  const plain: Record<CommandId, Omit<Command, "id" | "enabled"> & { enabled?: () => boolean }> = {
    next: { title: "Next step", group: "Steps", keys: ["ArrowRight", "]"], run: () => byHand(at().step + 1), enabled: () => isOpen() && at().step < steps() },
    previous: { title: "Previous step", group: "Steps", keys: ["ArrowLeft", "["], run: () => byHand(at().step - 1), enabled: () => isOpen() && at().step > 0 },
    play: { title: "Play", group: "Steps", keys: [" "], run: () => session.play(!at().playing), enabled: isOpen },
    first: { title: "To the start", group: "Steps", keys: ["Home"], run: () => byHand(0), enabled: isOpen },
    last: { title: "To the last step", group: "Steps", keys: ["End"], run: () => byHand(steps()), enabled: isOpen },
    "next-refusal": { title: "Next refused or differing call", group: "Steps", keys: ["n"], run: () => jump(1), enabled: isOpen },
    "previous-refusal": { title: "Previous refused or differing call", group: "Steps", keys: ["p"], run: () => jump(-1), enabled: isOpen },
    import: { title: "Import", group: "Scenario", keys: ["i"], run: () => view.open("import"), enabled: isOpen },
    export: { title: "Export", group: "Scenario", keys: ["e"], run: () => report(exportScenario()), enabled: isOpen },
    "copy-link": { title: "Copy link", group: "Scenario", keys: ["c"], run: () => report(copyLink()), enabled: isOpen },
    "start-page": { title: "Start page", group: "Scenario", keys: [], run: () => address.leave(), enabled: isOpen },
    platform: { title: "Change the platform", group: "Scenario", keys: [], run: () => view.open("platform"), enabled: isOpen },
    report: { title: "What was understood", group: "Scenario", keys: [], run: () => view.open("report"), enabled: () => at().reading !== null },
    sequences: { title: "Choose a sequence", group: "Scenario", keys: ["s"], run: () => view.open("sequences"), enabled: () => (at().reading?.scenarios.length ?? 0) > 1 },
    lessons: { title: "Lessons", group: "Scenario", keys: ["l"], run: () => view.open("lessons") },
    compare: { title: "Compare with another form of the kernel", group: "Scenario", keys: ["v"], run: () => view.open("compare"), enabled: () => at().loaded?.forms.some((form) => !form.current) ?? false },
    plan: { title: "Will it fit?", group: "Scenario", keys: ["w"], run: () => view.open("plan") },
    "first-difference": { title: "To the first difference", group: "Steps", keys: ["d"], run: () => byHand(at().compared?.first?.step ?? at().step), enabled: () => (at().compared?.first ?? null) !== null },
    theme: { title: "Theme", group: "View", keys: ["t"], run: () => view.theme(NEXT_THEME[view.store.getState().themeChoice]) },
    clear: { title: "Clear the selection", group: "View", keys: ["Escape"], run: () => view.select(null), enabled: () => view.store.getState().selection !== null },
    help: { title: "Help", group: "View", keys: ["?"], run: () => view.open("help") },
  };

  async function copyLink(): Promise<void> {
    const link = await address.link();
    try {
      await navigator.clipboard.writeText(link);
      notices.info("Link copied. It holds the whole scenario, the step and the selection.");
    } catch {
      notices.problem("The browser did not let us write to the clipboard. The address bar holds the same link.");
    }
  }

  async function exportScenario(): Promise<void> {
    const scenario = await session.engine.scenario();
    saveFile(`${slug(scenario.title)}.json`, "application/json", JSON.stringify(scenario, null, 1) + "\n");
    notices.info("Scenario saved. Import it, here or elsewhere, to open it again.");
  }

  return Object.fromEntries(Object.entries(plain).map(([id, command]) => [id, { enabled: () => true, ...command, id }])) as Commands;
}
