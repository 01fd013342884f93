/** What a page that frames iovascope may say to it. Everything is checked: the sender is a stranger. */
import { isJsonObject } from "../../base/json.ts";
import { parseU64 } from "../../base/u64.ts";
import { SPEEDS, type Speed } from "../state/player.ts";
import type { Selection } from "../state/selection.ts";
import type { ThemeChoice } from "../state/view.ts";

export const SHOWN = ["iova", "objects", "pasids"] as const;
export type Shown = (typeof SHOWN)[number];
export const THEMES: readonly ThemeChoice[] = ["auto", "light", "dark"];

export type Order =
  | { do: "goto"; step: number }
  | { do: "play"; playing: boolean; speed: Speed | null }
  | { do: "load"; link: string }
  | { do: "load"; text: string }
  | { do: "select"; selection: Selection | null }
  | { do: "theme"; theme: ThemeChoice }
  | { do: "show"; show: Shown }
  | { do: "link" }
  | { do: "state" };

/** Id of a request, returned with its answer. */
export type MessageId = string | number | null;

const MOST_TEXT = 16_000_000;
const MOST_LINK = 1_000_000;
const MOST_KEY = 300;
const MOST_STEP = 1e9;

/** Is this meant for us? Frames hear all sorts of messages. */
export function isForUs(data: unknown): data is Record<string, unknown> {
  return typeof data === "object" && data !== null && "iovascope" in data && "do" in data;
}

export function idOf(data: Record<string, unknown>): MessageId {
  const { id } = data;
  return (typeof id === "string" && id.length <= MOST_KEY) || (typeof id === "number" && Number.isFinite(id)) ? id : null;
}

/** The order that a message is. Throws an Error that names the field. */
export function readOrder(data: Record<string, unknown>): Order {
  if (data.iovascope !== 1) throw new Error(`iovascope is ${JSON.stringify(data.iovascope)}; this page speaks version 1`);
  switch (data.do) {
    case "goto": {
      const { step } = data;
      if (typeof step !== "number" || !Number.isInteger(step) || step < 0 || step > MOST_STEP) throw new Error("step must be a whole number from 0");
      return { do: "goto", step };
    }
    case "play": {
      const { playing = true, speed = null } = data;
      if (typeof playing !== "boolean") throw new Error("playing must be true or false");
      const known = SPEEDS.find((one) => one === speed) ?? null;
      if (speed !== null && known === null) throw new Error(`speed must be one of ${SPEEDS.join(", ")}`);
      return { do: "play", playing, speed: known };
    }
    case "load":
      return readLoad(data);
    case "select":
      return { do: "select", selection: readSelection(data) };
    case "theme": {
      const theme = THEMES.find((one) => one === data.theme);
      if (theme === undefined) throw new Error(`theme must be one of ${THEMES.join(", ")}`);
      return { do: "theme", theme };
    }
    case "show": {
      const show = SHOWN.find((one) => one === data.show);
      if (show === undefined) throw new Error(`show must be one of ${SHOWN.join(", ")}`);
      return { do: "show", show };
    }
    case "link":
      return { do: "link" };
    case "state":
      return { do: "state" };
    default:
      throw new Error("do must be one of goto, play, load, select, theme, show, link, state");
  }
}

function readLoad({ link, text, scenario }: Record<string, unknown>): Order {
  if ([link, text, scenario].filter((given) => given !== undefined).length !== 1) throw new Error("load takes one of link, text and scenario");
  if (link !== undefined) {
    const fragment = typeof link === "string" && link.length <= MOST_LINK ? /#.+$/s.exec(link)?.[0] : undefined;
    if (fragment === undefined) throw new Error('link must be text with a "#" part');
    return { do: "load", link: fragment };
  }
  if (scenario !== undefined && !isJsonObject(scenario)) throw new Error("scenario must be an object");
  const content = scenario === undefined ? text : JSON.stringify(scenario);
  if (typeof content !== "string") throw new Error("text must be text");
  if (content.length > MOST_TEXT) throw new Error(`text has ${content.length} characters; at most ${MOST_TEXT} are read`);
  return { do: "load", text: content };
}

function readSelection({ key, range }: Record<string, unknown>): Selection | null {
  if (key === undefined && range === undefined) return null;
  if (key !== undefined && range !== undefined) throw new Error("select takes key or range, not both");
  if (key !== undefined) {
    if (typeof key !== "string" || key === "" || key.length > MOST_KEY) throw new Error("key must be an object’s key, “ioas:3/1”");
    return { key };
  }
  const { first, last } = isJsonObject(range) ? range : {};
  const from = typeof first === "string" ? parseU64(first) : null;
  const to = typeof last === "string" ? parseU64(last) : null;
  if (from === null || to === null || from > to) throw new Error('range must be { first: "0x…", last: "0x…" }, last inclusive');
  return { range: { first: from, last: to } };
}
