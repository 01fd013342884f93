/** Bytes in and out of compressed forms, the same in a browser and in Node. Never unpacks more than it is told to. */

export class TooLarge extends Error {
  override name = "TooLarge";
}

/** Runs bytes through a (de)compression stream. Throws TooLarge past `limit` bytes, and what the stream throws. */
async function pump(bytes: Uint8Array, stream: CompressionStream | DecompressionStream, limit: number): Promise<Uint8Array> {
  const source = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  const reader = source.pipeThrough(stream as ReadableWritablePair<Uint8Array, Uint8Array>).getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > limit) {
      await reader.cancel();
      throw new TooLarge(`more than ${limit} bytes`);
    }
    chunks.push(value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

export function gunzip(bytes: Uint8Array, limit: number): Promise<Uint8Array> {
  return pump(bytes, new DecompressionStream("gzip"), limit);
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}
