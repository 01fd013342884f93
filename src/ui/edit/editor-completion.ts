/** What may come next: calls, fields, values, names that calls above give. */
import { pickedCompletion, type Completion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import type { CallOffer, FieldOffer, Offers } from "../../engine/views.ts";
import { SETUP_KEYS } from "../../scenario/text/setup.ts";

export function completing(offers: Offers): (context: CompletionContext) => CompletionResult | null {
  const calls = new Map(offers.calls.map((offer) => [offer.call, offer]));
  const callNames = offers.calls.map((offer): Completion => ({ label: offer.call, detail: offer.summary, type: "function", boost: offer.reason === null ? 1 : 0, apply: withSpace(offer.call) }));

  return (context) => {
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    if (before.startsWith("#")) return null;
    const name = /^(?:[\w\s,]+ = )?(\w*)$/.exec(before);
    if (name && !/^\s/.test(before)) {
      const typed = name[1] ?? "";
      if (typed === "" && !context.explicit && !before.endsWith("= ")) return null;
      const keys = isInHead(context, line.number) ? ["title", ...SETUP_KEYS].map((key): Completion => ({ label: `${key}: `, type: "keyword" })) : [];
      return { from: context.pos - typed.length, options: before.includes(" = ") ? callNames : [...callNames, ...keys], validFor: /^\w*$/ };
    }
    const offer = offerOf(calls, statementBefore(context, line.number, before));
    const value = /(?:^|\s)([A-Za-z_][\w.]*)=([^\s"[{]*)$/.exec(before);
    if (value) return valueOptions(context, offer, value[1] as string, value[2] as string, namesAbove(context, line.number));
    const field = /\s(\w*)$/.exec(before);
    if (!offer || !field || (field[1] === "" && !context.explicit)) return null;
    const given = new Set([...before.matchAll(/([A-Za-z_][\w.]*)=/g)].map((match) => match[1]));
    const fields = offer.fields.filter(({ name: one }) => !given.has(one)).map((one): Completion => ({ label: `${one.name}=`, detail: one.takes, type: "property", boost: one.required ? 2 : one.seldom ? -1 : 0 }));
    return { from: context.pos - (field[1] ?? "").length, options: [...fields, ...namesAbove(context, line.number).map((label): Completion => ({ label, type: "variable" }))], validFor: /^\w*=?$/ };
  };
}

function withSpace(label: string): Completion["apply"] {
  return (view, completion, from, to) => {
    const next = view.state.sliceDoc(to, to + 1);
    const insert = next === " " ? label : `${label} `;
    view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length }, annotations: pickedCompletion.of(completion) });
  };
}

function isInHead(context: CompletionContext, line: number): boolean {
  for (let above = 1; above < line; above++) if (/^(\w+\s*=\s|[A-Z]{3,})/.test(context.state.doc.line(above).text)) return false;
  return true;
}

/** The call that a line, or an indented one below it, belongs to. */
function statementBefore(context: CompletionContext, line: number, before: string): string {
  let text = before;
  for (let above = line; /^\s/.test(text) && above > 1; above--) text = context.state.doc.line(above - 1).text;
  return text;
}

function offerOf(calls: ReadonlyMap<string, CallOffer>, text: string): CallOffer | undefined {
  return calls.get(/^(?:[\w\s,]+ = )?(\w+)/.exec(text)?.[1] ?? "");
}

function namesAbove(context: CompletionContext, line: number): string[] {
  const names: string[] = [];
  for (let above = 1; above < line; above++) {
    const bound = /^([A-Za-z_]\w*(?:\s*,\s*\w+)*)\s*=\s/.exec(context.state.doc.line(above).text)?.[1];
    if (bound !== undefined) names.push(...bound.split(/\s*,\s*/).filter((name) => name !== "_"));
  }
  return [...new Set(names)].toReversed();
}

function valueOptions(context: CompletionContext, offer: CallOffer | undefined, name: string, typed: string, names: string[]): CompletionResult | null {
  const field: FieldOffer | undefined = offer?.fields.find((one) => one.name === name);
  if (!field) return null;
  const last = field.form === "flags" ? (typed.split("|").at(-1) ?? "") : typed;
  const texts = field.form === "id" ? names : field.form === "yes-no" ? ["true", "false"] : field.values.map(({ text }) => text);
  const more = field.suggested !== "" && field.form !== "flags" && field.form !== "id" && !texts.includes(field.suggested) ? [field.suggested] : [];
  if (texts.length + more.length === 0) return null;
  return { from: context.pos - last.length, options: [...texts, ...more].map((label): Completion => ({ label, type: field.form === "id" ? "variable" : "constant" })), validFor: /^[\w./:-]*$/ };
}
