import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { App, test } from "./app.ts";

/** Moving through a run beyond the next step, what must hold, what two steps have not in common, and what stands behind it all. */
class HistoryApp extends App {
  async story(title: string): Promise<void> {
    await this.open();
    await this.page.getByRole("button", { name: new RegExp(title) }).click();
    await expect(this.page.locator(".workspace")).toBeVisible();
    const stop = this.page.getByRole("button", { name: "Stop comparing", exact: true });
    if ((await this.page.locator(".panels-compare").count()) > 0) await stop.click();
  }

  diff() {
    return this.region("Between two steps");
  }

  lights() {
    return this.region("What must hold");
  }
}

async function axeFindsNothing(page: Page): Promise<void> {
  expect((await new AxeBuilder({ page }).analyze()).violations.map((violation) => `${violation.id}: ${violation.nodes[0]?.html}`)).toEqual([]);
}

/** Many IOASes with a page table and two devices each. */
function crowd(spaces: number) {
  const calls: { call: string; in: object }[] = [];
  let id = 1;
  for (let index = 0; index < spaces; index++) {
    const ioas = id++;
    calls.push({ call: "IOMMU_IOAS_ALLOC", in: {} });
    for (const made of [3, 2]) {
      calls.push({ call: "IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS", in: { id: ioas, dev_flags: 0 } });
      id += made;
    }
  }
  return { title: "A crowd", platform: { kind: "mock" }, trace: "iommufd", calls };
}

test("two steps held against each other, by key, by Shift and a click, and back", async ({ page }) => {
  const app = new HistoryApp(page);
  await app.story("What becomes of a half-made page table");
  await app.goto(3);
  await page.keyboard.press("m");
  await expect(app.diff()).toContainText("Step 3 is marked");
  await app.goto(8);
  await expect(app.diff()).toContainText("From step 3 to step 8");
  await expect(app.diff()).toContainText("New 1");
  await expect(app.diff()).toContainText("0x1000–0x1fff (4 KiB)");
  await app.diff().getByRole("button", { name: "IOAS 6" }).first().click();
  await expect(page.locator(".dg-node.is-selected")).toContainText("ioas 6");
  await page.locator("#call-10").click({ modifiers: ["Shift"] });
  await expect(app.diff()).toContainText("From step 8 to step 10");
  await expect(app.diff()).toContainText("Gone 1");
  await app.expectStep(8);
  await axeFindsNothing(page);
  const track = await page.locator(".track-input").first().boundingBox();
  await page.keyboard.down("Shift");
  await page.mouse.click((track?.x ?? 0) + 3, (track?.y ?? 0) + 12);
  await page.keyboard.up("Shift");
  await expect(app.diff()).toContainText("From step 0 to step 8");
  await page.locator("#call-10").click({ modifiers: ["Shift"] });
  await app.diff().getByRole("button", { name: "step 10" }).click();
  await app.expectStep(10);
  await page.getByRole("button", { name: "Stop comparing steps" }).click();
  await expect(app.diff()).toHaveCount(0);
  expect(app.problems).toEqual([]);
});

test("what must hold lights up where a historic form breaks it, on its side of a comparison", async ({ page }) => {
  const app = new HistoryApp(page);
  await app.story("An ID is freed twice");
  await app.goto(5);
  await expect(app.lights()).toContainText("All 5 invariants hold");
  await app.goto(6);
  await expect(app.lights()).toContainText("IOASID 1 counts 1, yet 2 were taken and not dropped");
  await app.lights().getByRole("button").first().click();
  await expect(app.lights()).toContainText("1 of 5 invariants does not hold");
  await expect(app.lights()).toContainText("No id is handed out while somebody has it (holds)");
  await axeFindsNothing(page);
  await page.keyboard.press("v");
  await page.getByRole("dialog").getByRole("button", { name: /^2020 series, v3/ }).click();
  await expect(app.region("What must hold, left")).toContainText("IOASID 1 counts 1");
  await expect(app.region("What must hold, right")).toContainText("All 5 invariants hold");
  expect(app.problems).toEqual([]);
});

test("run until an object, an answer, a call or a range, past equal calls, and stops of Play", async ({ page }) => {
  const app = new HistoryApp(page);
  const map = (index: number) => ({ call: "IOMMU_IOAS_MAP", in: { flags: 7, ioas_id: 1, user_va: "0x1000", length: "0x1000", iova: `0x${(index * 0x1000).toString(16)}` } });
  await app.open();
  await app.load({ title: "A long run", platform: { kind: "mock" }, trace: "iommufd", calls: [{ call: "IOMMU_IOAS_ALLOC", in: {} }, ...Array.from({ length: 300 }, (_, index) => map(index)), map(7), { call: "IOMMU_IOAS_ALLOC", in: {} }] });
  await app.goto(2);
  await page.keyboard.press(">");
  await app.expectStep(302);
  await page.keyboard.press("<");
  await app.expectStep(301);
  const until = async (text: string) => {
    await page.keyboard.press("u");
    await page.getByLabel("An answer, a call, a rule, an object or a range").fill(text);
    await page.getByRole("button", { name: "Run to the next one" }).click();
  };
  await page.keyboard.press("Home");
  await app.expectStep(0);
  await until("EEXIST");
  await app.expectStep(302);
  await page.keyboard.press("Home");
  await until("0x20000 + 4 KiB");
  await app.expectStep(34);
  await until("ioas 2");
  await app.expectStep(303);
  await until("EPERM");
  await expect(page.getByText("There is nothing like “EPERM” after step 303.")).toBeVisible();
  await page.keyboard.press("u");
  await page.getByLabel("An answer, a call, a rule, an object or a range").fill("hello there");
  await page.getByRole("button", { name: "Stop there when playing" }).click();
  await expect(page.getByRole("dialog")).toContainText("This is no answer, call, rule, object or address");
  await page.getByRole("button", { name: "refused", exact: true }).click();
  await page.getByRole("button", { name: "Stop there when playing" }).click();
  await page.getByLabel("Step over runs of equal calls").check();
  await axeFindsNothing(page);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Home");
  await page.keyboard.press(" ");
  await app.expectStep(302);
  await expect(page.getByText("Stopped at any refusal.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Play", exact: true })).toBeVisible();
  expect(app.problems).toEqual([]);
});

test("the marked object's next change, and what destroying it would give", async ({ page }) => {
  const app = new HistoryApp(page);
  await app.story("What becomes of a half-made page table");
  await app.goto(3);
  await page.locator("[data-box='ioas:3/1']").click();
  await expect(page.locator(".destroy")).toContainText("IOMMU_DESTROY here: EBUSY");
  await page.locator(".destroy").getByRole("button", { name: "HWPT 5", exact: true }).click();
  await expect(page.locator(".destroy")).toContainText("OK it would go");
  await page.keyboard.press("}");
  await app.expectStep(4);
  await expect(page.locator(".dg-changes").first()).toContainText("aborted nested HWPT 6");
  await page.keyboard.press("}");
  await app.expectStep(5);
  await page.keyboard.press("{");
  await app.expectStep(4);
  await app.goto(10);
  await expect(page.locator(".dg-changes").first()).toContainText("HWPT 5");
  expect(app.problems).toEqual([]);
});

test("Compare finds where page tables are taken apart by other functions", async ({ page }) => {
  const app = new HistoryApp(page);
  await app.open();
  await page.getByRole("button", { name: /What becomes of a half-made page table/ }).click();
  await app.expectStep(4);
  const bar = app.region("Comparison");
  await expect(bar).toContainText("The two part here");
  await expect(bar).toContainText("The half-made nested HWPT 6 goes through iommufd_hw_pagetable_abort → hwpt->abort → iommufd_user_managed_hwpt_abort");
  await expect(page.locator("#call-4")).toContainText("other functions of the kernel took the objects apart");
  await app.goto(6);
  await expect(bar).toContainText("The same end by another way");
  await expect(bar).toContainText("Destroying nested HWPT 6 goes through");
  await app.goto(5);
  await expect(bar).toContainText("No difference here");
  await axeFindsNothing(page);
  expect(app.problems).toEqual([]);
});

test("what stands behind the answers", async ({ page }) => {
  const app = new HistoryApp(page);
  await app.story("A 1 TiB guest on an AMD host");
  await page.getByRole("button", { name: /calls agree/ }).click();
  await expect(page.getByRole("dialog")).toContainText("Linux 6.12 (Debian’s 6.12.117)");
  await expect(page.getByRole("dialog")).toContainText("Simplified");
  await axeFindsNothing(page);
  await page.keyboard.press("Escape");
  await page.keyboard.press("b");
  await expect(page.getByRole("dialog")).toContainText("What stands behind the answers");
});

for (const width of [360, 768, 1600, 2560]) {
  test(`three hundred objects at ${width} px: a few boxes stand for all, and one of them can be chosen`, async ({ page }) => {
    await page.setViewportSize({ width, height: width < 1000 ? 780 : 1000 });
    const app = new HistoryApp(page);
    await app.open();
    await app.load(crowd(50));
    await app.goto(150);
    if (width < 760) await page.getByRole("tab", { name: "Objects" }).click();
    await expect(page.locator(".dg-node").first()).toBeVisible();
    expect(await page.locator(".dg-node").count()).toBeLessThan(40);
    await page.locator("[data-box^='stack:'].n-ioas").click();
    await page.getByLabel(/^Find among/).fill("ioas 103");
    await page.getByRole("button", { name: /^ioas 103/ }).click();
    await expect(page.locator(".dg-node.is-selected")).toContainText("ioas 103");
    await expect(page.locator("[data-box='hwpt:3/106']")).toBeVisible();
    const { scrolled, shown } = await page.evaluate(() => ({ scrolled: document.documentElement.scrollWidth, shown: innerWidth }));
    expect(scrolled).toBeLessThanOrEqual(shown);
    expect(app.problems).toEqual([]);
  });
}
