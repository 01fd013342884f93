/** Pictures of the diagrams: saved as seen, and opened again by dropping them. */
import { readFileSync } from "node:fs";
import { expect, type Page } from "@playwright/test";
import { App, test } from "./app.ts";
import { SCENES } from "./scenes.ts";

const scene = SCENES.find(({ name }) => name === "capture");

async function saved(page: Page, kind: "SVG" | "PNG"): Promise<Buffer> {
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: `Save ${kind}` }).click();
  return readFileSync(await (await download).path());
}

/** Drops a file on the page, as the file manager does. */
async function drop(page: Page, name: string, type: string, bytes: Buffer): Promise<void> {
  await page.evaluate(
    ({ content, file, kind }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(content)], file, { type: kind }));
      window.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, cancelable: true }));
    },
    { content: [...bytes], file: name, kind: type },
  );
}

for (const kind of ["SVG", "PNG"] as const) {
  test(`a diagram is saved as ${kind}, and the file opens the scenario again`, async ({ page }) => {
    const app = new App(page);
    await app.open();
    await app.load(scene?.inputs());
    await app.goto(scene?.step ?? 0);
    const before = await app.state();
    await page.getByRole("button", { name: "Save IOVA space as a picture" }).click();
    const bytes = await saved(page, kind);
    if (kind === "SVG") {
      const text = bytes.toString("utf8");
      expect(text).toContain("→ EINVAL");
      expect(text).toContain("MSI window");
      expect(text).not.toMatch(/var\(--|class=/);
    } else expect(bytes.subarray(1, 4).toString()).toBe("PNG");
    await app.open();
    await drop(page, `iova.${kind.toLowerCase()}`, kind === "SVG" ? "image/svg+xml" : "image/png", bytes);
    await app.expectStep(scene?.step ?? 0);
    expect(await app.state()).toEqual(before);
    expect(app.problems).toEqual([]);
  });
}

test("a picture of something else is refused by name and nothing is lost", async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.load(scene?.inputs());
  await drop(page, "cat.png", "image/png", Buffer.from("89504e470d0a1a0a", "hex"));
  await expect(page.getByText("cat.png is a picture without a scenario inside")).toBeVisible();
  await app.expectStep(8);
});
