/** The kernel's test operations are one ioctl, IOMMU_TEST_CMD; each is a call of its own here. */
import type { CallDef } from "../../call.ts";
import type { Decoded, FieldTable } from "../../fields.ts";
import type { Rule } from "../../rules/rule.ts";
import { defineIoctl, type IoctlHandler } from "./ioctl.ts";

export const TEST_CMD = 0xa0;
/** The structure up to its last field, and with its padding, bytes. */
const MIN = 68;
const FULL = 72;

interface TestSpec<In extends FieldTable> {
  readonly summary: string;
  readonly in: In;
  readonly out?: FieldTable;
  readonly order: readonly Rule[];
}

type Common = { fd: number | null; size: number | null; trailing_nonzero: number; __reserved: number };

export function defineTest<In extends FieldTable>(name: string, spec: TestSpec<In>, run: IoctlHandler<Decoded<In> & Common>): CallDef {
  return defineIoctl(name, { ...spec, nr: TEST_CMD, min: MIN, full: FULL }, run);
}
