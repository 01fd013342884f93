/** Says, when a link has been made of what somebody pasted, what it holds besides, and offers to replace it. */
import { plural } from "../../base/format.ts";
import type { App } from "../app.ts";
import { PRIVATE } from "./kinds.ts";

/** Null: the scenario holds nothing of the sort. */
export async function privateText({ session }: Pick<App, "session">): Promise<string | null> {
  const found = (await session.engine.findScrub()).filter(({ kind }) => PRIVATE.includes(kind));
  if (found.length === 0) return null;
  const memory = found.find(({ kind }) => kind === "memory");
  const others = found.filter(({ kind }) => kind !== "memory").reduce((sum, { different }) => sum + different, 0);
  const parts = [memory && plural(memory.different, "address", "addresses") + " of the process's memory", others > 0 && plural(others, "name, path or number", "names, paths or numbers")].filter(Boolean);
  return `It holds ${parts.join(" and ")} from your log.`;
}
