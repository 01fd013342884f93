/** The small part of Markdown that lessons use, as typed blocks. Never HTML: what is not known stays text. */
import { parseClaim, type Claim } from "./claim.ts";
import type { Problems } from "../problem.ts";

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "strong"; content: Inline[] }
  | { kind: "emphasis"; content: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "term"; term: string; text: string; line: number }
  | { kind: "claim"; claim: Claim }
  | { kind: "link"; text: string; href: string; line: number };

/** Whose word a paragraph is. */
export type Mark = "review" | "analysis" | "posted" | "merged";
const MARKS: ReadonlySet<string> = new Set<Mark>(["review", "analysis", "posted", "merged"]);

export type Block =
  | { kind: "paragraph"; mark: Mark | null; content: Inline[] }
  | { kind: "list"; ordered: boolean; items: Inline[][] }
  | { kind: "lines"; text: string };

/** A line of the file, with its number from 1. */
export interface Line {
  text: string;
  number: number;
}

const INLINE = /`([^`]+)`|\{\{(.+?)\}\}(?!\})|\[\[([^\]|]+)(?:\|([^\]]+))?\]\]|\*\*([^*]+(?:\*[^*]+)*)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^)\s]+)\)/;

/** Reads the marks inside a paragraph. */
export function parseInline(text: string, line: number, problems: Problems): Inline[] {
  const content: Inline[] = [];
  let rest = text;
  for (let match = INLINE.exec(rest); match; match = INLINE.exec(rest)) {
    if (match.index > 0) content.push({ kind: "text", text: rest.slice(0, match.index) });
    content.push(inlineOf(match, line, problems));
    rest = rest.slice(match.index + match[0].length);
  }
  if (rest !== "") content.push({ kind: "text", text: rest });
  return content;
}

function inlineOf(match: RegExpExecArray, line: number, problems: Problems): Inline {
  const [whole, code, statement, term, termText, strong, emphasis, linkText, href] = match;
  if (code !== undefined) return { kind: "code", text: code };
  if (statement !== undefined) {
    const claim = parseClaim(statement, line);
    if (claim) return { kind: "claim", claim };
    problems.add(line, `"{{${statement}}}" is no statement: {{subject = value}} is, see docs/writing-lessons.md`);
    return { kind: "text", text: whole };
  }
  if (term !== undefined) return { kind: "term", term: term.trim().toLowerCase(), text: (termText ?? term).trim(), line };
  if (strong !== undefined) return { kind: "strong", content: parseInline(strong, line, problems) };
  if (emphasis !== undefined) return { kind: "emphasis", content: parseInline(emphasis, line, problems) };
  if (!/^(https:\/\/|#lesson=)/.test(href as string)) problems.add(line, `a link must start with https:// or #lesson=, not "${href}"`);
  return { kind: "link", text: linkText as string, href: href as string, line };
}

/** Reads paragraphs, lists and fenced lines (the fences of other kinds have been taken out already). */
export function parseBlocks(lines: readonly Line[], problems: Problems): Block[] {
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const { text, number } = lines[at] as Line;
    if (text.trim() === "") {
      at++;
    } else if (text.startsWith("```")) {
      const end = lines.findIndex((line, index) => index > at && line.text.startsWith("```"));
      blocks.push({ kind: "lines", text: lines.slice(at + 1, end < 0 ? undefined : end).map((line) => line.text).join("\n") });
      at = end < 0 ? lines.length : end + 1;
    } else if (text.startsWith("#")) {
      problems.add(number, "only steps have headings, with two signs: ## Title");
      at++;
    } else {
      const end = endOfBlock(lines, at);
      blocks.push(blockOf(lines.slice(at, end), problems));
      at = end;
    }
  }
  return blocks;
}

const ITEM = /^(?:[-*]|\d+\.)\s+/;

function endOfBlock(lines: readonly Line[], start: number): number {
  const list = ITEM.test((lines[start] as Line).text);
  let at = start + 1;
  while (at < lines.length) {
    const { text } = lines[at] as Line;
    if (text.trim() === "" || /^```|^#/.test(text)) break;
    if (ITEM.test(text) !== list && !(list && /^\s+\S/.test(text))) break;
    at++;
  }
  return at;
}

function blockOf(lines: readonly Line[], problems: Problems): Block {
  const first = lines[0] as Line;
  if (ITEM.test(first.text)) {
    const items: Line[] = [];
    for (const { text, number } of lines) {
      const last = items.at(-1);
      if (ITEM.test(text) || !last) items.push({ text: text.replace(ITEM, ""), number });
      else last.text += ` ${text.trim()}`;
    }
    return { kind: "list", ordered: /^\d/.test(first.text), items: items.map(({ text, number }) => parseInline(text, number, problems)) };
  }
  const mark = /^\[([a-z]+)\]\s+/.exec(first.text);
  const known = mark !== null && MARKS.has(mark[1] as string);
  if (mark && !known) problems.add(first.number, `"[${mark[1]}]" is none of [${[...MARKS].join("], [")}]`);
  // Statements carry their own line, so each source line is read by itself.
  const content = lines.flatMap(({ text, number }, index): Inline[] => {
    const inline = parseInline((index === 0 && known ? text.slice(mark[0].length) : text).trim(), number, problems);
    return index === 0 ? inline : [{ kind: "text", text: " " }, ...inline];
  });
  return { kind: "paragraph", mark: known ? (mark[1] as Mark) : null, content };
}

/** Visits every inline of some blocks, inner ones too. */
export function eachInline(content: readonly (Block | Inline)[], visit: (inline: Inline) => void): void {
  for (const part of content) {
    if (part.kind === "paragraph") eachInline(part.content, visit);
    else if (part.kind === "list") part.items.forEach((item) => eachInline(item, visit));
    else if (part.kind !== "lines") {
      visit(part);
      if (part.kind === "strong" || part.kind === "emphasis") eachInline(part.content, visit);
    }
  }
}

/** The words of some blocks, for reading aloud. */
export function blocksText(blocks: readonly Block[]): string {
  return blocks.map((block) => (block.kind === "paragraph" ? plainText(block.content) : block.kind === "list" ? block.items.map(plainText).join("; ") : block.text)).join(" ");
}

/** The words of some inlines, without marks: for lists, for programs and for screen readers. */
export function plainText(content: readonly Inline[]): string {
  return content
    .map((inline) => {
      if (inline.kind === "strong" || inline.kind === "emphasis") return plainText(inline.content);
      return inline.kind === "claim" ? inline.claim.shown : inline.text;
    })
    .join("");
}
