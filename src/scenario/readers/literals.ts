/**
 * What a text must contain for a pattern to fit it: texts, joined by "and" and "or". They are derived from the pattern itself, so
 * they can't drift apart. Letters of either case count as the same, so more may pass than fits, never less.
 */

export type Needs =
  | { is: "text"; text: string }
  | { is: "all" | "any"; of: readonly Needs[] };

/** Nothing is needed: any text may fit. */
const NOTHING: Needs = { is: "all", of: [] };

/** What texts that fit a pattern have in them. Parts of it that are not understood need nothing. */
export function needsOf(pattern: RegExp): Needs {
  const reader = new PatternReader(pattern.source);
  return reader.alternatives();
}

export function all(...of: Needs[]): Needs {
  return { is: "all", of };
}

/** One of these patterns fits. */
export function anyOf(patterns: readonly RegExp[]): Needs {
  return { is: "any", of: patterns.map(needsOf) };
}

/** The texts that occur in it. */
export function textsOf(needs: Needs): string[] {
  return needs.is === "text" ? [needs.text] : needs.of.flatMap(textsOf);
}

/** Reads the source of a regular expression. */
class PatternReader {
  private readonly source: string;
  private at = 0;

  constructor(source: string) {
    this.source = source;
  }

  alternatives(): Needs {
    const of = [this.sequence()];
    while (this.source[this.at] === "|") {
      this.at++;
      of.push(this.sequence());
    }
    // One alternative that needs nothing makes the others' needs idle.
    if (of.some((needs) => needs.is === "all" && needs.of.length === 0)) return NOTHING;
    return of.length === 1 ? (of[0] as Needs) : { is: "any", of };
  }

  private sequence(): Needs {
    const of: Needs[] = [];
    let run = "";
    const close = () => {
      if (run !== "") of.push({ is: "text", text: run });
      run = "";
    };
    while (this.at < this.source.length && this.source[this.at] !== "|" && this.source[this.at] !== ")") {
      const item = this.item();
      const [least, most] = this.times();
      if (typeof item === "string") {
        run += item.repeat(least);
        if (least !== most) close();
        continue;
      }
      close();
      if (item !== null && least > 0) of.push(item);
    }
    close();
    return { is: "all", of: of.filter((needs) => needs.is !== "all" || needs.of.length > 0) };
  }

  /** A letter that must be there, in lower case; "" for what takes no room; null for what may be anything. */
  private item(): string | Needs | null {
    const { source } = this;
    const char = source[this.at++] as string;
    switch (char) {
      case "^":
      case "$":
        return "";
      case ".":
        return null;
      case "[":
        return this.set();
      case "(":
        return this.group();
      case "\\":
        return this.escape();
      default:
        return char.toLowerCase();
    }
  }

  private escape(): string | null {
    const char = this.source[this.at++] as string;
    if (char === "b" || char === "B") return "";
    if (char === "r") return "\r";
    if (char === "u") return String.fromCharCode(parseInt(this.source.slice(this.at, (this.at += 4)), 16));
    if (char === "x") this.at += 2;
    // Classes and back references.
    return /[A-Za-z0-9]/.test(char) ? null : char;
  }

  private set(): string | null {
    const from = this.at;
    while (this.source[this.at] !== "]") this.at += this.source[this.at] === "\\" ? 2 : 1;
    const inside = this.source.slice(from, this.at++).toLowerCase();
    // "[fF]" is one letter, as is "[#]".
    return inside !== "" && !/[\\^]/.test(inside) && inside === inside.charAt(0).repeat(inside.length) ? inside.charAt(0) : null;
  }

  private group(): Needs | null {
    const kind = /^\?(?:[:=!]|<[=!])/.exec(this.source.slice(this.at, this.at + 3))?.[0] ?? "";
    this.at += kind.length;
    const needs = this.alternatives();
    this.at++;
    return kind === "" || kind === "?:" ? needs : null;
  }

  /** How often the last item may stand: at least, and at most. */
  private times(): [least: number, most: number] {
    const counted = /^(?:[?*+]|\{(\d+)(,?)(\d*)\})\??/.exec(this.source.slice(this.at, this.at + 16));
    if (!counted) return [1, 1];
    this.at += counted[0].length;
    if (counted[1] !== undefined) return [Number(counted[1]), counted[2] === "" ? Number(counted[1]) : counted[3] === "" ? Infinity : Number(counted[3])];
    return counted[0].startsWith("+") ? [1, Infinity] : [0, Infinity];
  }
}
