/** How the text form looks: calls, fields, names, numbers, flags, remarks. */
import { HighlightStyle, StreamLanguage } from "@codemirror/language";
import { tags } from "@lezer/highlight";

interface State {
  /** What may stand here: the start of a line, the call's name, its arguments, or the value of a head line. */
  at: "start" | "call" | "args" | "value" | "head";
}

export const scenarioLanguage = StreamLanguage.define<State>({
  name: "iovascope",
  startState: () => ({ at: "start" }),
  languageData: { commentTokens: { line: "#" } },
  token: (stream, state) => {
    if (stream.sol()) state.at = "start";
    if (stream.sol() && stream.eatSpace()) state.at = "args";
    if (stream.eatSpace()) return null;
    if (stream.peek() === "#") {
      stream.skipToEnd();
      return "comment";
    }
    if (state.at === "start") return start(stream, state);
    if (state.at === "call") {
      stream.match(/^("(?:[^"\\]|\\.)*"|\S+)/);
      state.at = "args";
      return "keyword";
    }
    if (state.at === "head") {
      stream.match(/^\S+/);
      return "string";
    }
    if (stream.match(/^->/)) return "operator";
    if (state.at !== "value" && stream.match(/^(?:[A-Za-z_][\w.]*|"(?:[^"\\]|\\.)*")(?==)/)) return "propertyName";
    if (stream.match(/^=/)) {
      state.at = "value";
      return "operator";
    }
    state.at = "args";
    return value(stream);
  },
});

type Stream = Parameters<Parameters<typeof StreamLanguage.define>[0]["token"]>[0];

function start(stream: Stream, state: State): string | null {
  if (stream.match(/^[a-z_]+:(?=\s|$)/)) {
    state.at = "head";
    return "labelName";
  }
  if (stream.match(/^-\s/)) {
    state.at = "args";
    return "operator";
  }
  if (stream.match(/^\w+(?=(\s*,\s*\w+)*\s*=\s)/)) return "variableName.definition";
  if (stream.match(/^,/)) return null;
  if (stream.match(/^=\s/)) {
    state.at = "call";
    return "operator";
  }
  stream.match(/^("(?:[^"\\]|\\.)*"|\S+)/);
  state.at = "args";
  return "keyword";
}

function value(stream: Stream): string | null {
  if (stream.match(/^"(?:[^"\\]|\\.)*"/)) return "string";
  if (stream.match(/^(0x[0-9a-fA-F_]+|-?\d[\d]*[KMGTPE]?)(?![\w])/)) return "number";
  if (stream.match(/^[A-Z][A-Z0-9_]+(\|[A-Z0-9_]+)*(?!\w)/)) return "atom";
  if (stream.match(/^(true|false|null)(?!\w)/)) return "atom";
  if (stream.match(/^[A-Za-z_]\w*/)) return "variableName";
  stream.next();
  return null;
}

export const highlighting = HighlightStyle.define([
  { tag: tags.comment, color: "var(--ink-3)", fontStyle: "italic" },
  { tag: tags.keyword, color: "var(--ink)", fontWeight: "650" },
  { tag: tags.propertyName, color: "var(--ink-2)" },
  { tag: tags.number, color: "var(--mapped-ink)" },
  { tag: tags.string, color: "var(--valid-ink)" },
  { tag: tags.atom, color: "var(--swmsi-ink)" },
  { tag: tags.variableName, color: "var(--reserved-ink)" },
  { tag: tags.definition(tags.variableName), color: "var(--reserved-ink)", fontWeight: "650" },
  { tag: tags.labelName, color: "var(--diverges-ink)", fontWeight: "600" },
  { tag: tags.operator, color: "var(--ink-3)" },
]);
