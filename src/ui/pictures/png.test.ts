import { assert, nat, property, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";
import { fragmentIn } from "./inside.ts";
import { isPng, textIn, withText } from "./png.ts";

/** One grey pixel. */
const PNG = Uint8Array.from(atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="), (letter) => letter.charCodeAt(0));

describe("a text in a PNG", () => {
  it("comes out as it went in", () => {
    const file = withText(PNG, "#1abc-_");
    expect(isPng(file)).toBe(true);
    expect(textIn(file)).toBe("#1abc-_");
    expect(textIn(PNG)).toBeNull();
  });

  it("is looked for in anything without harm", () => {
    assert(
      property(uint8Array({ maxLength: 80 }), nat(200), (noise, at) => {
        const file = withText(PNG, "#1abc");
        file.set(noise.subarray(0, Math.max(0, file.length - at)), Math.min(at, file.length));
        const found = textIn(file);
        expect(found === null || typeof found === "string").toBe(true);
      }),
    );
  });
});

describe("a picture that is dropped", () => {
  it("gives the link it carries", async () => {
    expect(await fragmentIn(new File([withText(PNG, "#1abc")], "iova.png", { type: "image/png" }))).toBe("#1abc");
    expect(await fragmentIn(new File(['<svg><metadata id="iovascope">#1abc</metadata></svg>'], "iova.svg", { type: "image/svg+xml" }))).toBe("#1abc");
  });

  it("is refused by name when it carries none", async () => {
    await expect(fragmentIn(new File([PNG], "cat.png", { type: "image/png" }))).rejects.toThrow("cat.png is a picture without a scenario");
    await expect(fragmentIn(new File(['<metadata id="iovascope">javascript:1</metadata>'], "x.svg", { type: "image/svg+xml" }))).rejects.toThrow("x.svg");
  });
});
