/** Ways to spoil a text, as hands, tools and attackers do. Each keeps the text below `LONGEST`. */
import type { Json } from "../src/base/json.ts";
import type { Random } from "./random.ts";

const LONGEST = 200_000;
const NUMBERS = [
  "0", "-1", "1", "0x0", "0xffffffffffffffff", "0x10000000000000000", "18446744073709551616", "9007199254740993", "4294967295", "4294967296", "-2147483648", "1e999", "1e-7", "NaN",
  "0x", "00", "0xdeadbeef", "99999999999999999999999999999999999999", "2147483648", "1.5", "-0", "0x7fffffffffffffff", "0x8000000000000000",
] as const;
const STRANGE = [
  "\0", "\ud800", "\udc00", "\u202e", "\ufeff", "\u2028", "\u{1f600}", "é", "\x1b[31m", "\x1b[0m", "\x1b]0;title\x07", "\x7f", "\u00a0", "\t\t", "%s%n", "<script>alert(1)</script>", "__proto__", "constructor",
  "toString", "${7*7}", "';--", "\\u0000", "\\", "\"", "{", "}", "[", "]", "#1", "{}", "[[", "null",
] as const;
const PREFIXES = ["Nov 21 08:06:20 host kernel: ", "[   12.345678] ", "user@host:~$ ", "<6>", "> ", "2026-11-21T08:06:20.123456Z ", "# ", "+ ", "    ", "qemu-system-x86_64: "] as const;

type Mutation = (text: string, random: Random, other: () => string) => string;

const place = (text: string, random: Random) => random.below(text.length + 1);
const lineAt = (random: Random, lines: string[]) => random.below(lines.length);

function onLines(change: (lines: string[], random: Random) => string[] | void): Mutation {
  return (text, random) => {
    const lines = text.split("\n");
    return (change(lines, random) ?? lines).join("\n");
  };
}

const TOKEN = /0x[0-9a-fA-F]+|\d+|[A-Za-z_]+|[^\sA-Za-z0-9_]/g;

function onToken(pattern: RegExp, replace: (token: string, random: Random, tokens: RegExpMatchArray[]) => string): Mutation {
  return (text, random) => {
    const from = Math.max(0, place(text, random) - 2000);
    const window = text.slice(from, from + 4000);
    const tokens = [...window.matchAll(pattern)];
    if (tokens.length === 0) return text;
    const token = random.pick(tokens);
    const at = from + token.index;
    return text.slice(0, at) + replace(token[0], random, tokens) + text.slice(at + token[0].length);
  };
}

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  "flip a bit": (text, random) => {
    if (text === "") return text;
    const at = random.below(text.length);
    return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << random.below(8))) + text.slice(at + 1);
  },
  "cut the end": (text, random) => text.slice(0, place(text, random)),
  "cut the start": (text, random) => text.slice(place(text, random)),
  "take a piece out": (text, random) => {
    const at = place(text, random);
    return text.slice(0, at) + text.slice(at + random.below(200));
  },
  "repeat a piece": (text, random) => {
    const at = place(text, random);
    const piece = text.slice(at, at + 1 + random.below(100));
    return text.slice(0, at) + piece.repeat(1 + random.below(random.once(10) ? 500 : 4)) + text.slice(at);
  },
  "put in another input": (text, random, other) => {
    const foreign = other();
    const from = place(foreign, random);
    const at = place(text, random);
    return text.slice(0, at) + foreign.slice(from, from + random.below(2000)) + text.slice(at);
  },
  "append another input": (text, random, other) => `${text}${random.once(2) ? "\n" : ""}${other()}`,
  "CRLF": (text) => text.replaceAll("\n", "\r\n"),
  "CR only": (text) => text.replaceAll("\n", "\r"),
  "colours": (text, random) => text.split("\n").map((line) => (random.once(3) ? `\x1b[0;3${random.below(8)}m${line}\x1b[0m` : line)).join("\n"),
  "a strange number": onToken(/0x[0-9a-fA-F]+|\d+/g, (_token, random) => random.pick(NUMBERS)),
  "a number nearby": onToken(/0x[0-9a-fA-F]+|\d+/g, (token, random) => {
    const value = BigInt(token) + BigInt(random.below(5)) - 2n;
    return token.startsWith("0x") ? `0x${(value < 0n ? 0n : value).toString(16)}` : String(value);
  }),
  "a strange text": (text, random) => {
    const at = place(text, random);
    return text.slice(0, at) + random.pick(STRANGE) + text.slice(at);
  },
  "swap tokens": onToken(TOKEN, (_token, random, tokens) => random.pick(tokens)[0]),
  "drop a token": onToken(TOKEN, () => ""),
  "delete lines": onLines((lines, random) => void lines.splice(lineAt(random, lines), 1 + random.below(4))),
  "double lines": onLines((lines, random) => {
    const at = lineAt(random, lines);
    lines.splice(at, 0, ...lines.slice(at, at + 1 + random.below(4)));
  }),
  "swap lines": onLines((lines, random) => {
    const one = lineAt(random, lines);
    const two = lineAt(random, lines);
    [lines[one], lines[two]] = [lines[two] as string, lines[one] as string];
  }),
  "shuffle lines": onLines((lines, random) => {
    for (let at = lines.length - 1; at > 0; at--) {
      const twin = random.below(at + 1);
      [lines[at], lines[twin]] = [lines[twin] as string, lines[at] as string];
    }
  }),
  "a line a thousand times": onLines((lines, random) => {
    const at = lineAt(random, lines);
    lines.splice(at, 0, ...(Array(100 + random.below(900)).fill((lines[at] as string).slice(0, 150)) as string[]));
  }),
  "prefixes": onLines((lines, random) => {
    const prefix = random.pick(PREFIXES);
    return lines.map((line) => (random.once(8) ? line : prefix + line));
  }),
  "a very long line": (text, random) => {
    const at = place(text, random);
    return text.slice(0, at) + random.pick(["a", "0", "0x1 ", "[", "{\"a\":", "(", "9", "a=", "\t", "ff:", "0x"]).repeat(1000 + random.below(20_000)) + text.slice(at);
  },
  "join lines": (text, random) => {
    const at = text.indexOf("\n", place(text, random));
    return at < 0 ? text : text.slice(0, at) + text.slice(at + 1);
  },
  "wrap lines": (text, random) => {
    const width = 20 + random.below(80);
    return text.split("\n").flatMap((line) => line.match(new RegExp(`.{1,${width}}`, "g")) ?? [""]).join("\n");
  },
  "upper case": (text) => text.toUpperCase(),
};

const NAMES = Object.keys(MUTATIONS);

/** One to four mutations after another. */
export function mutate(text: string, random: Random, other: () => string): string {
  let result = text;
  for (let left = 1 + random.below(4); left > 0; left--) {
    const change = MUTATIONS[random.pick(NAMES)] as Mutation;
    result = change(result, random, other).slice(0, LONGEST);
  }
  return result;
}

const DEEP = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

/** JSON values that nobody writes by hand, as text. */
const HOSTILE: readonly ((random: Random) => string)[] = [
  () => "null", () => "true", () => "-1", () => "1e999", () => "-0", () => "9007199254740993", () => "\"\"", () => "{}", () => "[]", () => "\"0x\"", () => "\"0xffffffffffffffff\"", () => "\"0x10000000000000000\"",
  () => "\"\\ud800\"", () => "{\"__proto__\":{\"polluted\":true}}", () => "{\"constructor\":{\"prototype\":{\"polluted\":1}}}", () => "{\"toJSON\":1,\"valueOf\":2,\"length\":5}",
  (random) => DEEP(1 + random.below(40)), () => DEEP(20_000), (random) => `[${"0,".repeat(random.below(20_000))}0]`, (random) => JSON.stringify("x".repeat(random.below(150_000))),
  (random) => `{${Array.from({ length: random.below(2000) }, (_none, index) => `"k${index}":${index}`).join(",")}}`, () => "4294967295", () => "2147483648", () => "0.5", () => "[null]", () => "{\"start\":\"0x2\",\"last\":\"0x1\"}",
];

/** Replaces, deletes or doubles one value somewhere in a JSON text, or renames a key. Texts that are no JSON are mutated as such. */
export function mutateJson(text: string, random: Random, other: () => string): string {
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch {
    return mutate(text, random, other);
  }
  // Numbers of the value to put in can be ones that JSON.stringify would lose: it goes in as text.
  const mark = "\u0001HERE\u0001";
  const visit = (value: Json): Json => {
    if (Array.isArray(value) && value.length > 0 && !random.once(6)) {
      const at = random.below(value.length);
      if (random.once(12)) return value.toSpliced(at, 1);
      if (random.once(12)) return value.toSpliced(at, 0, value[at] as Json);
      return value.with(at, visit(value[at] as Json));
    }
    if (typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0 && !random.once(8)) {
      const key = random.pick(Object.keys(value));
      if (random.once(10)) return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
      if (random.once(10)) return Object.fromEntries(Object.entries(value).map(([name, field]) => [name === key ? random.pick(["__proto__", "constructor", "in", "call", "", "\ud800"]) : name, field]));
      return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, name === key ? visit(field) : field]));
    }
    return mark;
  };
  const hostile = random.pick(HOSTILE)(random);
  const spoiled = JSON.stringify(visit(json)).replace(JSON.stringify(mark), () => hostile);
  return random.once(8) ? mutate(spoiled, random, other) : spoiled;
}
