/** In what two machines differ, told in sentences. */
import { ensure } from "../../base/assert.ts";
import { groupedHex, humanSize } from "../../base/format.ts";
import { lengthOf, parseU64, U64_MAX, type U64 } from "../../base/u64.ts";
import type { Range } from "../../kernel/answer.ts";
import type { IovaSpace, Mapping } from "../../kernel/inspect.ts";
import type { Machine } from "../../kernel/machine.ts";
import { allSpaces } from "../queries/merge.ts";
import type { DifferenceView } from "../views.ts";
import { ABOUT, factsOf, rangeKey, scopeOf, type Fact, type Facts } from "./facts.ts";

/** A fact that is not the same on both sides; null: it is on one side only. */
interface Unequal {
  left: Fact | null;
  right: Fact | null;
}

/** All facts that differ, by their key. Of a space that one side lacks, that it is lacking says all. */
export function unequalFacts(left: Facts, right: Facts): Map<string, Unequal> {
  const found = new Map<string, Unequal>();
  for (const [key, fact] of left) {
    const other = right.get(key);
    if (!other && fact.about === "mapping") continue;
    if (!other || differingTraits(fact, other).length > 0) found.set(key, { left: fact, right: other ?? null });
  }
  for (const [key, fact] of right) if (!left.has(key) && fact.about !== "mapping") found.set(key, { left: null, right: fact });
  return found;
}

function differingTraits(left: Fact, right: Fact): string[] {
  return Object.keys(left.traits).filter((trait) => {
    const [one, other] = [left.traits[trait], right.traits[trait]];
    return one !== other && one !== null && one !== undefined && other !== null && other !== undefined;
  });
}

/** Stays the same as long as two machines differ in the same way; empty when they don't differ. */
export function signatureOf(unequal: ReadonlyMap<string, Unequal>): string {
  return [...unequal].map(([key, { left, right }]) => {
    if (!left || !right) return `${key} ${left ? "left" : "right"}`;
    // A mapping that comes or goes on both sides makes no new difference.
    if (left.about === "mapping") return `${key} ${parseInt(left.traits.all ?? "", 10) - parseInt(right.traits.all ?? "", 10)}`;
    return [key, ...differingTraits(left, right).map((trait) => `${trait} ${left.traits[trait]} ${right.traits[trait]}`)].join("\n");
  }).join("\n\n");
}

/** In what two machines differ, the most telling first. */
export function tellDifferences(left: Machine, right: Machine): DifferenceView[] {
  const scope = scopeOf(left, right);
  const unequal = [...unequalFacts(factsOf(left, scope), factsOf(right, scope)).values()];
  const rank = ({ left: one, right: other }: Unequal) => ABOUT.indexOf(((one ?? other) as Fact).about);
  return unequal.sort((one, other) => rank(one) - rank(other)).map((found) => tell(found, left, right));
}

function tell(found: Unequal, left: Machine, right: Machine): DifferenceView {
  const fact = (found.left ?? found.right) as Fact;
  const objects = fact.object === "" ? [] : [{ key: fact.object, label: fact.name }];
  return { ...words(fact, found, left, right), objects };
}

type Words = Omit<DifferenceView, "objects">;

/** "IOASID 2 is free pending on the left, free on the right." */
function both(subject: string, verb: string, left: string, right: string): Words {
  return { subject, left, right, text: `${capital(subject)} ${verb} ${left} on the left, ${right} on the right.` };
}

function words(fact: Fact, found: Unequal, left: Machine, right: Machine): Words {
  switch (fact.about) {
    case "active": {
      const [one, other] = [activeWord(found.left), activeWord(found.right)];
      return { subject: "active allocator", left: one, right: other, text: `${capital(one)} is active on the left, ${other} on the right.` };
    }
    case "registered":
      return both("the list of registered allocators", "has", listWord(found.left), listWord(found.right));
    case "id":
      return idWords(fact, found);
    case "set":
      return traitWords(fact, found, [["quota", "has a quota of", (value) => value]], "exists");
    case "valid":
      return found.left && found.right ? windowWords(fact, found) : onOneSide(fact.name, "exists", found.left !== null);
    case "allowed":
      return windowWords(fact, found);
    case "mapping":
      return mappingWords(fact, found, left, right);
    case "object":
      return objectWords(fact, found);
    case "link": {
      const side = found.left ? "left" : "right";
      return { subject: fact.name, left: found.left ? "there" : "not there", right: found.right ? "there" : "not there", text: `The link “${fact.name.replace(/, ([^,]*), /, " — $1 → ")}” is there on the ${side} only.` };
    }
    default:
      return both(fact.name, "is", "different", "different");
  }
}

function activeWord(fact: Fact | null): string {
  const who = fact?.traits.who ?? "";
  return who === "" ? "no allocator" : who === "default" ? "the default allocator" : who === "list head" ? "the list’s head" : who;
}

function listWord(fact: Fact | null): string {
  return (fact?.traits.who ?? "") === "" ? "nobody" : (fact?.traits.who as string);
}

const STATE_WORDS: Readonly<Record<string, string>> = {
  active: "in use", idle: "idle", pending: "free pending", orphaned: "orphaned", freed: "freed memory that the table still points to", free: "free",
};

function stateWord(fact: Fact | null): string {
  return fact ? (STATE_WORDS[fact.traits.state ?? ""] ?? "in use") : "free";
}

type Trait = [trait: string, verb: string, word: (value: string) => string];

const ID_TRAITS: readonly Trait[] = [
  ["refs", "has", (value) => `${value} ${value === "1" ? "reference" : "references"}`],
  ["set", "belongs to", (value) => (value === "none" ? "no set" : `set ${value}`)],
  ["data", "has", (value) => value.replace(/^private /, "private data ")],
  ["issuer", "counts as given by", (value) => (value === "default" ? "the default allocator" : value)],
];

function idWords(fact: Fact, found: Unequal): Words {
  if (!found.left || !found.right || found.left.traits.state !== found.right.traits.state) return both(fact.name, "is", stateWord(found.left), stateWord(found.right));
  return traitWords(fact, found, ID_TRAITS, "exists");
}

/** The first trait of a list that differs; `exists` when the thing is on one side only. */
function traitWords(fact: Fact, { left, right }: Unequal, traits: readonly Trait[], exists: string): Words {
  if (!left || !right) return onOneSide(fact.name, exists, left !== null);
  const differing = differingTraits(left, right);
  const [trait, verb, word] = traits.find(([name]) => differing.includes(name)) ?? (["", "is", () => "different"] as Trait);
  return both(fact.name, verb, word(left.traits[trait] ?? ""), word(right.traits[trait] ?? ""));
}

function onOneSide(name: string, exists: string, isLeft: boolean): Words {
  return { subject: name, left: isLeft ? "there" : "not there", right: isLeft ? "not there" : "there", text: `${capital(name)} ${exists} on the ${isLeft ? "left" : "right"} only.` };
}

function objectWords(fact: Fact, found: Unequal): Words {
  const { left, right } = found;
  const lines = left?.traits.lines !== right?.traits.lines && left && right && left.traits.users === right.traits.users;
  if (lines) {
    const [one, other] = [(left.traits.lines ?? "").split("\n"), (right.traits.lines ?? "").split("\n")];
    const only = (own: string[], others: string[]) => own.filter((line) => !others.includes(line)).join(", ");
    const [mine, theirs] = [only(one, other), only(other, one)];
    if (mine !== "" && theirs !== "") return both(fact.name, "shows", mine, theirs);
    return { subject: fact.name, left: mine || "nothing of the kind", right: theirs || "nothing of the kind", text: `${fact.name}: ${mine || theirs}, on the ${mine === "" ? "right" : "left"} only.` };
  }
  return traitWords(fact, found, [
    ["users", "has", (value) => `${value} ${value === "1" ? "user" : "users"}`],
    ["leaving", "is", (value) => (value === "true" ? "on its way out" : "alive")],
  ], "exists");
}

const MOST_WINDOWS = 3;

function windowsOf(fact: Fact | null): string[] {
  const list = fact?.traits.windows ?? "";
  return list === "" ? [] : list.split(" ");
}

function windowWords(fact: Fact, found: Unequal): Words {
  const [left, right] = [windowsOf(found.left), windowsOf(found.right)];
  const list = fact.about === "valid" ? "list of valid IOVAs" : "list of allowed IOVAs";
  const only = (own: string[], others: string[]) => own.filter((window) => !others.includes(window));
  return both(`the ${list} of ${fact.name}`, "has", windowsText(only(left, right), left), windowsText(only(right, left), right));
}

function windowsText(only: string[], all: string[]): string {
  if (all.length === 0) return "no window at all";
  if (only.length === 0) return "nothing in its place";
  const shown = only.slice(0, MOST_WINDOWS).map((window) => {
    const [first, last] = window.split("-").map((digits) => ensure(parseU64(`0x${digits}`), "a window"));
    return placeText({ first: first as U64, last: last as U64 });
  });
  return only.length > MOST_WINDOWS ? `${shown.join(", ")} and ${only.length - MOST_WINDOWS} more` : shown.join(" and ");
}

function placeText({ first, last }: Range): string {
  return first === 0 && last === U64_MAX ? "all addresses" : `${groupedHex(first)}–${groupedHex(last)} (${humanSize(lengthOf(first, last))})`;
}

/** The first mapping that is not the same on both sides. */
function mappingWords(fact: Fact, found: Unequal, left: Machine, right: Machine): Words {
  const subject = `the mappings of ${fact.name}`;
  const [one, other] = [mappingsOf(left, found.left), mappingsOf(right, found.right)];
  const index = one.findIndex((mapping, at) => !sameMapping(mapping, other[at]));
  const at = index < 0 ? one.length : index;
  const [mine, theirs] = [one[at], other[at]];
  const counts: [string, string] = [mappingCount(one), mappingCount(other)];
  if (mine && theirs && rangeKey(mine) === rangeKey(theirs)) return { subject, left: counts[0], right: counts[1], text: `${placeText(mine)} of ${fact.name} is mapped to different memory or with other rights on the two sides.` };
  const first = !theirs || (mine && mine.first <= theirs.first) ? mine : theirs;
  if (!first) return both(subject, "are", counts[0], counts[1]);
  return { subject, left: counts[0], right: counts[1], text: `${placeText(first)} of ${fact.name} is mapped on the ${first === mine ? "left" : "right"} only.` };
}

function mappingCount(list: Mapping[]): string {
  return list.length === 1 ? "1 mapping" : `${list.length} mappings`;
}

function mappingsOf(machine: Machine, fact: Fact | null): Mapping[] {
  const space: IovaSpace | undefined = fact ? allSpaces(machine).find((candidate) => candidate.key === fact.object) : undefined;
  const list: Mapping[] = [];
  space?.eachMapping(0, U64_MAX, (mapping) => list.push(mapping) > 0);
  return list;
}

function sameMapping(left: Mapping, right: Mapping | undefined): boolean {
  return right !== undefined && left.first === right.first && left.last === right.last && left.userVa === right.userVa && left.readable === right.readable && left.writable === right.writable;
}

export function capital(text: string): string {
  return /^(?!mm )[a-z]+ /.test(text) ? text[0]?.toUpperCase() + text.slice(1) : text;
}
