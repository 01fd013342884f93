/** Findings that the model makes: each refused step, explained on the host that the inputs describe. */
import { groupedHex, humanSize, plural, rangeText } from "../../base/format.ts";
import { add, isAligned, lastOf, parseU64, type U64 } from "../../base/u64.ts";
import type { Range } from "../../kernel/answer.ts";
import type { FailedEvent, Failure } from "../../scenario/clues.ts";
import type { HostWindows } from "../../scenario/layout/host.ts";
import type { ScenarioCall } from "../../scenario/scenario.ts";
import type { Explained, History } from "../history.ts";
import { outcomeOf } from "../make-call.ts";
import { MARK } from "../views.ts";
import { CAUSE_OF_RULE, type Cause } from "./causes.ts";
import type { Finding } from "./finding.ts";
import { tooOld } from "./hint-words.ts";
import { isFirmwareTold } from "./lists.ts";
import { findingOf, lockCause, MOSTLY, needsOf } from "./messages.ts";
import { hostNeeds, NEED } from "./needs.ts";
import { fromOther } from "./other-calls.ts";
import { judgeRange, type MappedBy } from "./ranges.ts";
import { failedInLog, lastFailed, number, rangeOf } from "./step-facts.ts";
import type { Clues } from "../../scenario/clues.ts";

/** No more findings than this are made, and no more steps explained on the way. */
const MOST = 100;
const MOST_TRIED = 300;
/** The same call that fails in the same way is explained so often: who tries again and again learns no more from the tenth. */
const MOST_ALIKE = 4;

export interface Context {
  history: History;
  clues: Clues;
  host: HostWindows;
  /** Log lines that no step has claimed yet. */
  failures: Extract<Failure, { kind: "map" }>[];
  events: FailedEvent[];
}

/** One finding per step that failed, in order. */
export function fromSteps(context: Context): Finding[] {
  const found: Finding[] = [];
  const { history } = context;
  const alike = new Map<string, number>();
  let tried = 0;
  let wasKeptOut = false;
  for (let step = 1; step <= history.ran && found.length < MOST && tried < MOST_TRIED; step++) {
    const call = history.call(step);
    // What the kernel did is no failure: a refusal of ours rests on a wrong guess.
    if (!failedInLog(call) && (call.recorded || history.marks[step - 1] === MARK.ok)) continue;
    // Nor is a call that we put there ourselves, so that what the log shows has something to stand on.
    if (isOurs(call)) continue;
    const words = `${history.outcome(step)} ${call.call} ${JSON.stringify(call.in)}`;
    const times = (alike.get(words) ?? 0) + 1;
    alike.set(words, times);
    if (times > MOST_ALIKE) continue;
    tried++;
    const finding = fromStep(context, step, call);
    // Once a group was not let in, calls that need it fail too.
    if (finding?.cause === "map-before-iommu-set" && wasKeptOut) continue;
    if (finding) found.push(finding);
    if (/GROUP_OPEN|SET_CONTAINER|SET_IOMMU/.test(call.call) && finding !== null && finding.cause !== "map-before-iommu-set") wasKeptOut = true;
  }
  return found;
}

function isOurs({ note, recorded, given }: ScenarioCall): boolean {
  return note?.startsWith("implied") === true && recorded === undefined && given === undefined;
}

function fromStep(context: Context, step: number, call: ScenarioCall): Finding | null {
  const explained = context.history.explain(step);
  const ours = outcomeOf(explained, explained.trace);
  const { recorded } = call;
  const errno = recorded?.errno ?? (ours.refused ? ours.name : null);
  // Asking with too small a buffer is how sizes are learnt.
  if (errno === "EMSGSIZE" || explained.problem === "internal-error") return null;
  const rule = explained.trace.refusedBy;
  const agrees = ours.refused && (recorded?.errno === undefined || recorded.errno === ours.name);
  const range = rangeOf(call);
  const said = claim(context, call, range);
  const base: Partial<Finding> & { api: "type1" | "iommufd" } = {
    api: /^IOMMU_|IOMMUFD/.test(call.call) ? "iommufd" : "type1", step, errno, range, where: said.where, object: said.object || objectOf(call, explained), ...sureness(context, call, agrees),
  };
  const isProgram = said.isProgram || (!said.isPlaceOnly && isOwnAddress(call));
  const made = /UNMAP/.test(call.call) ? fromUnmap(base, errno) : isMapCall(call) && range ? fromMap(context, call, range, errno, base, explained, isProgram) : fromOther(context.history, context.clues, rule?.id ?? null, explained, base, errno);
  const finding = made && settled(made, agrees, recorded !== undefined, context.clues);
  // The model may refuse for a reason that stands for another: what could not be pinned is the same check for EFAULT and ENOMEM.
  const decides = agrees && rule && (CAUSE_OF_RULE[rule.id] === undefined || CAUSE_OF_RULE[rule.id] === finding?.cause);
  return finding && decides && finding.cause !== "direct-region-refuses-device" ? { ...finding, rule: rule.id, decidedBy: finding.decidedBy ?? lastFailed(explained)?.range ?? null } : finding;
}

function sureness({ history, clues }: Context, call: ScenarioCall, agrees: boolean): Pick<Finding, "confidence" | "basis" | "needs"> {
  const { platform } = history.scenario;
  if (call.given) {
    if (isMapCall(call)) return { confidence: "given", basis: `${call.given.source}: what happened when the memory was pinned`, needs: [] };
    return { confidence: "given", basis: `${call.given.source}: the kernel's answer, which only this check gives at this point`, needs: isFirmwareTold(clues) ? [] : [NEED.regions, NEED.firmware] };
  }
  if (!agrees) return { confidence: "guessed", basis: "the errno in the log; the model, on the host as described, would not refuse", needs: hostNeeds(clues) };
  if (!platform.guessed) return { confidence: "modelled", basis: `the model on ${history.config.platform.name}, which the inputs describe${call.recorded ? "; the log's errno agrees" : ""}`, needs: hostNeeds(clues).filter(() => !clues.known.regions) };
  return { confidence: "guessed", basis: `the model on ${history.config.platform.name}, which is assumed: the inputs do not say which host it is`, needs: hostNeeds(clues) };
}

/** What these stand or fall by is the host's: its regions, its width. */
const PLACE_CAUSES: ReadonlySet<Cause> = new Set(["iova-above-aperture", "map-crosses-reserved-region", "attach-reserved-over-mapping", "direct-region-refuses-device", "two-msi-kinds"]);
/** Errnos that only one check gives, with whatever host. */
const TELLING: ReadonlySet<string> = new Set(["EBUSY", "ENOSPC", "EEXIST", "ENOTTY"]);

/** For the other causes no host needs to be known. */
function settled(finding: Finding, agrees: boolean, isTold: boolean, clues: Clues): Finding {
  if (PLACE_CAUSES.has(finding.cause) || finding.confidence !== "guessed") return finding;
  const asked = finding.needs.filter((need) => need !== NEED.regions && need !== NEED.width);
  const needs = asked.length > 0 ? asked : needsOf(finding.cause, clues);
  if (isTold && TELLING.has(finding.errno ?? "")) return { ...finding, needs, confidence: "given", basis: "the errno, which only this check gives" };
  if (finding.cause === "group-not-viable" || !agrees) return { ...finding, needs, basis: finding.basis.startsWith("the errno at") ? finding.basis : "the errno at this call" };
  return { ...finding, needs, confidence: "modelled", basis: `the model${isTold ? " and the log's answer" : ""}; which host it is makes no difference here` };
}

/** A program that uses its memory's addresses as IOVAs is no VMM: those have guests' addresses. */
function isOwnAddress({ in: fields }: ScenarioCall): boolean {
  const va = fields.vaddr ?? fields.user_va;
  return va !== undefined && va !== "0x0" && va === fields.iova && number(va) !== 0 && (number(va) ?? 0) >= 2 ** 32;
}

const VMM = /qemu|kvm|hyp|crosvm|vmm|fire|cracker|CPU \d/i;

const MAP_CALLS: ReadonlySet<string> = new Set(["IOMMU_IOAS_MAP", "VFIO_IOMMU_MAP_DMA", "RAW_IOCTL"]);

function isMapCall(call: ScenarioCall): boolean {
  return MAP_CALLS.has(call.call);
}

/** The line that a step comes from: the first unclaimed one with its range, or with its call where lines tell no range. */
function claim(context: Context, call: ScenarioCall, range: Range | null): { where: Finding["where"]; object: string; isProgram: boolean; isPlaceOnly: boolean } {
  if (range) {
    const index = context.failures.findIndex((failure) => failure.iova === range.first && add(failure.iova, failure.size) === add(range.last, 1));
    const [failure] = index < 0 ? [] : context.failures.splice(index, 1);
    if (failure) return { where: failure.at ?? null, object: failure.region ?? "", isProgram: failure.program === true, isPlaceOnly: failure.va === null };
  }
  const index = context.events.findIndex((event) => (event.iova === null || range === null ? event.call === call.call : event.iova === range.first && event.size !== null && add(event.iova, event.size) === add(range.last, 1)));
  const [event] = index < 0 ? [] : context.events.splice(index, 1);
  return { where: event?.at ?? null, object: "", isProgram: event?.process !== undefined && !VMM.test(event.process), isPlaceOnly: false };
}

function objectOf(call: ScenarioCall, explained: Explained): string {
  const note = call.note ?? "";
  const bar = /BAR \d+ of \S+/.exec(note)?.[0];
  if (bar) return bar;
  if (isMapCall(call) && note !== "" && !/^(?:implied|IOMMU_)/.test(note) && note.length < 60) return note;
  // What a map is about is what was mapped, not the page table that refused it.
  return isMapCall(call) ? "" : (lastFailed(explained)?.objects.find((object) => !object.key.startsWith("region:"))?.label ?? "");
}

const BAR_NAME = /\bBAR\b|mmaps|ivshmem|vgamem|\bvram\b/i;
const RAM_STARTS: readonly U64[] = [0, 0x10_0000, 0x1_0000_0000, 0x100_0000_0000, 0x4000_0000];
/** From here up RAM of guests is rare, and the BARs that firmware places at the top of the space begin. */
const HIGH = 2 ** 38;
const LARGEST_BAR = 2 ** 38;

/** Is it a device's BAR? By its name, else by where it lies and its size. */
export function looksLikeBar(name: string, range: Range): boolean {
  if (BAR_NAME.test(name)) return true;
  // VMMs name what they map: what has a name and is no BAR is memory.
  if (name.trim() !== "" || RAM_STARTS.includes(range.first)) return false;
  const size = add(range.last, 1) > range.first ? Number(range.last) - Number(range.first) + 1 : 0;
  if (range.first >= 0xc000_0000 && range.last < 0xffc0_0000) return true;
  return range.first >= HIGH && size > 0 && size <= LARGEST_BAR;
}

function fromMap(context: Context, call: ScenarioCall, range: Range, errno: string | null, base: Partial<Finding> & { api: "type1" | "iommufd" }, explained: Explained, isProgram: boolean): Finding | null {
  const { clues } = context;
  const name = base.object ?? "";
  const isBar = !isProgram && looksLikeBar(name, range);
  const what = name === "" ? (isBar ? "A BAR" : "The range") : name;
  const severity = isBar ? ("peer-to-peer" as const) : ("fatal" as const);
  const asked = `${what} at ${rangeText(range.first, range.last)}`;
  const plainly = `${name === "" ? "The range" : name} at ${rangeText(range.first, range.last)}`;
  switch (errno) {
    case "ENOMEM": {
      const cause = isPinnedElsewhere(context.history, base.step ?? 0, call) || wentWell(clues, range) ? "pinned-more-than-once" : lockCause(clues);
      const limit = clues.memlock === null ? "" : `; the limit was ${humanSize(clues.memlock)}`;
      return findingOf(cause, { ...base, severity: "fatal", text: `${asked} could not be pinned: ${cause === "memlock-limit" ? "more memory would be locked than RLIMIT_MEMLOCK allows" : "the same memory is pinned in another address space already, and counts twice"}${limit}. Free RAM has nothing to do with it.`, needs: [NEED.limit] });
    }
    case "EFAULT": {
      // Kernels before 5.4 answered so, and said in their log what it was.
      const told = clues.hints.find((hint) => hint.cause === "iova-above-aperture" && hint.errno === "EFAULT" && hint.range && range.first <= hint.range.first && hint.range.first <= range.last);
      if (told) return findingOf("iova-above-aperture", { ...base, severity, confidence: "given", basis: "the kernel's own message", needs: [], text: `${plainly} ends above what the host's IOMMU can address, as the kernel's log says.` });
      return isBar || name === ""
        ? findingOf("bar-memory-not-pinnable", { ...base, text: `${asked} is a device's memory, not RAM, and can't be pinned. Only transfers from device to device are lost.` })
        : findingOf("bar-memory-not-pinnable", { ...base, severity: "fatal", confidence: "guessed", text: `${asked} could not be pinned: nothing is there in the VMM's memory, or it is read-only.` });
    }
    case "ENOSPC":
      return findingOf("dma-entry-limit", { ...base, text: `${plainly} is one mapping too many for the container.` });
    case "EEXIST": {
      const partial = clues.hints.some((hint) => hint.cause === "partial-unmap-type1-v1");
      const failed = lastFailed(explained);
      const mapping = failed && CAUSE_OF_RULE[failed.rule.id] === "map-overlaps-mapping" ? failed.range : null;
      return findingOf("map-overlaps-mapping", { ...base, confidence: "given", needs: [], basis: "the errno, which only this check gives", severity: partial ? "fatal" : "harmless", text: `${plainly} overlaps ${mapping ? `${rangeText(mapping.first, mapping.last)}, which` : "a range that"} is mapped already; mappings are never replaced.` });
    }
    case "ENOTTY":
      return findingOf("kernel-too-old", { ...base, api: "iommufd", needs: needsOf("kernel-too-old", clues), text: `${plainly} was refused with ENOTTY. ${tooOld(/^IOMMU_\w+/.exec(explained.call.note ?? "")?.[0] ?? "IOMMU_IOAS_MAP_FILE", clues)}` });
    case null:
    case "EINVAL":
    case "EOVERFLOW":
    case "EADDRINUSE":
      return fromPlace(context, range, isBar ? "bar" : isProgram ? "program" : "guest", what, severity, base, explained);
    default:
      return null;
  }
}

/** Every IOMMU reaches this far. */
const NARROWEST = 2 ** 36;

/** EINVAL: somewhere it may not be. */
function fromPlace({ clues, host, history }: Context, range: Range, by: MappedBy, what: string, severity: Finding["severity"], base: Partial<Finding> & { api: "type1" | "iommufd" }, explained: Explained): Finding | null {
  const direct = explained.trace.refusedBy?.id;
  const known = direct === undefined ? undefined : CAUSE_OF_RULE[direct];
  if (known !== undefined) return findingOf(known, base);
  const verdict = judgeRange(range, host, what, by, clues);
  if (verdict) return findingOf(verdict.cause, { ...base, severity, text: verdict.text, remedy: verdict.remedy, decidedBy: verdict.decidedBy });
  if (!isAligned(range.first, 4096) || !isAligned(add(range.last, 1), 4096)) return null;
  // Without an errno it may be anything that memory fails by: mostly the limit, and for files a kernel without that call.
  if (base.errno === null && by !== "bar" && range.last < NARROWEST) {
    const file = (explained.call.note ?? "").startsWith("IOMMU_IOAS_MAP_FILE");
    return findingOf(file ? "kernel-too-old" : lockCause(clues), { ...base, confidence: "guessed", basis: "the log shows that it failed, not why; nothing is in the way at that place", text: `${what} at ${rangeText(range.first, range.last)} failed, and the log does not say why. Nothing is in its way there, so most likely ${file ? "the kernel lacks the call" : "more memory would be locked than RLIMIT_MEMLOCK allows"}.`, needs: [file ? NEED.kernel : NEED.limit, NEED.messages] });
  }
  // IOMMU_IOAS_MAP pins RAM only: where a BAR has room, that is why.
  if (base.errno === null && by === "bar" && base.api === "iommufd") return findingOf("bar-memory-not-pinnable", { ...base, confidence: "guessed", basis: "the log shows that it failed, not why; nothing is in the way at that place", text: `${what} at ${rangeText(range.first, range.last)} failed, and the log does not say why. Nothing is in its way there, so most likely it is a device's memory, which can't be pinned. Only transfers from device to device are lost.`, needs: [NEED.messages] });
  // Who prints calls of its own may make them in any order; there the place says nothing.
  if (by === "program" && base.api === "type1" && clues.events.length === 0 && range.last < NARROWEST) return findingOf("map-before-iommu-set", { ...base, confidence: "guessed", text: MOSTLY["map-before-iommu-set"], basis: "the errno: nothing that the inputs show is in the way at that place", needs: [NEED.order, ...hostNeeds(clues)] });
  const reserved = base.confidence === "guessed" || explained.trace.refusedBy?.id !== "iova-overlaps-reserved" ? null : (lastFailed(explained)?.range ?? null);
  if (reserved) return findingOf("map-crosses-reserved-region", { ...base, severity, decidedBy: reserved, needs: [], text: `${what} at ${rangeText(range.first, range.last)} touches ${rangeText(reserved.first, reserved.last)}, which is reserved in this IOAS; the kernel refuses the whole range.` });
  // The host as described takes it; so the host is another one than that.
  const high = range.last >= 2 ** 39 && !clues.known.width;
  const cause: Cause = high ? "iova-above-aperture" : "map-crosses-reserved-region";
  const text = high
    ? `${what} at ${rangeText(range.first, range.last)} was refused: on ${history.config.platform.name} it fits, so the host's IOMMU is probably narrower. 39 bits end at ${groupedHex(2 ** 39 - 1)}.`
    : `${what} at ${rangeText(range.first, range.last)} was refused though nothing that the inputs show is in the way: the host reserves more than they tell.`;
  return findingOf(cause, { ...base, severity, text, confidence: "guessed", needs: [NEED.regions, ...(clues.known.width ? [] : [NEED.width])] });
}

/** Calls in which to look for another mapping of the same memory. */
const MOST_LOOKED_BACK = 100_000;

/** Was the same memory mapped in another address space before? */
function isPinnedElsewhere(history: History, step: number, call: ScenarioCall): boolean {
  const va = call.in.vaddr ?? call.in.user_va;
  const space = call.in.ioas_id ?? null;
  if (va === undefined || number(va) === 0) return false;
  if (space === null) return isMappedTwice(history, step, call);
  for (let earlier = Math.max(1, step - MOST_LOOKED_BACK); earlier < step; earlier++) {
    const before = history.call(earlier);
    if (isMapCall(before) && (before.in.vaddr ?? before.in.user_va) === va && (before.in.ioas_id ?? null) !== space && !failedInLog(before)) return true;
  }
  return false;
}

/** Was the very range mapped before, by the program's own words? No space takes it twice, so that was another one. */
function wentWell({ failures }: Clues, { first, last }: Range): boolean {
  return failures.some((failure) => failure.kind === "map" && failure.wentWellBefore === true && failure.iova === first && add(failure.iova, failure.size) === add(last, 1));
}

/** Calls on a container do not say on which: what is there already could only be pinned again in another one. */
function isMappedTwice(history: History, step: number, { in: { vaddr, iova, size } }: ScenarioCall): boolean {
  for (let earlier = step - 1; earlier >= Math.max(1, step - MOST_LOOKED_BACK); earlier--) {
    const { call, in: before, recorded } = history.call(earlier);
    if (before.iova !== iova || before.size !== size) continue;
    if (call === "VFIO_IOMMU_UNMAP_DMA") return false;
    if (call === "VFIO_IOMMU_MAP_DMA" && before.vaddr === vaddr) return recorded?.failed !== true && (recorded?.errno ?? "OK") === "OK";
  }
  return false;
}

function fromUnmap(base: Partial<Finding> & { api: "type1" | "iommufd" }, errno: string | null): Finding | null {
  return errno === "ENOENT" ? findingOf("unmap-of-nothing", { ...base, needs: [], text: base.range ? `Nothing is mapped at ${rangeText(base.range.first, base.range.last)}.` : "Nothing is mapped there." }) : null;
}

/** Unmaps that removed nothing and still succeeded: silent, and worth a word. Worst where they meant the middle of a mapping. */
export function emptyUnmaps({ history, clues }: Context): Finding | null {
  let count = 0;
  let first: { step: number; inside: Range | null } | null = null;
  const mapped: Range[] = [];
  history.eachAnswer(1, history.ran, (step, made) => {
    const call = history.call(step);
    const range = rangeOf(call);
    // The kernel's own answer counts, where the log has it.
    if (call.call === "VFIO_IOMMU_MAP_DMA" && range && (call.recorded?.errno ?? made.answer.errno) === "OK" && !failedInLog(call)) mapped.push(range);
    if (call.call !== "VFIO_IOMMU_UNMAP_DMA" || failedInLog(call)) return;
    const size = parseU64(call.recorded?.out?.size ?? made.answer.out?.size);
    if (size !== null && size !== 0 && range) forget(mapped, range.first, lastOf(range.first, size));
    if (size !== 0) return;
    const inside = mapped.find((mapping) => range !== null && mapping.first < range.first && range.first <= mapping.last) ?? null;
    count++;
    if (first === null || (inside && !first.inside)) first = { step, inside };
  });
  const found = first as { step: number; inside: Range | null } | null;
  if (found === null) return null;
  const { step, inside } = found;
  const range = rangeOf(history.call(step));
  const isPartial = inside !== null || history.config.vfio.api === "v1";
  return findingOf(isPartial ? "partial-unmap-type1-v1" : "unmap-of-nothing", {
    step, range, decidedBy: inside, confidence: "modelled", basis: "the mappings that the log shows up to there",
    where: clues.events.find((event) => event.call === "VFIO_IOMMU_UNMAP_DMA" && event.iova === range?.first)?.at ?? null,
    text: `${count === 1 ? "An unmap" : plural(count, "unmap")}${range && count === 1 ? ` of ${rangeText(range.first, range.last)}` : ""} removed nothing${range && count > 1 ? `, ${inside ? "one" : "the first"} at ${rangeText(range.first, range.last)}` : ""}: ${inside ? `a type1 v1 container leaves ${rangeText(inside.first, inside.last)} whole, which starts before the range, and says that all went well.` : isPartial ? "a type1 v1 container leaves a mapping whole that starts before the range." : "nothing was mapped there. That is how VMMs clean up, and harmless."}`,
  });
}

function forget(mapped: Range[], first: U64, last: U64): void {
  for (let index = mapped.length - 1; index >= 0; index--) {
    const mapping = mapped[index] as Range;
    if (first <= mapping.first && mapping.last <= last) mapped.splice(index, 1);
  }
}
