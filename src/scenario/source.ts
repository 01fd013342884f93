/** An input as a stream of bytes, unpacked if need be. No more of it is in memory than the piece at hand. */
import { InputError, type InputFile } from "./inputs.ts";

const MIB = 1024 * 1024;
/** Unpacked bytes of one input. */
const MAX_BYTES = 1024 * MIB;
/** What unpacks to more than so many times its size is no log but a trap. Small files may. */
const MAX_RATIO = 200;
const SMALL = 64 * MIB;
/** Bytes, or characters of a text, that are handled in one go. */
const PIECE = 256 * 1024;

export class ByteSource {
  readonly name: string;
  /** Bytes as they were brought, before unpacking. */
  readonly size: number;
  /** Of these, how many have been taken. */
  taken = 0;
  /** The first piece; empty for an empty input. */
  head: Uint8Array = new Uint8Array(0);
  /** Unpacked bytes given out. */
  private given = 0;
  private readonly pieces: AsyncGenerator<Uint8Array>;

  private constructor({ name, content }: InputFile) {
    this.name = name;
    this.size = typeof content === "string" ? content.length : content instanceof Blob ? content.size : content.length;
    this.pieces = this.unpacked(typeof content === "string" ? textPieces(content) : content instanceof Blob ? streamPieces(content.stream()) : bytePieces(content));
  }

  /** Opens an input and looks at its first piece. Throws InputError. */
  static async open(file: InputFile): Promise<ByteSource> {
    const source = new ByteSource(file);
    source.head = (await source.next()) ?? source.head;
    return source;
  }

  /** The pieces, the first one among them. Throws InputError. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    try {
      if (this.head.length > 0) yield this.head;
      for (let piece = await this.next(); piece; piece = await this.next()) yield piece;
    } finally {
      await this.close();
    }
  }

  /** Lets go of what is left. */
  async close(): Promise<void> {
    await this.pieces.return(undefined);
  }

  /** The next piece that is not empty; null at the end. */
  private async next(): Promise<Uint8Array | null> {
    for (;;) {
      const { done, value } = await this.pieces.next();
      if (done) return null;
      this.given += value.length;
      const trap = this.given > SMALL && this.given > MAX_RATIO * this.taken;
      if (trap || this.given > MAX_BYTES) {
        await this.close();
        const ratio = `${Math.ceil(this.taken / 1024)} KiB of it unpack to more than ${Math.floor(this.given / MIB)} MiB, which no log does`;
        throw new InputError(this.name, 0, trap ? ratio : `it holds more than ${MAX_BYTES / MIB} MiB`);
      }
      if (value.length > 0) return value;
    }
  }

  /** Counts what is taken, and unpacks it when it begins like a gzip file. */
  private async *unpacked(brought: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const raw = this.counted(brought)[Symbol.asyncIterator]();
    const first = await raw.next();
    if (first.done) return;
    const all = startingWith(first.value, raw);
    if (!isGzip(first.value)) {
      yield* all;
      return;
    }
    const packed = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: async (controller) => {
        const { done, value } = await all.next();
        if (done) controller.close();
        else controller.enqueue(value as Uint8Array<ArrayBuffer>);
      },
      cancel: async () => void (await all.return(undefined)),
    });
    try {
      yield* streamPieces(packed.pipeThrough(new DecompressionStream("gzip")));
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw new InputError(this.name, 0, "it starts like a gzip file but can't be unpacked; it is damaged or cut off");
    }
  }

  private async *counted(brought: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of brought) {
      this.taken = Math.min(this.size, this.taken + piece.length);
      yield piece;
    }
  }
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

async function* startingWith(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield first;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

async function* streamPieces(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (let coming = reader.read(); ;) {
      const { done, value } = await coming;
      if (done) return;
      // The next ones come while these are read.
      coming = reader.read();
      // Who goes before they come is not told that they failed.
      coming.catch(() => {});
      // A browser may give megabytes at once.
      for (let at = 0; at < value.length; at += PIECE) yield value.subarray(at, at + PIECE);
    }
  } finally {
    // Nobody waits for it: an unpacking stream that is full may never say that it has stopped.
    void reader.cancel().catch(() => {});
  }
}

async function* bytePieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
}

async function* textPieces(text: string): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for (let at = 0; at < text.length;) {
    let end = Math.min(text.length, at + PIECE);
    // Not between the halves of a character.
    if (end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end++;
    yield encoder.encode(text.slice(at, end));
    at = end;
  }
}
