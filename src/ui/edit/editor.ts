/**
 * The text editor. It lives in a shadow root: there CodeMirror's styles are adopted style sheets, which the page's
 * Content-Security-Policy allows, and keys pressed in it are nobody else's.
 */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, syntaxHighlighting } from "@codemirror/language";
import { lintKeymap, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { Annotation, EditorState, StateEffect, StateField, type Extension } from "@codemirror/state";
import { Decoration, drawSelection, EditorView, highlightActiveLineGutter, keymap, lineNumbers, type DecorationSet } from "@codemirror/view";
import type { Offers, TextProblem } from "../../engine/views.ts";
import { completing } from "./editor-completion.ts";
import { highlighting, scenarioLanguage } from "./editor-language.ts";
import { theme } from "./editor-theme.ts";

export interface Editor {
  setText(text: string): void;
  setProblems(problems: readonly TextProblem[]): void;
  /** Marks the line of the current call, from 1; with `follow` it comes into sight, and the caret to it, unless somebody types. */
  setCurrent(line: number | null, follow: boolean): void;
  goTo(line: number, column: number): void;
  focus(): void;
  destroy(): void;
}

interface Options {
  text: string;
  offers: Offers;
  onText: (text: string) => void;
  /** A person has put the caret on this line, from 1. */
  onCaret: (line: number) => void;
}

/** A change that comes from the page, not from typing. */
const fromPage = Annotation.define<boolean>();
const setLine = StateEffect.define<number | null>();

const currentLine = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (marks, transaction) => {
    let next = marks.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(setLine)) continue;
      const { value } = effect;
      const isThere = value !== null && value <= transaction.state.doc.lines;
      next = isThere ? Decoration.set([Decoration.line({ class: "cm-current" }).range(transaction.state.doc.line(value).from)]) : Decoration.none;
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Keys that the page takes even while one types. */
function isForPage(event: KeyboardEvent): boolean {
  return (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
}

export function createEditor(host: HTMLElement, options: Options): Editor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const place = document.createElement("div");
  place.style.height = "100%";
  root.replaceChildren(place);
  const own = (event: KeyboardEvent) => {
    if (!isForPage(event)) event.stopPropagation();
  };
  host.addEventListener("keydown", own);

  const extensions: Extension[] = [
    lineNumbers(), highlightActiveLineGutter(), history(), drawSelection(), bracketMatching(), closeBrackets(), currentLine, theme,
    scenarioLanguage, syntaxHighlighting(highlighting), autocompletion({ override: [completing(options.offers)], icons: false }),
    keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap]),
    EditorView.contentAttributes.of({ "aria-label": "Calls, one a line", autocapitalize: "off", spellcheck: "false" }),
    EditorView.updateListener.of((update) => {
      if (update.transactions.some((transaction) => transaction.annotation(fromPage))) return;
      if (update.docChanged) options.onText(update.state.doc.toString());
      else if (update.selectionSet) options.onCaret(update.state.doc.lineAt(update.state.selection.main.head).number);
    }),
  ];
  const view = new EditorView({ state: EditorState.create({ doc: options.text, extensions }), parent: place, root });

  const offsetOf = (line: number, column: number): number => {
    const { doc } = view.state;
    const at = doc.line(Math.max(1, Math.min(doc.lines, line)));
    return Math.min(at.to, at.from + column - 1);
  };

  return {
    setText: (text) => {
      const { doc } = view.state;
      if (doc.toString() === text) return;
      view.dispatch({ changes: { from: 0, to: doc.length, insert: text }, annotations: fromPage.of(true), selection: { anchor: Math.min(view.state.selection.main.head, text.length) } });
    },
    setProblems: (problems) => {
      const diagnostics = problems.map(({ line, column, length, message }): Diagnostic => {
        const from = offsetOf(line, column);
        return { from, to: Math.min(view.state.doc.lineAt(from).to, from + length), severity: "error", message };
      });
      view.dispatch(setDiagnostics(view.state, diagnostics));
    },
    setCurrent: (line, follow) => {
      const at = line !== null && follow && !view.hasFocus ? offsetOf(line, 1) : null;
      const effects = [setLine.of(line), ...(at === null ? [] : [EditorView.scrollIntoView(at, { y: "center" })])];
      view.dispatch({ effects, annotations: fromPage.of(true), ...(at !== null && { selection: { anchor: at } }) });
    },
    goTo: (line, column) => {
      view.dispatch({ selection: { anchor: offsetOf(line, column) }, scrollIntoView: true, annotations: fromPage.of(true) });
      view.focus();
    },
    focus: () => view.focus(),
    destroy: () => {
      host.removeEventListener("keydown", own);
      view.destroy();
    },
  };
}
