/**
 * The memory of the simulated processes: which addresses are mapped, and which page of real memory (frame) is behind each.
 * A forked child shares the frames of private memory until one side writes or pins; then the two part, as with copy on write.
 */
import { add, toBig, type U64 } from "../../base/u64.ts";
import type { MachineConfig } from "../config.ts";
import type { Pointer } from "../fields.ts";
import { addressOf, initialPage, knownBuffers, PAGE_SIZE, type Frame, type KnownBuffer } from "./buffers.ts";

/** One process's view: only what differs from every buffer being mapped to its own frames. Pages are va / 4096. */
interface AddressSpace {
  alive: boolean;
  readonly unmapped: Set<number>;
  readonly moved: Map<number, Frame>;
}

export class Memory {
  /** Null: nothing is known of the memory, every address is good. */
  readonly buffers: readonly KnownBuffer[] | null;
  private readonly spaces: AddressSpace[] = [{ alive: true, unmapped: new Set(), moved: new Map() }];
  /** Contents of the frames that were written. */
  private readonly contents = new Map<Frame, Uint8Array>();
  private nextFrame: Frame = 2 ** 45;

  constructor(config: MachineConfig) {
    this.buffers = knownBuffers(config.buffers);
  }

  get processes(): number {
    return this.spaces.length;
  }

  /** The address a field means, in bytes. */
  address(pointer: Pointer): U64 {
    return addressOf(this.buffers, pointer);
  }

  isAlive(process: number): boolean {
    return this.spaces[process]?.alive ?? false;
  }

  /** Can all of [va, va + length) be read (and written) by the process? Page by page, as pinning looks at it. */
  isUsable(process: number, va: U64, length: U64, write: boolean): boolean {
    const space = this.spaces[process];
    if (!space?.alive) return false;
    if (!this.buffers) return true;
    if (length === 0) return true;
    if (typeof va !== "number" || typeof length !== "number") return false;
    let at = va;
    const last = va + length - 1;
    while (at <= last) {
      const buffer = this.bufferAt(at, space);
      if (!buffer || (write && !buffer.writable)) return false;
      if (space.unmapped.size > 0) {
        const end = Math.min(last, buffer.last);
        for (let page = Math.floor(at / PAGE_SIZE); page * PAGE_SIZE <= end; page++) if (space.unmapped.has(page)) return false;
      }
      at = buffer.last + 1;
    }
    return true;
  }

  /** The frame behind an address; null when the process has nothing there. */
  frameAt(process: number, va: U64): Frame | null {
    const space = this.spaces[process];
    if (!space?.alive) return null;
    // Memory that nobody described: frames are the negative page numbers.
    if (!this.buffers) return space.moved.get(Number(toBig(va) >> 12n)) ?? -1 - Number(toBig(va) >> 12n);
    if (typeof va !== "number") return null;
    const page = Math.floor(va / PAGE_SIZE);
    if (space.unmapped.has(page)) return null;
    const moved = space.moved.get(page);
    if (moved !== undefined) return moved;
    const buffer = this.bufferAt(va, space);
    return buffer ? buffer.frame + Math.floor((va - buffer.first) / PAGE_SIZE) : null;
  }

  /** The buffer that an address lies in, mapped or not. */
  bufferOf(va: U64): KnownBuffer | null {
    return typeof va === "number" ? (this.buffers?.find((buffer) => va >= buffer.first && va <= buffer.last) ?? null) : null;
  }

  /** Gives the process frames of its own behind [va, va + length) where it still shares private ones with another process. */
  unshare(process: number, va: U64, length: U64): void {
    if (this.spaces.length === 1 || !this.buffers || typeof va !== "number" || typeof length !== "number") return;
    const space = this.spaces[process];
    if (!space) return;
    for (let page = Math.floor(va / PAGE_SIZE); page * PAGE_SIZE < va + length; page++) {
      const at = page * PAGE_SIZE;
      const frame = this.frameAt(process, at);
      if (frame === null || this.bufferOf(at)?.config.shared) continue;
      const shared = this.spaces.some((other, number) => number !== process && other.alive && this.frameAt(number, at) === frame);
      if (shared) space.moved.set(page, this.copyOf(frame));
    }
  }

  /** Reads as the process itself does. Bytes before the first address that is not mapped; all of them when everything is. */
  read(process: number, va: U64, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const at = add(va, done);
      const frame = this.frameAt(process, at);
      if (frame === null) return bytes.subarray(0, done);
      const offset = Number(toBig(at) & 4095n);
      const part = Math.min(length - done, PAGE_SIZE - offset);
      bytes.set(this.readFrame(frame, offset, part), done);
      done += part;
    }
    return bytes;
  }

  /** Writes as the process itself does; how many bytes got through before an address that can't be written. */
  write(process: number, va: U64, bytes: Uint8Array): number {
    let done = 0;
    while (done < bytes.length) {
      const at = add(va, done);
      if (!this.isUsable(process, at, 1, true)) return done;
      this.unshare(process, at, 1);
      const offset = Number(toBig(at) & 4095n);
      const part = Math.min(bytes.length - done, PAGE_SIZE - offset);
      this.writeFrame(this.frameAt(process, at) as Frame, offset, bytes.subarray(done, done + part));
      done += part;
    }
    return done;
  }

  readFrame(frame: Frame, offset: number, length: number): Uint8Array {
    return this.page(frame).subarray(offset, offset + length);
  }

  writeFrame(frame: Frame, offset: number, bytes: Uint8Array): void {
    let page = this.contents.get(frame);
    if (!page) {
      page = this.page(frame);
      this.contents.set(frame, page);
    }
    page.set(bytes, offset);
  }

  /** Takes [va, va + length) away from the process, whole pages. */
  unmap(process: number, va: U64, length: U64): void {
    const space = this.spaces[process];
    if (!space || typeof va !== "number") return;
    const last = typeof length === "number" ? va + length - 1 : Infinity;
    for (const buffer of this.buffers ?? []) {
      const end = Math.min(last, buffer.last);
      for (let page = Math.floor(Math.max(va, buffer.first) / PAGE_SIZE); page * PAGE_SIZE <= end; page++) space.unmapped.add(page);
    }
  }

  /**
   * A child with all of its parent's memory; gives its number. Pages that are pinned for a device can't be shared and are
   * copied at once: `isPinned` says which of the parent's they are.
   */
  fork(parent: number, isPinned: (frame: Frame) => boolean): number {
    const from = this.spaces[parent] as AddressSpace;
    const child: AddressSpace = { alive: true, unmapped: new Set(from.unmapped), moved: new Map(from.moved) };
    this.spaces.push(child);
    for (const buffer of this.buffers ?? []) {
      if (buffer.config.shared) continue;
      for (let at = buffer.first; at <= buffer.last; at += PAGE_SIZE) {
        const frame = this.frameAt(parent, at);
        if (frame !== null && isPinned(frame)) child.moved.set(at / PAGE_SIZE, this.copyOf(frame));
      }
    }
    return this.spaces.length - 1;
  }

  exit(process: number): void {
    const space = this.spaces[process];
    if (space) space.alive = false;
  }

  private bufferAt(va: number, space: AddressSpace): KnownBuffer | null {
    let gone: KnownBuffer | null = null;
    // A later buffer may stand where an earlier one was before its munmap.
    for (const buffer of this.buffers ?? []) {
      if (va < buffer.first || va > buffer.last) continue;
      if (!space.unmapped.has(Math.floor(va / PAGE_SIZE))) return buffer;
      gone ??= buffer;
    }
    return gone;
  }

  private page(frame: Frame): Uint8Array {
    const written = this.contents.get(frame);
    if (written) return written;
    return frame > 0 && this.buffers ? initialPage(this.buffers, frame) : new Uint8Array(PAGE_SIZE);
  }

  private copyOf(frame: Frame): Frame {
    const copy = this.nextFrame++;
    this.contents.set(copy, this.page(frame).slice());
    return copy;
  }
}
