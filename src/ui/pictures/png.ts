/** PNG files: a drawn picture with a text inside, and the text out of one. (Portable Network Graphics, 3rd edition, 5 and 11.3.3.) */
import type { Px } from "../../base/flavor.ts";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Keyword of our text in the file. */
const KEYWORD = "iovascope";
/** What the side of a canvas may measure everywhere. */
const LARGEST: Px = 16_000;

/** Draws an SVG file at `scale` pixels a unit, less where the picture would be larger than a canvas may be. */
export async function drawPng(svg: string, width: Px, height: Px, scale: number): Promise<Uint8Array<ArrayBuffer>> {
  const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const factor = Math.min(scale, LARGEST / Math.max(width, height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(width * factor);
    canvas.height = Math.round(height * factor);
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
    if (!blob) throw new Error("The browser could not draw the picture as PNG; SVG may work.");
    return new Uint8Array(await blob.arrayBuffer());
  } finally {
    URL.revokeObjectURL(url);
  }
}

export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, index) => bytes[index] === byte);
}

/** The file with a text (ASCII) in it, in a tEXt chunk before its end. */
export function withText(png: Uint8Array, content: string): Uint8Array<ArrayBuffer> {
  const body = new TextEncoder().encode(`tEXt${KEYWORD}\0${content}`);
  const chunk = new Uint8Array(body.length + 8);
  const fields = new DataView(chunk.buffer);
  fields.setUint32(0, body.length - 4);
  chunk.set(body, 4);
  fields.setUint32(body.length + 4, crc(body));
  // The last chunk is IEND: twelve bytes.
  const end = png.length - 12;
  const file = new Uint8Array(png.length + chunk.length);
  file.set(png.subarray(0, end));
  file.set(chunk, end);
  file.set(png.subarray(end), end + chunk.length);
  return file;
}

/** The text that `withText` put into a file; null: there is none. Broken files have none. */
export function textIn(png: Uint8Array): string | null {
  if (!isPng(png)) return null;
  const fields = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const decoder = new TextDecoder("latin1");
  for (let at = SIGNATURE.length; at + 12 <= png.length; ) {
    const length = fields.getUint32(at);
    if (length > png.length - at - 12) return null;
    if (decoder.decode(png.subarray(at + 4, at + 8)) === "tEXt") {
      const content = decoder.decode(png.subarray(at + 8, at + 8 + length));
      if (content.startsWith(`${KEYWORD}\0`)) return content.slice(KEYWORD.length + 1);
    }
    at += length + 12;
  }
  return null;
}

function crc(bytes: Uint8Array): number {
  let rest = 0xffffffff;
  for (const byte of bytes) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb88320 : 0);
  }
  return (rest ^ 0xffffffff) >>> 0;
}
