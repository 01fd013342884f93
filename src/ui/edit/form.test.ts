import { describe, expect, it } from "vitest";
import { localEngine } from "../../engine/local.ts";
import type { CallOffer } from "../../engine/views.ts";
import { terabyteGuest } from "../../scenario/examples/stories/terabyte-guest.ts";
import { askedOf, blankForm, fitting, formOf, NAMES, NOTE, problemsByField, rounded, withRange, writtenLine } from "./form.ts";

async function mapOffer(): Promise<{ offer: CallOffer; engine: ReturnType<typeof localEngine> }> {
  const engine = localEngine();
  await engine.load(terabyteGuest);
  const offer = (await engine.offers(5)).calls.find(({ call }) => call === "IOMMU_IOAS_MAP");
  return { offer: offer as CallOffer, engine };
}

describe("the composer's form", () => {
  it("makes a line that is read back, and tells problems by field", async () => {
    const { offer, engine } = await mapOffer();
    const form = { ...blankForm(offer), iova: "0xzz", flags: "READABLE | WRITEABLE", nonsense: "1" };
    const written = writtenLine(offer, form);
    expect(written.line).toBe('IOMMU_IOAS_MAP flags=READABLE|WRITEABLE ioas_id=ioas1 user_va=0x7f0000000000 length=2M iova=0xzz "nonsense"=1');
    const { problems } = await engine.tryCall(5, written.line);
    expect([...problemsByField(written, problems)]).toEqual([["iova", "iova must be an address"]]);
    const lacking = writtenLine(offer, { ...blankForm(offer), length: "" });
    expect([...problemsByField(lacking, (await engine.tryCall(5, lacking.line)).problems)]).toEqual([["length", "It is needed."]]);
  });

  it("is the form of a call that is there, and gives the same call", async () => {
    const { engine } = await mapOffer();
    const { calls } = await engine.named();
    const offers = await engine.offers(0);
    for (const [index, call] of calls.entries()) {
      const offer = offers.calls.find((one) => one.call === call.call) as CallOffer;
      const tried = await engine.tryCall(index, writtenLine(offer, formOf(call), call.given).line);
      expect(tried.call).toEqual(call);
    }
    expect(formOf({ call: "IOMMU_IOAS_ALLOC", in: {}, binds: { out_ioas_id: "io" }, note: "n" })).toEqual({ [NAMES]: "io", [NOTE]: "n" });
  });

  it("takes ranges that were drawn, and those that fit", async () => {
    const { offer } = await mapOffer();
    const form = withRange(offer, blankForm(offer), { first: 0x10_0000, last: 0x2f_ffff });
    expect(form).toMatchObject({ iova: "0x100000", length: "2M" });
    expect(askedOf(offer, form)).toEqual({ first: 0x10_0000, last: 0x2f_ffff });
    expect(askedOf(offer, { ...form, length: "x" })).toBeNull();
    expect(fitting({ first: 0, last: 0xfedf_ffff }, { first: 0xfee0_0000, last: 0xfeff_ffff })).toEqual({ first: 0xfec0_0000, last: 0xfedf_ffff });
    expect(fitting({ first: 0xfef0_0000, last: 0xffff_ffff }, { first: 0xfee0_0000, last: 0xfeff_ffff })).toEqual({ first: 0xfef0_0000, last: 0xff0f_ffff });
    expect(fitting({ first: 0x1000, last: 0x1fff }, { first: 0, last: 0xffff })).toEqual({ first: 0x1000, last: 0x1fff });
    expect(rounded({ first: 0x1234_5678, last: 0x2345_6789 })).toEqual({ first: 0x1200_0000, last: 0x237f_ffff });
    expect(rounded({ first: (1n << 64n) - 5n, last: (1n << 64n) - 1n })).toEqual({ first: (1n << 64n) - 4096n, last: (1n << 64n) - 1n });
  });
});
