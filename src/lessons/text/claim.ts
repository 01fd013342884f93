/** A statement that the model decides: `{{users hwpt:3/4 = 2}}`, shown as "2". */
export type Relation = "=" | "!=" | "has" | "lacks";

export interface Claim {
  /** What is asked: "users", "valid", "id". */
  subject: string;
  /** Its arguments: keys, numbers, names. */
  args: string[];
  relation: Relation;
  value: string;
  /** The call it is about, from 1; null: the one where the sentence stands. */
  call: number | null;
  /** About the comparison of the step, not about its scene. */
  compared: boolean;
  /** What readers see. */
  shown: string;
  /** As written, for messages. */
  source: string;
  line: number;
}

const FORM = /^(compared:\s+)?([a-z-]+)(?:@(\d+))?((?:\s+(?:"[^"]*"|(?!(?:=|!=|has|lacks)\s)\S+))*)\s+(=|!=|has|lacks)\s+(.+)$/;

/** Reads what stands between {{ and }}; null when it is no statement. */
export function parseClaim(source: string, line: number): Claim | null {
  const bar = source.indexOf(" | ");
  const statement = (bar < 0 ? source : source.slice(0, bar)).trim();
  const match = FORM.exec(statement);
  if (!match) return null;
  const [, compared, subject, call, args, relation, value] = match;
  const said = unquoted((value as string).trim());
  return {
    subject: subject as string, args: words(args as string), relation: relation as Relation, value: said, call: call === undefined ? null : Number(call),
    compared: compared !== undefined, shown: bar < 0 ? plain(said) : source.slice(bar + 3).trim(), source: statement, line,
  };
}

/** A value in double quotes is what is between them. */
function unquoted(value: string): string {
  return /^"([^"]*)"$/.exec(value)?.[1] ?? value;
}

/** Words, those in double quotes kept whole. */
function words(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? (match[2] as string));
}

/** A value as readers see it: ranges with a dash, addresses in groups of four digits. */
function plain(value: string): string {
  const ungroup = value.replaceAll("_", "");
  if (!/^0x[0-9a-f]+(?:-0x[0-9a-f]+)?(?:, ?0x[0-9a-f]+(?:-0x[0-9a-f]+)?)*$/.test(ungroup)) return value;
  return ungroup.replace(/-/g, "–").replace(/0x[0-9a-f]+/g, grouped);
}

function grouped(address: string): string {
  const digits = address.slice(2);
  const head = digits.length % 4 || 4;
  return "0x" + [digits.slice(0, head), ...(digits.slice(head).match(/.{4}/g) ?? [])].join("_");
}
