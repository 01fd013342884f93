import { AxeBuilder } from "@axe-core/playwright";
import { expect } from "@playwright/test";
import { App, capture, test } from "./app.ts";

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [390, 1600]) {
    test.describe(`${colorScheme}, ${width} px`, () => {
      test.use({ colorScheme, viewport: { width, height: width === 390 ? 844 : 1000 } });

      test("axe finds nothing on the start page", async ({ page }) => {
        const app = new App(page);
        await app.open();
        expect((await new AxeBuilder({ page }).analyze()).violations.map((violation) => `${violation.id}: ${violation.nodes[0]?.html}`)).toEqual([]);
      });

      test("axe finds nothing in the workspace, and nothing scrolls sideways", async ({ page }) => {
        const app = new App(page);
        await app.open();
        await app.load(capture("intel-ioctls-iommufd.log"));
        await app.goto(8);
        expect((await new AxeBuilder({ page }).analyze()).violations.map((violation) => `${violation.id}: ${violation.nodes[0]?.html}`)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      });
    });
  }
}
