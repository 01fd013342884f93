import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { millionCalls } from "./samples/long-recording.ts";
import { unpackCalls } from "./calls.ts";
import { LONGEST_LINE } from "./line-bytes.ts";
import { readRecording } from "./recording.ts";
import { RecordingReader } from "./recording-reader.ts";

const HEADER = '{"trace":"iommufd","platform":"mock"}';

/** Every sequence of a text that comes in pieces of so many bytes. */
function readInPieces(text: string, size: number) {
  const bytes = new TextEncoder().encode(text);
  const reader = new RecordingReader();
  for (let at = 0; at < bytes.length; at += size) reader.feed(bytes.slice(at, at + size));
  reader.end();
  return Array.from({ length: reader.begun }, (_, index) => {
    const { calls, ...rest } = reader.sequence(index);
    return { ...rest, calls: unpackCalls(calls) };
  });
}

describe("RecordingReader", () => {
  it("reads what readRecording reads, wherever the pieces end", () => {
    const number = fc.oneof(fc.nat(), fc.constantFrom(-1, 1.5, 1e21, 0.1, 2 ** 53 - 1)).map(String);
    const address = fc.oneof(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map((value) => `"0x${value.toString(16)}"`), fc.constantFrom('"0x00"', '"0xA"', '"0x"', '"10"'));
    const call = fc.tuple(fc.constantFrom("A", "B", 'say \\"0x1\\"', "é"), number, address, address, fc.constantFrom("OK", "EINVAL", "0x22")).map(
      ([name, id, iova, out, errno]) => `{"call":"${name}","in":{"id": ${id},"0x7":${id}, "iova":${iova},"deep":[{"x":${iova}},${id}]},"errno":"${errno}","out":{"iova":${out}},"process":${id},"other":${id}}`,
    );
    fc.assert(fc.property(fc.array(call, { maxLength: 30 }), fc.integer({ min: 1, max: 400 }), fc.constantFrom("\n", "\r\n", "\n\n"), (calls, size, end) => {
      const text = [HEADER, ...calls, ...calls, HEADER, ...calls].join(end);
      const expected = readRecording(text).map(({ scenario }) => scenario);
      expect(JSON.stringify(readInPieces(text, size).map(({ calls: found }) => found))).toBe(JSON.stringify(expected.map(({ calls: found }) => found)));
    }));
  });

  it("reads the calls of a long file without making an object of each", () => {
    const text = millionCalls(5000);
    const [scenario] = readInPieces(text, 65_536);
    expect(scenario).toEqual(readRecording(text)[0]?.scenario);
    expect(scenario?.calls).toHaveLength(5000);
  });

  it("reads scenario files with a line for each call", () => {
    const header = '{"iovascope":1,"title":"kept","trace":"iommufd","platform":{"kind":"amd-vi"}}';
    const line = '{"call":"IOMMU_IOAS_ALLOC","in":{"flags":0},"recorded":{"errno":"OK"},"note":"why"}';
    expect(readInPieces([header, line].join("\n"), 100)).toEqual([
      { title: "kept", trace: "iommufd", platform: { kind: "amd-vi" }, calls: [{ call: "IOMMU_IOAS_ALLOC", in: { flags: 0 }, recorded: { errno: "OK" }, note: "why" }] },
    ]);
    expect(() => readInPieces([header, '{"call":"x","note":5}'].join("\n"), 100)).toThrow("line 2: call.note must be text");
  });

  it("names the line that is wrong", () => {
    expect(() => readInPieces(`${HEADER}\n{"call":"A","in":{}}\n{"call":`, 7)).toThrow(/^line 3: not JSON/);
    expect(() => readInPieces('{"call":"A","in":{}}', 100)).toThrow("line 1: a call before any header line");
    expect(() => readInPieces(`${HEADER}\n${"x".repeat(LONGEST_LINE + 10)}`, 65_536)).toThrow(/line 2: it is longer than 4 MiB/);
  });
});
