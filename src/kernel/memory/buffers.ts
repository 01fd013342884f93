/** The buffers that a scenario says its process has: where they are, and what is in them before anybody writes. */
import { add, type U64 } from "../../base/u64.ts";
import type { BufferConfig } from "../config.ts";
import type { Pointer } from "../fields.ts";

/** Bytes. The model's processes have 4 KiB pages. */
export const PAGE_SIZE = 4096;

/** A page of real memory, as a number. Pages of buffers count from 1; see `Memory` for the others. */
export type Frame = number;

export interface KnownBuffer {
  readonly index: number;
  readonly config: BufferConfig;
  readonly first: number;
  /** Inclusive. */
  readonly last: number;
  readonly writable: boolean;
  readonly hugetlb: boolean;
  /** Its first page. */
  readonly frame: Frame;
}

/** Lays out the buffers; null when the scenario says nothing of memory. Frozen: clones of a machine share it. */
export function knownBuffers(configs: readonly BufferConfig[] | null): readonly KnownBuffer[] | null {
  if (!configs) return null;
  let frame: Frame = 1;
  return Object.freeze(
    configs.map((config, index) => {
      const first = Number(config.va);
      const buffer: KnownBuffer = Object.freeze({
        index, config, first, frame,
        last: first + Number(config.size) - 1,
        writable: !config.kind.includes("readonly"),
        hugetlb: config.kind.startsWith("hugetlb"),
      });
      frame += Math.ceil(Number(config.size) / PAGE_SIZE);
      return buffer;
    }),
  );
}

/** The address a pointer stands for. An unknown buffer's name stands for address 0. */
export function addressOf(buffers: readonly KnownBuffer[] | null, pointer: Pointer): U64 {
  if ("va" in pointer) return pointer.va;
  const buffer = buffers?.find((known) => known.config.name === pointer.buffer);
  return buffer ? add(buffer.first, pointer.offset) : pointer.offset;
}

/** What a page of a buffer holds at the start: every 8-byte word at offset o is the buffer's number in its top byte, and o. */
export function initialPage(buffers: readonly KnownBuffer[], frame: Frame): Uint8Array {
  const page = new Uint8Array(PAGE_SIZE);
  const buffer = buffers.findLast((known) => known.frame <= frame);
  if (!buffer || buffer.config.content !== undefined) return page;
  const view = new DataView(page.buffer);
  const base = (frame - buffer.frame) * PAGE_SIZE;
  for (let offset = 0; offset < PAGE_SIZE; offset += 8) {
    view.setUint32(offset, (base + offset) >>> 0, true);
    view.setUint32(offset + 4, ((buffer.index + 1) << 24) | Math.floor((base + offset) / 2 ** 32), true);
  }
  return page;
}
