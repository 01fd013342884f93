import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { InputFile } from "./inputs.ts";
import { readInputs } from "./read-inputs.ts";
import { ByteSource } from "./source.ts";

async function textOf(content: InputFile["content"]): Promise<string> {
  const source = await ByteSource.open({ name: "it", content });
  const pieces: Uint8Array[] = [];
  for await (const piece of source.chunks()) pieces.push(piece.slice());
  expect(source.taken).toBe(source.size);
  return Buffer.concat(pieces).toString("utf8");
}

describe("ByteSource", () => {
  const text = "é𝕏 line\n".repeat(100_000);
  const bytes = new TextEncoder().encode(text);

  it("gives texts, bytes and files, packed or not, in pieces", async () => {
    for (const content of [text, bytes, new Blob([bytes]), new Uint8Array(gzipSync(bytes)), new Blob([gzipSync(bytes)])]) expect((await textOf(content)) === text).toBe(true);
    expect(await textOf("")).toBe("");
  });

  it("refuses what can't be unpacked, and what unpacks to far too much", async () => {
    await expect(textOf(new Uint8Array(gzipSync(bytes).subarray(0, 300)))).rejects.toThrow("it: it starts like a gzip file but can't be unpacked; it is damaged or cut off");
    const trap = gzipSync("all the same\n".repeat(6_000_000));
    await expect(textOf(new Blob([trap]))).rejects.toThrow(/^it: \d+ KiB of it unpack to more than 64 MiB, which no log does$/);
  }, 60_000);

  it("lets go of a file that nobody reads on", async () => {
    let cancelled = false;
    const stream = () => new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(bytes.slice(0, 1000)), cancel: () => void (cancelled = true) });
    const source = await ByteSource.open({ name: "endless", content: Object.assign(new Blob(["x"]), { stream }) });
    for await (const piece of source.chunks()) {
      expect(piece.length).toBe(1000);
      break;
    }
    expect(cancelled).toBe(true);
  });

  it("refuses rubbish by its name", async () => {
    const rubbish = Uint8Array.from({ length: 5000 }, (_, index) => 1 + ((index * 7919) % 255));
    await expect(readInputs([{ name: "photo.jpg", content: new Blob([rubbish]) }])).rejects.toThrow("photo.jpg: it is a binary file");
    const long = `dmesg\n${"y".repeat(12_000_000)}\n[    1.0] DMAR: Host address width 39\n0x00000000fee00000 0x00000000feefffff msi\n`;
    const { reports } = await readInputs([{ name: "long.txt", content: long }]);
    expect(reports[0]?.skipped.map(({ line, why }) => [line, why])).toContainEqual([2, "longer than 1 MiB, which no line of a log is"]);
  }, 60_000);
});
