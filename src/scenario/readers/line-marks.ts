/** What became of each line of a text, one byte a line: kept only while somebody looks at the text. */

export type LineKind = "blank" | "understood" | "quiet" | "skipped";

export interface LineClass {
  kind: LineKind;
  /** In words; "" for what needs none. */
  why: string;
}

/** Classes that a byte can tell apart; further reasons share the last. */
const MOST = 255;

export class LineMarks {
  /** By line − 1: index into `classes`. */
  of: Uint8Array = new Uint8Array(1024);
  readonly classes: LineClass[] = [{ kind: "blank", why: "" }, { kind: "understood", why: "" }];
  private readonly known = new Map<string, number>();

  understood(line: number): void {
    this.set(line, 1);
  }

  /** Understood, but it tells nothing that this page shows. */
  quiet(line: number, why: string): void {
    this.set(line, this.classOf("quiet", why));
  }

  skipped(line: number, why: string): void {
    this.set(line, this.classOf("skipped", why));
  }

  private classOf(kind: LineKind, why: string): number {
    const key = `${kind} ${why}`;
    let index = this.known.get(key);
    if (index === undefined) {
      index = this.classes.length < MOST ? this.classes.push({ kind, why }) - 1 : this.classes.findLastIndex((other) => other.kind === kind);
      this.known.set(key, index);
    }
    return Math.max(index, 0);
  }

  private set(line: number, index: number): void {
    if (line > this.of.length) {
      const larger = new Uint8Array(Math.max(line, 2 * this.of.length));
      larger.set(this.of);
      this.of = larger;
    }
    this.of[line - 1] = index;
  }
}
