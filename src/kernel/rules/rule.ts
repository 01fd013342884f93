import type { Errno } from "../errno.ts";

/** One check that the kernel makes: what must hold, and what a caller is told when it does not. */
export interface Rule {
  /** Stable id, kebab-case; the name people link to. */
  readonly id: string;
  /** The errno of a refusal; some rules have another one in some callers, given at the check. */
  readonly errno: Errno;
  /** What a refusal means, one sentence. */
  readonly meaning: string;
  /** What must hold, a short clause in the positive: "iova + length does not wrap". */
  readonly holds: string;
  /** The kernel function that makes the check. */
  readonly fn: string;
  /** What to do about it, one sentence; empty where nothing helps. */
  readonly advice: string;
}

type Plain = Omit<Rule, "id">;

/** Gives each rule of a table its id. */
export function defineRules<Table extends Record<string, Plain>>(table: Table): { readonly [Id in keyof Table]: Rule } {
  const rules: Record<string, Rule> = {};
  for (const [id, plain] of Object.entries(table)) rules[id] = { id, ...plain };
  return rules as { readonly [Id in keyof Table]: Rule };
}
