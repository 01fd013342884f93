/** What the palette offers, and how words find it. */
import type { App } from "../app.ts";
import type { Command } from "../commands/command.ts";
import { messageOf } from "../state/notices.ts";

export const PALETTE_GROUPS = ["Go to", "Commands", "Objects here", "Your scenarios", "Lessons", "Examples"] as const;
export type PaletteGroup = (typeof PALETTE_GROUPS)[number];

export interface PaletteItem {
  id: string;
  group: PaletteGroup;
  title: string;
  /** Beside the title, quietly; words find it as well. */
  about: string;
  keys: readonly string[];
  run: () => void;
}

/** "goto 120", "step 120", "#120", or just the number. */
const STEP = /^(?:go\s*to|step|to|#)?\s*(\d{1,9})$/i;
/** So many of each group but commands, as long as nothing has been typed. */
const SOME = 5;
const MOST_SHOWN = 60;

function commandItem(command: Command): PaletteItem {
  return { id: `command:${command.id}`, group: "Commands", title: command.title, about: command.group, keys: command.keys.slice(0, 1), run: command.run };
}

/** All that is there without waiting: possible commands, and the objects of the step on screen. */
export function itemsAtHand({ commands, session, view }: App): PaletteItem[] {
  const objects = session.store.getState().frame?.graph.nodes.filter((node) => !node.crowd) ?? [];
  return [
    ...Object.values(commands)
      .filter((command) => command.id !== "palette" && command.enabled())
      .map(commandItem),
    ...objects.map((node): PaletteItem => ({ id: `object:${node.key}`, group: "Objects here", title: node.label, about: "mark it everywhere", keys: [], run: () => view.show({ key: node.key }) })),
  ];
}

/** What has to be fetched: kept scenarios, lessons, examples. What can't be fetched is left out. */
export function itemsToFetch(app: App): Promise<PaletteItem[]>[] {
  const problem = (error: unknown) => app.notices.problem(messageOf(error));
  const kept = async (): Promise<PaletteItem[]> => {
    if (!app.library.hasAny()) return [];
    const keeper = await app.library.keeper();
    return (await keeper.shelf.list()).map((record) => ({
      id: `kept:${record.id}`, group: "Your scenarios", title: record.title, about: record.named ? "named" : "recent", keys: [], run: () => void keeper.open(record.id).catch(problem),
    }));
  };
  const lessons = async (): Promise<PaletteItem[]> => {
    const library = await import("../lessons/library.ts");
    return library.lessons.map((lesson) => ({
      id: `lesson:${lesson.id}`, group: "Lessons", title: lesson.title, about: lesson.summary, keys: [], run: () => void app.lessons.open(lesson.id, 1, "push").catch(problem),
    }));
  };
  const examples = async (): Promise<PaletteItem[]> => {
    const [list, { openExample }] = await Promise.all([import("../../scenario/examples/examples.ts"), import("../start/open-example.ts")]);
    return list.examples.map((example) => ({ id: `example:${example.id}`, group: "Examples", title: example.title, about: example.subtitle, keys: [], run: () => void openExample(app, example) }));
  };
  return [kept(), lessons(), examples()].map((items) => items.catch(() => []));
}

/** How well a word fits: 0 not at all. */
function fit(word: string, { title, about }: PaletteItem): number {
  const place = title.toLowerCase().indexOf(word);
  if (place === 0) return 4;
  if (place > 0) return /[\s\-_:(]/.test(title[place - 1] as string) ? 3 : 2;
  return about.toLowerCase().includes(word) ? 1 : 0;
}

/** The items that fit what was typed, group by group, the group with the best fit first. */
export function find(items: readonly PaletteItem[], typed: string, goTo: ((step: number) => void) | null): PaletteItem[] {
  const text = typed.trim().toLowerCase();
  if (text === "") {
    const taken = new Map<PaletteGroup, number>();
    return items.filter(({ group }) => {
      const count = (taken.get(group) ?? 0) + 1;
      taken.set(group, count);
      return group === "Commands" || count <= SOME;
    });
  }
  const number = goTo ? STEP.exec(text) : null;
  const step = Number(number?.[1]);
  const first: PaletteItem[] = number && goTo ? [{ id: "step", group: "Go to", title: `Step ${step}`, about: "", keys: [], run: () => goTo(step) }] : [];
  const words = text.split(/\s+/);
  const fitting = items
    .map((item) => {
      const fits = words.map((word) => fit(word, item));
      return { item, score: fits.includes(0) ? 0 : fits.reduce((sum, one) => sum + one, 0) };
    })
    .filter(({ score }) => score > 0)
    .sort((left, right) => right.score - left.score)
    .slice(0, MOST_SHOWN)
    .map(({ item }) => item);
  const order = [...new Set(fitting.map(({ group }) => group))];
  return [...first, ...order.flatMap((group) => fitting.filter((item) => item.group === group))];
}
