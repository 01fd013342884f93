/**
 * Any program's words about a refused call: what was tried (an ioctl's name, or plain words for it), what came of it (an errno
 * in whatever spelling its language prints) and, where it says so, at which addresses. It comes after the readers of known
 * messages, and claims no line that lacks one of the first two.
 */
import { unreachable } from "../../base/assert.ts";
import { ERRNO, errnoName, type Errno } from "../../kernel/errno.ts";
import { add, parseU64, sub, U64_MAX, wraps, type U64 } from "../../base/u64.ts";
import type { Facts, Failure, Hint } from "./facts.ts";
import { ERRNO_SENTENCE, errnoOfText } from "./numbers.ts";
import { all, anyOf, needsOf } from "./literals.ts";
import { ignored, USED, type Reader, type Session, type Taken } from "./reader.ts";

/** A line without any of these is about something else. */
const GATE = /vfio|iommu|\bdma|iova|ioas|hwpt|pasid|user[_ ]?memory[_ ]?region/i;

type Operation =
  | "map" | "unmap" | "set-iommu" | "set-container" | "bind" | "attach" | "attach-nested" | "attach-pasid" | "open-group" | "open-device" | "open-container" | "hardware-info" | "guest-memory" | "other-ioctl" | "other";

/** What was tried; the first that is found counts, so names of ioctls come before plain words. */
const OPERATIONS: readonly [RegExp, Operation][] = [
  [/user[_ ]?memory[_ ]?region/i, "guest-memory"],
  [/pasid.*(?:attach|bind)|(?:attach|bind|sva).*pasid|sva_bind/i, "attach-pasid"],
  [/IOMMU_GET_HW_INFO|hardware info/i, "hardware-info"],
  [/VFIO_IOMMU_UNMAP_DMA|IOMMU_IOAS_UNMAP/, "unmap"],
  [/VFIO_IOMMU_MAP_DMA|IOMMU_IOAS_MAP|IOMMU_IOAS_COPY/, "map"],
  [/VFIO_SET_IOMMU/, "set-iommu"],
  [/VFIO_GROUP_SET_CONTAINER/, "set-container"],
  [/VFIO_DEVICE_BIND_IOMMUFD/, "bind"],
  [/(?:nested|vdevice|vIOMMU|viommu).*attach|attach.*(?:nested|vdevice|vIOMMU|viommu)/i, "attach-nested"],
  [/VFIO_DEVICE_ATTACH_IOMMUFD_PT/, "attach"],
  [/\bIOMMU_[A-Z][A-Z_]+[A-Z]/, "other-ioctl"],
  // Whether a device has a feature is asked for by trying.
  [/\bVFIO_DEVICE_[A-Z]/, "other"],
  [/\/dev\/vfio\/vfio\b|open.*vfio container|vfio container.*open/i, "open-container"],
  [/\/dev\/vfio\/devices\/vfio\d+/, "open-device"],
  [/\/dev\/vfio\/\d+|open.*vfio group|\bOpenGroup\b/i, "open-group"],
  [/bind.*iommufd/i, "bind"],
  [/attach.*(?:ioas|hwpt|iommufd|page table)/i, "attach"],
  [/set (?:the )?iommu\b|set_iommu|setiommu/i, "set-iommu"],
  [/set (?:group )?container|set_?container|(?:add|attach).*group.*container/i, "set-container"],
  [/unmap.*(?:dma|iova|ioas|iommu)|(?:dma|iova|ioas|iommu)\S* ?unmap/i, "unmap"],
  [/(?<!un)map\w*\b.*(?:dma|iova|ioas|iommu|vfio)|(?:dma|iova|ioas|iommu|vfio).*(?<!un)map/i, "map"],
];

const NAMES = new RegExp(`\\b(${Object.keys(ERRNO).join("|")})\\b`);
/** Numbers, each behind a word that says it is an errno; Rust, Python, Go and C print it in their own ways. */
const NUMBERS: readonly RegExp[] = [
  /\bos error (\d{1,3})\b/, /\bcode: (\d{1,3})\b/, /\b[Ee]rrno[ =:(]*-?(\d{1,3})\b/, /\bError\((\d{1,3})\)/, /\b(?:err|error|ret|rc|status|returned|failed)\b[ =:(]*-?(\d{1,3})\b(?![\d.:])/, /[=:(] ?-(\d{1,3})\b/,
];

/** Few lines have anything of an errno: this is asked before all else. */
const MAY_HAVE_ERRNO = new RegExp([NAMES, ERRNO_SENTENCE, ...NUMBERS].map(({ source }) => source).join("|"), "i");

/** The errno that a line names by sign, number or sentence; null: none. */
export function errnoIn(line: string): Errno | null {
  if (!MAY_HAVE_ERRNO.test(line)) return null;
  const named = NAMES.exec(line)?.[1];
  if (named !== undefined) return named as Errno;
  const told = errnoOfText(line);
  if (told !== null) return told;
  for (const pattern of NUMBERS) {
    const match = pattern.exec(line);
    // A library's -1 says that errno has it, not that it is EPERM.
    const number = match?.[0].endsWith("-1") ? undefined : match?.[1];
    const errno = number === undefined ? null : errnoName(Number(number));
    if (errno !== null) return errno;
  }
  return null;
}

const NUMBER = "(0x[0-9a-f]{1,16}|\\d{1,20})";
const IOVA = new RegExp(`\\b(?:iova\\w*|gpa|guest_phys_addr)[ =:(]+${NUMBER}\\b`, "i");
const SIZE = new RegExp(`\\b(?:(?:(?:memory_)?size|len|length|bytes)[ =:(]+${NUMBER}\\b|${NUMBER} bytes\\b)`, "i");
/** "[0x1000, 0x2000)" is exclusive; "0x1000-0x1fff" and "0x1000..0x1fff" are inclusive. */
const HALF_OPEN = /\[(0x[0-9a-f]{1,16}), ?(0x[0-9a-f]{1,16})\)/i;
const CLOSED = /(0x[0-9a-f]{1,16})\]? ?(?:\.\.=?|-|to) ?\[?(0x[0-9a-f]{1,16})/i;

/** Start and size in bytes of the range that a line speaks of. */
export function placeIn(line: string): { iova: U64; size: U64 } | null {
  const sized = SIZE.exec(line);
  const size = parseU64(sized?.[1] ?? sized?.[2]);
  const iova = parseU64(IOVA.exec(line)?.[1]);
  if (iova !== null && size !== null && size !== 0) return wraps(iova, size) ? null : { iova, size };
  const open = HALF_OPEN.exec(line);
  const closed = open ?? CLOSED.exec(line);
  const [first, end] = [parseU64(closed?.[1]), parseU64(closed?.[2])];
  if (first === null || end === null || end <= first) return null;
  const length = open ? sub(end, first) : add(sub(end, first), 1);
  return length > U64_MAX ? null : { iova: first, size: length };
}

/** Programs that bring their own calls may get the order wrong; VMMs and DPDK do not. */
const WELL_ORDERED = /EAL|DPDK|spdk|vtophys|Vfio(?:Dma|Map)|cloud.?hypervisor|crosvm|DeviceManager|qemu|kvm|VMM|guest|iommufd/i;
const BDF = /\b([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])\b/;

type Told = Failure | Omit<Hint, "at" | "text">;

/** Who maps a guest's memory and its devices' BARs; any other program maps its own. */
const VMM = /qemu|kvm|VMM|guest|cloud.?hypervisor|crosvm|firecracker|kata|mmio|\bBARs?\b|DeviceManager/i;

/** What a refused operation stands for; null: that errno says nothing there. */
function toldBy(operation: Operation, errno: Errno, line: string): Told | null {
  const device = BDF.exec(line)?.[1];
  const who = device === undefined ? {} : { device };
  const object = device === undefined ? {} : { object: device };
  const group = /\/dev\/vfio\/(\d+)/.exec(line)?.[1] ?? /\bgroup (?:ID )?(\d+)/i.exec(line)?.[1] ?? /OpenGroup\(.*"(\d+)"\)/.exec(line)?.[1];
  const hint = (cause: string, more: Partial<Hint> = {}): Told => ({ cause, errno, ...object, ...more });
  if (errno === "ENOTTY" && operation !== "guest-memory" && operation !== "other") return hint("kernel-too-old", { object: /\b(?:IOMMU|VFIO)_[A-Z_]+[A-Z]/.exec(line)?.[0] ?? "" });
  switch (operation) {
    case "map": {
      const place = placeIn(line);
      if (place) return { kind: "map", op: "map", ...place, va: null, errno, ...who, ...(/ioas|iommufd/i.test(line) && { iommufd: true }), ...(!VMM.test(line) && { program: true }) };
      return { kind: "map-errno", errno, program: !WELL_ORDERED.test(line), ...who };
    }
    case "unmap":
      return errno === "ENOENT" ? hint("unmap-of-nothing", { ...rangeOf(line) }) : null;
    case "set-iommu":
    case "set-container":
      return { kind: operation, errno, ...who, ...(group !== undefined && { group: Number(group) }) };
    case "bind":
      return { kind: "bind", errno, ...who };
    case "attach":
      return { kind: "attach", errno, ptId: 2, ...who };
    case "attach-nested":
      return errno === "ENOENT" ? hint("vdevice-missing") : { kind: "attach", errno, ptId: 2, ...who };
    case "attach-pasid":
      return errno === "EINVAL" || errno === "EOPNOTSUPP" || errno === "ENODEV" ? hint("pasid-not-supported-by-group") : null;
    case "open-group":
      return group === undefined ? opened(errno, hint) : { kind: "open-group", group: Number(group), errno, ...who };
    case "open-device":
    case "open-container":
      return opened(errno, hint);
    case "hardware-info":
      return errno === "ENOENT" ? hint("mdev-has-no-hwpt") : null;
    case "guest-memory":
      return errno === "EINVAL" ? hint("vcpu-address-width", { ...rangeOf(line), ...(placeIn(line) === null && { weak: true }) }) : null;
    case "other-ioctl":
    case "other":
      return null;
    default:
      return unreachable(operation);
  }
}

function opened(errno: Errno, hint: (cause: string) => Told): Told {
  return hint(errno === "EBUSY" ? "group-already-open" : "outside-the-model");
}

function rangeOf(line: string): Pick<Hint, "range"> {
  const place = placeIn(line);
  return place ? { range: { first: place.iova, last: sub(add(place.iova, place.size), 1) } } : {};
}

/** Programs print what they ask for before they ask, and the refusal in the next line or the one after. */
const NEAR = 2;
const MOST_MAPPED = 100;
const ASKED = /(?<!un)map/i;
/** What went well is nobody's refusal. */
const DONE = /\b(?:ok|okay|success\w*|succeeded|done)\b|(?:->|\) ?=|\b(?:ret\w*|rc|res\w*|err\w*|status)\b ?[=:]?) ?0\b|[=:] ?0\s*$/i;

/** What a line asks to be mapped, when it says nothing of how that ended. */
function askedIn(line: string, isBeside: boolean): { iova: U64; size: U64 } | null {
  if (line.length > LONGEST || !(isBeside || ASKED.test(line)) || !IOVA.test(line) || !SIZE.test(line) || DONE.test(line) || errnoIn(line) !== null) return null;
  return placeIn(line);
}

/** What a line says was mapped, all being well. */
function mappedIn(line: string): { iova: U64; size: U64 } | null {
  return line.length <= LONGEST && ASKED.test(line) && IOVA.test(line) && SIZE.test(line) && DONE.test(line) ? placeIn(line) : null;
}

/** Languages print what was tried, and the reason some lines below: tracebacks, chains of causes. */
const TRACED = 6;
const FAILED_WORDS = /fail|error|cannot|can't|could ?n[o']t|unable|ioctl\(/i;
/** A line that is little else than an errno. */
const REASON = /errno|os error|error\b|caused by|reason|ret(?:urned)?\b|code\b/i;
const LONGEST_REASON = 160;
const BARE_REASON = 60;

/** What a line says was tried, when it does not say what came of it. */
function triedIn(line: string): Operation | null {
  if (line.length > LONGEST || !GATE.test(line) || !FAILED_WORDS.test(line) || errnoIn(line) !== null) return null;
  const operation = OPERATIONS.find(([pattern]) => pattern.test(line))?.[1];
  return operation === undefined || operation === "other" ? null : operation;
}

/** The errno of a line that says nothing else. */
function reasonIn(line: string): Errno | null {
  return line.length < BARE_REASON || (line.length < LONGEST_REASON && REASON.test(line)) ? errnoIn(line) : null;
}

const LONGEST = 2048;
const SHOWN = 200;

/** What a line says of a refused call; null: it tells of none. */
export function refusalIn(line: string): Told | null {
  // No message is that long, and patterns with gaps are slow on what is.
  if (line.length > LONGEST || !GATE.test(line)) return null;
  const errno = errnoIn(line);
  const operation = errno === null ? undefined : OPERATIONS.find(([pattern]) => pattern.test(line))?.[1];
  return operation === undefined || errno === null ? null : toldBy(operation, errno, line);
}

class Refusals implements Session {
  private readonly facts: Facts;
  private readonly input: string;
  /** What the last line that tells no end asked for. */
  private asked: { iova: U64; size: U64; text: string; line: number } | null = null;
  /** What was mapped before, all being well; the last few. */
  private readonly mapped: { iova: U64; size: U64 }[] = [];
  /** A refused map that named no place, told a moment ago. */
  private placeless: { failure: Failure; text: string; line: number } | null = null;
  /** What was tried a moment ago, of which the reason was not told yet. */
  private tried: { operation: Operation; text: string; line: number } | null = null;

  constructor(facts: Facts, input: string) {
    this.facts = facts;
    this.input = input;
  }

  /** A refusal without a place or without a reason makes the next lines worth a look. */
  get expecting(): boolean {
    return this.placeless !== null || this.tried !== null;
  }

  take(line: string, number: number): Taken | null {
    if (this.placeless && number > this.placeless.line + NEAR) this.placeless = null;
    if (this.tried && number > this.tried.line + TRACED) this.tried = null;
    const told = refusalIn(line);
    if (told !== null) return this.tell(told, line, number);
    const { tried } = this;
    const reason = tried ? reasonIn(line) : null;
    if (tried && reason !== null) {
      const text = `${tried.text} ${line}`;
      const meant = toldBy(tried.operation, reason, text);
      this.tried = null;
      return meant && this.tell(meant, text, tried.line);
    }
    const mapped = mappedIn(line);
    if (mapped && this.mapped.push(mapped) > MOST_MAPPED) this.mapped.shift();
    const taken = this.takeAsked(line, number);
    const operation = taken ? null : triedIn(line);
    if (operation !== null) {
      this.tried = { operation, text: line, line: number };
      return ignored("names a call, and not what came of it");
    }
    return taken;
  }

  private tell(told: Told, line: string, number: number): Taken {
    this.tried = null;
    const at = { file: this.input, line: number };
    if ("kind" in told) this.remember({ ...told, at }, line, number);
    else this.facts.hints.push({ ...told, at, text: line.slice(0, SHOWN) });
    return USED;
  }

  private remember(failure: Failure, text: string, number: number): void {
    const { asked } = this;
    this.asked = null;
    if (failure.kind !== "map-errno" || failure.errno === null) {
      const isAgain = failure.kind === "map" && failure.errno === "ENOMEM" && this.mapped.some(({ iova, size }) => iova === failure.iova && size === failure.size);
      this.facts.failures.push(isAgain ? { ...failure, wentWellBefore: true } : failure);
    } else if (asked && number <= asked.line + NEAR) {
      this.facts.failures.push(placed(failure, asked, `${asked.text} ${text}`));
    } else {
      this.facts.failures.push(failure);
      this.placeless = { failure, text, line: number };
    }
  }

  private takeAsked(line: string, number: number): Taken | null {
    // Beside a refusal, an address and a size are what was refused, whatever the words.
    const asked = askedIn(line, this.placeless !== null);
    if (asked === null) return null;
    const { placeless } = this;
    const index = placeless ? this.facts.failures.lastIndexOf(placeless.failure) : -1;
    if (!placeless || index < 0 || placeless.failure.kind !== "map-errno") {
      this.asked = { ...asked, text: line, line: number };
      return null;
    }
    this.placeless = null;
    this.facts.failures[index] = placed(placeless.failure, asked, `${placeless.text} ${line}`);
    return USED;
  }
}

/** The same refusal with what the line beside it asked for; `text` is both lines. */
function placed({ errno, device, at }: Extract<Failure, { kind: "map-errno" }>, { iova, size }: { iova: U64; size: U64 }, text: string): Failure {
  return { kind: "map", op: "map", iova, size, va: null, errno, ...(device !== undefined && { device }), ...(!VMM.test(text) && { program: true }), ...(at && { at }) };
}

export const refusalsReader: Reader = {
  format: "a program's messages",
  needs: [needsOf(GATE), { is: "any", of: [all(anyOf(OPERATIONS.map(([pattern]) => pattern)), anyOf([NAMES, ERRNO_SENTENCE, ...NUMBERS])), all(needsOf(/iova/i), needsOf(/map/i), needsOf(SIZE)), all(anyOf(OPERATIONS.map(([pattern]) => pattern)), needsOf(FAILED_WORDS))] }],
  open: (facts, input) => new Refusals(facts, input),
};
