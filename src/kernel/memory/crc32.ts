const TABLE = new Uint32Array(256).map((_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 as zlib computes it; recordings carry it for long reads. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (TABLE[(crc ^ byte) & 255] as number) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

export function bytesToHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += (byte < 16 ? "0" : "") + byte.toString(16);
  return text;
}

export function hexToBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >> 1);
  for (let index = 0; index < bytes.length; index++) bytes[index] = Number.parseInt(text.slice(index * 2, index * 2 + 2), 16);
  return bytes;
}

/** Bytes fill, fill + 1, fill + 2, … as recordings write them. */
export function countingBytes(fill: number, length: number): Uint8Array {
  return new Uint8Array(length).map((_, index) => (fill + index) & 255);
}

/** What was read, as recordings show it: all of it up to 32 bytes, else the beginning and a checksum. */
export function readResult(bytes: Uint8Array): Record<string, string> {
  if (bytes.length <= 32) return { data: bytesToHex(bytes) };
  return { data_first32: bytesToHex(bytes.subarray(0, 32)), data_crc32: "0x" + crc32(bytes).toString(16).padStart(8, "0") };
}
