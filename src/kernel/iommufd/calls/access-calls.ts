/** Accesses as the kernel's tests drive them: create, pin, read and write, move to another IOAS. */
import { add, lastOf, maskLow, sub, toBig, wraps, type U64 } from "../../../base/u64.ts";
import { groupedHex, plural, rangeText } from "../../../base/format.ts";
import type { CallDef } from "../../call.ts";
import type { CallTrace } from "../../call-trace.ts";
import { flags as flagBits, idOf, iova as iovaKind, length as lengthKind, optional, orElse, text, u32 } from "../../fields.ts";
import { iommufdRules as R } from "../../rules/iommufd.ts";
import { PAGE_SIZE, type Frame } from "../../memory/buffers.ts";
import { countingBytes, hexToBytes, readResult } from "../../memory/crc32.ts";
import { changeAccessIoas, mayAccess, pinPages, releaseItem, rights } from "../access.ts";
import { installFile } from "../files.ts";
import type { Iommufd } from "../iommufd.ts";
import { contiguousPieces, vaAt, type Piece } from "../map.ts";
import { Access, type AccessItem, type Ioas } from "../objects.ts";
import { WRITABLE } from "../pages.ts";
import { frameOf, pinSpan } from "../pin.ts";
import { idRef, mappingRef, nameOf, refOf } from "../refs.ts";
import { flagsAreKnown } from "./ioctl.ts";
import { givenPointer } from "./kinds.ts";
import { findIoas } from "./lookup.ts";
import { defineTest } from "./test-op.ts";

/** The access behind a descriptor of the calling process. */
function findAccess(iommufd: Iommufd, trace: CallTrace, caller: number, fd: number): Access | null {
  const what = iommufd.processes[caller]?.files.get(fd)?.what;
  const found = what?.kind === "access" ? what.access : null;
  return trace.holds(R["access-fd"], found !== null, () => ({ objects: found ? [refOf(found)] : [], note: `fd ${fd}` })) ? found : null;
}

/** CREATE_ACCESS: an object of its own, a file, and a hold on the IOAS. */
const createAccess = defineTest(
  "IOMMU_TEST_OP_CREATE_ACCESS",
  {
    summary: "Test: makes an access, an in-kernel user of an IOAS; flag 1: it will pin pages.", in: { id: idOf("an IOAS"), flags: orElse(flagBits, 0) }, out: { out_access_fd: u32 },
    order: [R["unknown-flag"], R["id-not-found"], R["existing-maps-misaligned"]],
  },
  (iommufd, context, { id, flags }, trace, _given, caller) => {
    if (!flagsAreKnown(trace, flags, 1, "iommufd_test_create_access")) return trace.refusal();
    const access = new Access(context, context.reserveId(), (flags & 1) !== 0);
    access.users = 2;
    context.publish(access);
    const ioas = findIoas(trace, context, id);
    if (!ioas || !changeAccessIoas(iommufd, trace, access, ioas)) {
      context.forget(access.id);
      return trace.refusal();
    }
    context.files++;
    const fd = installFile(iommufd.process(caller), iommufd.config.firstFd, { kind: "access", access });
    trace.effect("create", () => ({ objects: [refOf(access), refOf(ioas)], text: `${nameOf(access)} is made, users 2; its file is fd ${fd}` }));
    return { errno: "OK", out: { out_access_fd: fd } };
  },
);

const replaceIoas = defineTest(
  "IOMMU_TEST_OP_ACCESS_REPLACE_IOAS",
  {
    summary: "Test: moves an access to another IOAS; its pins are given back.", in: { id: u32, ioas_id: idOf("an IOAS") },
    order: [R["access-fd"], R["id-not-found"], R["existing-maps-misaligned"]],
  },
  (iommufd, _context, { id, ioas_id }, trace, _given, caller) => {
    const access = findAccess(iommufd, trace, caller, id);
    if (!access) return trace.refusal();
    const ioas = findIoas(trace, access.context, ioas_id);
    return ioas && changeAccessIoas(iommufd, trace, access, ioas) ? { errno: "OK" } : trace.refusal();
  },
);

const LONGEST = 16 * 1024 * 1024;

/** The checks that pinning and reading start with; null: one refused. */
function startAccess(trace: CallTrace, access: Access, iova: U64, length: U64, fn: string): Ioas | null {
  if (!trace.holds(R["length-zero"], length !== 0, () => ({ fn }))) return null;
  if (!trace.holds(R["iova-wraps"], !wraps(iova, length), () => ({ fn, note: `${groupedHex(iova)} + ${groupedHex(length)}` }))) return null;
  const { ioas } = access;
  return trace.holds(R["id-not-found"], ioas !== null, () => ({ fn, objects: ioas ? [refOf(ioas)] : [idRef(access.context, "ioas", 0)], note: "the access is on an IOAS" })) ? ioas : null;
}

function lengthIsAllowed(trace: CallTrace, length: U64): boolean {
  return trace.holds(R["access-length-limit"], length <= LONGEST, () => ({ note: `length ${groupedHex(length)}` }));
}

const accessPages = defineTest(
  "IOMMU_TEST_OP_ACCESS_PAGES",
  {
    summary: "Test: pins the pages under a range; with uptr, compares them with that memory.",
    in: { id: u32, flags: orElse(flagBits, 0), iova: iovaKind, length: lengthKind, uptr: givenPointer }, out: { out_access_pages_id: u32 },
    order: [
      R["access-length-limit"], R["unknown-flag"], R["access-fd"], R["access-without-pins"], R["length-zero"], R["iova-wraps"], R["access-page-start"], R["access-permission"],
      R["bad-user-memory"], R["memlock-limit"], R["access-hole"], R["process-memory"], R["access-pages-differ"],
    ],
  },
  (iommufd, _context, { id, flags, iova, length, uptr }, trace, _given, caller) => {
    if (!lengthIsAllowed(trace, length) || !flagsAreKnown(trace, flags, 1, "iommufd_test_access_pages")) return trace.refusal();
    const access = findAccess(iommufd, trace, caller, id);
    if (!access) return trace.refusal();
    if (!trace.holds(R["access-without-pins"], access.pins, () => ({ objects: [refOf(access)] }))) return trace.refusal();
    const ioas = startAccess(trace, access, iova, length, "iommufd_access_pin_pages");
    const pinned = ioas ? pinPages(iommufd, trace, access, ioas, iova, length, (flags & 1) !== 0) : null;
    if (!pinned) return trace.refusal();
    const item: AccessItem = { id: access.nextItem, iova, last: lastOf(iova, length), spans: pinned.spans };
    access.items.set(item.id, item);
    const va = uptr === null ? 0 : iommufd.memory.address(uptr);
    if (va !== 0 && !pagesMatch(iommufd, trace, caller, va, pinned.frames)) {
      releaseItem(iommufd, trace, access, item);
      return trace.refusal();
    }
    access.nextItem++;
    return { errno: "OK", out: { out_access_pages_id: item.id } };
  },
);

function pagesMatch(iommufd: Iommufd, trace: CallTrace, caller: number, va: U64, frames: (Frame | null)[]): boolean {
  const start = sub(va, maskLow(va, PAGE_SIZE));
  for (const [index, frame] of frames.entries()) {
    const here = iommufd.memory.frameAt(caller, add(start, index * PAGE_SIZE));
    if (!trace.holds(R["process-memory"], here !== null, () => ({ fn: "iommufd_test_check_pages", note: `page ${index}` }))) return false;
    if (!trace.holds(R["access-pages-differ"], here === frame, () => ({ note: `page ${index}` }))) return false;
  }
  return true;
}

const destroyPages = defineTest(
  "IOMMU_TEST_OP_DESTROY_ACCESS_PAGES",
  { summary: "Test: gives back what one ACCESS_PAGES call pinned.", in: { id: u32, access_pages_id: u32 }, order: [R["access-fd"], R["access-item"]] },
  (iommufd, _context, { id, access_pages_id }, trace, _given, caller) => {
    const access = findAccess(iommufd, trace, caller, id);
    if (!access) return trace.refusal();
    const item = access.items.get(access_pages_id) ?? null;
    if (!trace.holds(R["access-item"], item !== null, () => ({ objects: [refOf(access)], note: `item ${access_pages_id}` }))) return trace.refusal();
    if (item) releaseItem(iommufd, trace, access, item);
    return { errno: "OK" };
  },
);

const RW_WRITE = 1;
const RW_SLOW = 4;

const accessRw = defineTest(
  "IOMMU_TEST_OP_ACCESS_RW",
  {
    summary: "Test: reads or writes (1) bytes by IOVA; 4: along the path that pins pages.",
    in: { id: u32, flags: orElse(flagBits, 0), iova: iovaKind, length: lengthKind, data_fill: orElse(u32, 0), data: optional(text), uptr: givenPointer },
    order: [
      R["access-length-limit"], R["unknown-flag"], R["access-fd"], R["argument-readable"], R["length-zero"], R["iova-wraps"], R["access-permission"], R["bad-user-memory"], R["access-hole"],
    ],
  },
  (iommufd, _context, { id, flags, iova, length, data_fill, data, uptr }, trace, _given, caller) => {
    if (!lengthIsAllowed(trace, length) || !flagsAreKnown(trace, flags, RW_WRITE | RW_SLOW, "iommufd_test_access_rw")) return trace.refusal();
    const access = findAccess(iommufd, trace, caller, id);
    if (!access) return trace.refusal();
    const write = (flags & RW_WRITE) !== 0;
    const readable = uptr === null || length === 0 || iommufd.memory.isUsable(caller, iommufd.memory.address(uptr), length, false);
    const argument = (): boolean => trace.holds(R["argument-readable"], readable, () => ({ fn: "iommufd_test_access_rw", note: "uptr" }));
    if (write && !argument()) return trace.refusal();
    const ioas = startAccess(trace, access, iova, length, "iommufd_access_rw");
    if (!ioas) return trace.refusal();
    const bytes = write ? (data === null ? countingBytes(data_fill, Number(length)) : hexToBytes(data)) : new Uint8Array(Number(length));
    if (!transfer(iommufd, trace, ioas, { iova, bytes, write, slow: (flags & RW_SLOW) !== 0, caller })) return trace.refusal();
    if (!write && !argument()) return trace.refusal();
    return write ? { errno: "OK" } : { errno: "OK", out: readResult(bytes) };
  },
);

interface Transfer {
  readonly iova: U64;
  /** What to write, or where to read to. */
  readonly bytes: Uint8Array;
  readonly write: boolean;
  readonly slow: boolean;
  readonly caller: number;
}

/** iommufd_access_rw (6.12), area by area. What was done before a refusal stays done. */
function transfer(iommufd: Iommufd, trace: CallTrace, ioas: Ioas, request: Transfer): boolean {
  const { iova, bytes, write } = request;
  const last = lastOf(iova, bytes.length);
  const { pieces, gap } = contiguousPieces(ioas.table, iova, last);
  for (const piece of pieces) {
    const objects = [mappingRef(refOf(ioas), piece.area), refOf(ioas)];
    if (
      !trace.holds(R["access-permission"], mayAccess(piece.area.flags, write), () => ({
        fn: "iommufd_access_rw", objects,
        note: rights(piece.area.flags),
      }))
    ) return false;
    const part = bytes.subarray(Number(sub(piece.first, iova)), Number(sub(piece.last, iova)) + 1);
    if (
      !trace.holds(R["bad-user-memory"], transferPiece(iommufd, ioas, piece, part, request), () => ({
        fn: "iopt_pages_rw_access", objects,
        note: `memory at ${groupedHex(vaAt(piece.area, piece.first))}`,
      }))
    ) return false;
  }
  if (write && bytes.length > 0) trace.effect("memory", () => ({
    objects: [refOf(ioas)], range: { first: iova, last },
    text: `${plural(bytes.length, "byte")} written through ${rangeText(iova, last)}`,
  }));
  return trace.holds(R["access-hole"], gap === null, () => ({
    fn: "iommufd_access_rw", objects: [refOf(ioas)],
    note: gap === null ? "" : `nothing is mapped at ${groupedHex(gap)}`,
  }));
}

/** iopt_pages_rw_access: the caller's own memory by its address, else page by page. */
function transferPiece(iommufd: Iommufd, ioas: Ioas, piece: Piece, bytes: Uint8Array, request: Transfer): boolean {
  const { memory } = iommufd;
  const va = vaAt(piece.area, piece.first);
  const pages = ioas.context.pages.all.get(piece.area.ref) ?? null;
  const process = pages?.process ?? 0;
  if (process === request.caller && !request.slow) {
    if (request.write) return memory.write(process, va, bytes) === bytes.length;
    const read = memory.read(process, va, bytes.length);
    bytes.set(read);
    return read.length === bytes.length;
  }
  const onePage = toBig(va) >> 12n === toBig(add(va, bytes.length - 1)) >> 12n;
  if (onePage && memory.isAlive(process)) {
    if (!memory.isUsable(process, va, bytes.length, request.write)) return false;
    if (request.write) return memory.write(process, va, bytes) === bytes.length;
    bytes.set(memory.read(process, va, bytes.length));
    return true;
  }
  return transferPinned(iommufd, ioas, piece, bytes, request.write);
}

/** iopt_pages_rw_slow: pins what is not pinned yet, then copies. Nothing is copied when a page can't be pinned. */
function transferPinned(iommufd: Iommufd, ioas: Ioas, piece: Piece, bytes: Uint8Array, write: boolean): boolean {
  const { memory } = iommufd;
  const va = vaAt(piece.area, piece.first);
  const pages = ioas.context.pages.all.get(piece.area.ref) ?? null;
  const isPinned = ioas.table.domains.length > 0 && pages === null;
  if (pages) {
    if (!pinSpan(iommufd, pages, { first: pages.indexOf(va), last: pages.indexOf(add(va, bytes.length - 1)) })) return false;
  } else if (!isPinned && !memory.isUsable(0, va, bytes.length, (piece.area.flags & WRITABLE) !== 0)) return false;
  for (let done = 0; done < bytes.length; ) {
    const at = add(va, done);
    const frame = pages ? frameOf(iommufd, pages, pages.indexOf(at)) : memory.frameAt(0, at);
    if (frame === null) return false;
    const offset = Number(maskLow(at, PAGE_SIZE));
    const part = Math.min(bytes.length - done, PAGE_SIZE - offset);
    if (write) memory.writeFrame(frame, offset, bytes.subarray(done, done + part));
    else bytes.set(memory.readFrame(frame, offset, part), done);
    done += part;
  }
  return true;
}

export const accessCalls: readonly CallDef[] = [createAccess, replaceIoas, accessPages, destroyPages, accessRw];
