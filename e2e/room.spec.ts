import { expect } from "@playwright/test";
import { sizesFor } from "../src/ui/state/view.ts";
import { expectedPlot } from "../src/ui/workspace/room.ts";
import { App, capture, test } from "./app.ts";

const IOMMUFD = "qemu-10.0-iommufd-4G.log";
/** Fonts differ by a pixel from machine to machine; then the diagram is drawn once more. */
const FONTS = 3;

for (const window of [{ width: 1600, height: 1000 }, { width: 1366, height: 768 }, { width: 2560, height: 1440 }]) {
  test(`the IOVA diagram gets the room that it is first drawn for, in a window of ${window.width} × ${window.height}`, async ({ page }) => {
    await page.setViewportSize(window);
    const app = new App(page);
    await app.open();
    await app.pick({ [IOMMUFD]: capture(IOMMUFD) });
    const plot = page.locator(".dg-iova .dg-plot");
    await expect(plot).toBeVisible();
    const room = await plot.evaluate((element) => ({ width: element.clientWidth, height: element.clientHeight }));
    const expected = expectedPlot(window, sizesFor({}, "iommufd"));
    expect(Math.abs(room.width - expected.width), `${room.width} px wide, expected ${expected.width}`).toBeLessThanOrEqual(FONTS);
    expect(Math.abs(room.height - expected.height), `${room.height} px high, expected ${expected.height}`).toBeLessThanOrEqual(FONTS);
  });
}
