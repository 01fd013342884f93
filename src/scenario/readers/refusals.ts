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
import { anyOf, needsOf } from "./literals.ts";
import { USED, type Reader, type Session, type Taken } from "./reader.ts";

/** A line without any of these is about something else. */
const GATE = /vfio|iommu|\bdma|iova|ioas|hwpt|pasid|user_?memory_?region/i;

type Operation =
  | "map" | "unmap" | "set-iommu" | "set-container" | "bind" | "attach" | "attach-nested" | "attach-pasid" | "open-group" | "open-device" | "open-container" | "hardware-info" | "guest-memory" | "other-ioctl" | "other";

/** What was tried; the first that is found counts, so names of ioctls come before plain words. */
const OPERATIONS: readonly [RegExp, Operation][] = [
  [/user_?memory_?region/i, "guest-memory"],
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
  [/\/dev\/vfio\/\d+|open.*vfio group/i, "open-group"],
  [/bind.*iommufd/i, "bind"],
  [/attach.*(?:ioas|hwpt|iommufd|page table)/i, "attach"],
  [/set (?:the )?iommu\b|set_iommu|setiommu/i, "set-iommu"],
  [/set (?:group )?container|set_container|(?:add|attach).*group.*container/i, "set-container"],
  [/unmap.*(?:dma|iova|ioas|iommu)|(?:dma|iova|ioas|iommu)\S* ?unmap/i, "unmap"],
  [/(?<!un)map\w*\b.*(?:dma|iova|ioas|iommu|vfio)|(?:dma|iova|ioas|iommu|vfio).*(?<!un)map/i, "map"],
];

const NAMES = new RegExp(`\\b(${Object.keys(ERRNO).join("|")})\\b`);
/** Numbers, each behind a word that says it is an errno; Rust, Python, Go and C print it in their own ways. */
const NUMBERS: readonly RegExp[] = [
  /\bos error (\d{1,3})\b/, /\bcode: (\d{1,3})\b/, /\b[Ee]rrno[ =:(]*-?(\d{1,3})\b/, /\bError\((\d{1,3})\)/, /\b(?:err|error|ret|rc|status|returned|failed)\b[ =:(]*-?(\d{1,3})\b(?![\d.:])/, /[=:(] ?-(\d{1,3})\b/,
];

/** The errno that a line names by sign, number or sentence; null: none. */
export function errnoIn(line: string): Errno | null {
  const named = NAMES.exec(line)?.[1];
  if (named !== undefined) return named as Errno;
  const told = errnoOfText(line);
  if (told !== null) return told;
  for (const pattern of NUMBERS) {
    const number = pattern.exec(line)?.[1];
    const errno = number === undefined ? null : errnoName(Number(number));
    if (errno !== null) return errno;
  }
  return null;
}

const NUMBER = "(0x[0-9a-f]{1,16}|\\d{1,20})";
const IOVA = new RegExp(`\\biova\\w*[ =:(]+${NUMBER}\\b`, "i");
const SIZE = new RegExp(`\\b(?:size|len|length|bytes)[ =:(]+${NUMBER}\\b`, "i");
/** "[0x1000, 0x2000)" is exclusive; "0x1000-0x1fff" and "0x1000..0x1fff" are inclusive. */
const HALF_OPEN = /\[(0x[0-9a-f]{1,16}), ?(0x[0-9a-f]{1,16})\)/i;
const CLOSED = /(0x[0-9a-f]{1,16})\]? ?(?:\.\.=?|-|to) ?\[?(0x[0-9a-f]{1,16})/i;

/** Start and size in bytes of the range that a line speaks of. */
export function placeIn(line: string): { iova: U64; size: U64 } | null {
  const size = parseU64(SIZE.exec(line)?.[1]);
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

/** What a refused operation stands for; null: that errno says nothing there. */
function toldBy(operation: Operation, errno: Errno, line: string): Told | null {
  const device = BDF.exec(line)?.[1];
  const who = device === undefined ? {} : { device };
  const object = device === undefined ? {} : { object: device };
  const group = /\/dev\/vfio\/(\d+)/.exec(line)?.[1] ?? /\bgroup (?:ID )?(\d+)/i.exec(line)?.[1];
  const hint = (cause: string, more: Partial<Hint> = {}): Told => ({ cause, errno, ...object, ...more });
  if (errno === "ENOTTY" && operation !== "guest-memory" && operation !== "other") return hint("kernel-too-old", { object: /\b(?:IOMMU|VFIO)_[A-Z_]+[A-Z]/.exec(line)?.[0] ?? "" });
  switch (operation) {
    case "map": {
      const place = placeIn(line);
      if (place) return { kind: "map", op: "map", ...place, va: null, errno, ...who, ...(/ioas|iommufd/i.test(line) && { iommufd: true }) };
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
      return errno === "EINVAL" ? hint("vcpu-address-width", { ...rangeOf(line) }) : null;
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

const LONGEST = 2048;
const SHOWN = 200;

/** What a line says of a refused call; null: it tells of none. */
export function refusalIn(line: string): Told | null {
  // No message is that long, and patterns with gaps are slow on what is.
  if (line.length > LONGEST || !GATE.test(line)) return null;
  const operation = OPERATIONS.find(([pattern]) => pattern.test(line))?.[1];
  const errno = operation === undefined ? null : errnoIn(line);
  return operation === undefined || errno === null ? null : toldBy(operation, errno, line);
}

class Refusals implements Session {
  private readonly facts: Facts;
  private readonly input: string;

  constructor(facts: Facts, input: string) {
    this.facts = facts;
    this.input = input;
  }

  take(line: string, number: number): Taken | null {
    const told = refusalIn(line);
    if (told === null) return null;
    const at = { file: this.input, line: number };
    if ("kind" in told) this.facts.failures.push({ ...told, at });
    else this.facts.hints.push({ ...told, at, text: line.slice(0, SHOWN) });
    return USED;
  }
}

export const refusalsReader: Reader = {
  format: "a program's messages",
  needs: [needsOf(GATE), anyOf(OPERATIONS.map(([pattern]) => pattern)), anyOf([NAMES, ERRNO_SENTENCE, ...NUMBERS])],
  open: (facts, input) => new Refusals(facts, input),
};
