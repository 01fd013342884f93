import { describe, expect, it } from "vitest";
import { answerOfShape, differenceFromKnown, restores, shapeOf } from "./recorded-shape.ts";
import type { RecordedAnswer } from "./scenario.ts";

const OURS: RecordedAnswer = { errno: "OK", out: { out_devid: 1, caps: [{ id: 3, avail: 65535 }, { id: 1, nr_iovas: 1, iova_ranges: [{ start: "0x0", end: "0xff" }] }] } };

describe("recorded answers", () => {
  it.each<RecordedAnswer>([{ errno: "OK", out: { out_devid: 1 }, partial: true }, { errno: "OK", partial: true }, { errno: "OK", out: { caps: [{ id: 3, avail: 65535 }, { id: 1, nr_iovas: 1 }] }, partial: true }, OURS, { ret: null, state: { ids: [] } }])("come back from their shape: %j", (recorded) => {
    const ours = { ...OURS, ret: null, state: { ids: [] } };
    expect(answerOfShape(shapeOf(recorded), ours)).toEqual(recorded);
    expect(restores(recorded, ours)).toBe(true);
  });

  it("of a failure without a name are restored only by a failure", () => {
    const failed: RecordedAnswer = { failed: true, partial: true };
    expect(restores(failed, { errno: "EFAULT" })).toBe(true);
    expect(restores(failed, { errno: "OK" })).toBe(false);
    expect(differenceFromKnown(failed, { errno: "OK" })).toEqual({ path: "errno", expected: "an error", got: "OK" });
    expect(differenceFromKnown(failed, { errno: "EINVAL" })).toBeNull();
  });

  it("of a log are compared in what is known", () => {
    expect(differenceFromKnown({ errno: "OK", partial: true }, OURS)).toBeNull();
    expect(differenceFromKnown({ errno: "OK", out: { caps: [{ id: 1, iova_ranges: [{ start: "0x0", end: "0xff" }] }] }, partial: true }, OURS)).toBeNull();
    expect(differenceFromKnown({ errno: "OK", out: { caps: [{ id: 1, nr_iovas: 2 }] }, partial: true }, OURS)).toEqual({ path: "out.caps[id 1].nr_iovas", expected: 2, got: 1 });
    expect(differenceFromKnown({ errno: "OK", out: { out_devid: 2 }, partial: true }, OURS)).toEqual({ path: "out.out_devid", expected: 2, got: 1 });
    expect(differenceFromKnown({ errno: "EINVAL", partial: true }, OURS)?.path).toBe("errno");
  });
});
