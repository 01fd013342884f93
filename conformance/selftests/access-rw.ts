/** What the suite does with every access: reads and writes of all lengths across a page's end, then all of it at once. */
import { hex } from "../../src/base/u64.ts";
import { BUFFER, BUFFER_SIZE, PAGE, type Program } from "./program.ts";

const WRITE = 1;
/** The longest short transfer is below this, bytes. */
const SHORT = 64;

function bytesAt(program: Program, va: number, length: number): unknown {
  return program.ok("BUFFER_READ", { va: hex(va), length: hex(length) });
}

/** `iova` shows the common buffer from its start. The real program takes every address and length; here one of each kind. */
export function accessReadsAndWrites(program: Program, fd: number, iova: number, flags: number): void {
  program.ok("BUFFER_WRITE", { va: hex(BUFFER), length: hex(BUFFER_SIZE), data_fill: 7 });
  const transfer = (at: number, length: number, more: number, fill = 0): unknown =>
    program.ok("IOMMU_TEST_OP_ACCESS_RW", { id: fd, flags: flags | more, iova: hex(at), length: hex(length), ...(more & WRITE && { data_fill: fill }) });
  for (let offset = PAGE - 50; offset < PAGE + 50; offset += 7) {
    for (let length = 1; length < SHORT; length += length < 8 ? 1 : 11) {
      program.is(transfer(iova + offset, length, 0), bytesAt(program, BUFFER + offset, length), `read at ${offset}`);
      transfer(iova + offset, length, WRITE, offset + length);
      program.is(transfer(iova + offset, length, 0), bytesAt(program, BUFFER + offset, length), `read after write at ${offset}`);
    }
  }
  program.is(transfer(iova, BUFFER_SIZE, 0), bytesAt(program, BUFFER, BUFFER_SIZE), "all of it");
}
