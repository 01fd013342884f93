import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { App, test } from "./app.ts";

/** Compare and the order of CPUs, as a person meets them from the start page. */
class CompareApp extends App {
  get bar() {
    return this.region("Comparison");
  }

  side(name: "Left" | "Right") {
    return this.page.getByRole("region", { name, exact: true });
  }

  async story(title: string): Promise<void> {
    await this.open();
    await this.page.getByRole("button", { name: new RegExp(title) }).click();
    await expect(this.page.locator(".workspace")).toBeVisible();
  }

  button(name: string) {
    return this.page.getByRole("button", { name, exact: true });
  }

  call(step: number) {
    return this.page.locator(`#call-${step}`);
  }

  /** Waits until the address bar has the comparison, and gives what follows the #. */
  async address(): Promise<string> {
    await this.page.waitForTimeout(500);
    return new URL(this.page.url()).hash;
  }
}

async function noSidewaysScroll(page: Page): Promise<void> {
  const { scrolled, shown } = await page.evaluate(() => ({ scrolled: document.documentElement.scrollWidth, shown: innerWidth }));
  expect(scrolled).toBeLessThanOrEqual(shown);
}

async function axeFindsNothing(page: Page): Promise<void> {
  expect((await new AxeBuilder({ page }).analyze()).violations.map((violation) => `${violation.id}: ${violation.nodes[0]?.html}`)).toEqual([]);
}

test("L0: the active allocator leaves, as posted and as merged, and the page stops where they part", async ({ page }) => {
  const app = new CompareApp(page);
  await app.story("Who is next when the active allocator leaves");
  await app.expectStep(6);
  await expect(app.bar).toContainText("The two part here");
  await expect(app.bar).toContainText("The list’s head is active on the left, A2 on the right.");
  await expect(app.side("Left")).toContainText("v3 as posted");
  await expect(app.side("Left")).toContainText("the list's own head is taken for an allocator");
  await expect(app.side("Right")).toContainText("Linux 5.5");
  await expect(app.side("Right")).toContainText("orphaned");
  await page.keyboard.press("ArrowRight");
  await expect(app.bar).toContainText("ioasid_alloc answers wild-allocator-call on the left, OK on the right.");
  await expect(app.call(7)).toContainText("wild-allocator-call");
  await expect(app.call(7)).toContainText("on the right");
  await page.keyboard.press("Home");
  await expect(app.bar).toContainText("Before the first call");
  await app.button("First difference").click();
  await app.expectStep(6);
  await page.keyboard.press("Home");
  await page.keyboard.press("d");
  await app.expectStep(6);
  await axeFindsNothing(page);
  expect(app.problems).toEqual([]);
});

test("playing stops where the two part", async ({ page }) => {
  const app = new CompareApp(page);
  await app.story("Who is next when the active allocator leaves");
  await app.goto(4);
  await page.getByLabel("Speed").selectOption("20");
  await app.button("Play").click();
  await app.expectStep(6);
  await expect(app.button("Play")).toBeVisible();
});

test("L3: a refused group leaves a damaged list in one form and not in the other", async ({ page }) => {
  const app = new CompareApp(page);
  await app.story("A refused group that leaves its mark");
  await app.expectStep(4);
  await expect(app.bar).toContainText("The list of valid IOVAs of the container");
  await expect(app.side("Left").getByLabel("IOVA space, left", { exact: true })).toContainText("508 GiB");
  await expect(app.side("Right").getByLabel("IOVA space, right", { exact: true })).toContainText("256 TiB");
  await app.goto(6);
  await expect(app.side("Left").locator(".panel-why")).toContainText("EINVAL");
  await expect(app.side("Right").locator(".panel-why")).toContainText("OK");
  await axeFindsNothing(page);
  expect(app.problems).toEqual([]);
});

test("choosing a form, changing it, and closing it", async ({ page }) => {
  const app = new CompareApp(page);
  await app.story("An allocator goes away under its IDs");
  await expect(app.bar).toHaveCount(0);
  await app.button("Compare").click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("proposal, never code");
  await dialog.getByRole("button", { name: /^v3 as posted/ }).click();
  await expect(app.bar).toBeVisible();
  await expect(app.side("Right")).toContainText("v3 as posted");
  await page.keyboard.press("v");
  await dialog.getByRole("button", { name: /^One global IDA/ }).click();
  await expect(app.bar).toContainText("has no ioasid_register_allocator");
  await expect(app.call(1)).toContainText("no such call");
  await page.keyboard.press("v");
  await dialog.getByLabel("Left").selectOption("Linux 5.11");
  await expect(dialog.getByLabel("Left")).toHaveValue("Linux 5.11");
  await dialog.getByRole("button", { name: /^Linux 6.1/ }).click();
  await expect(app.side("Left")).toContainText("Linux 5.11");
  await app.button("Stop comparing").click();
  await expect(app.bar).toHaveCount(0);
  await expect(app.region("Why this answer")).toBeVisible();
  expect(app.problems).toEqual([]);
});

test("a link carries both forms and the step", async ({ page, context }) => {
  const app = new CompareApp(page);
  await app.story("An ID is freed twice");
  await app.expectStep(6);
  await app.goto(8);
  const link = await app.link();
  const other = new CompareApp(await context.newPage());
  await other.open(link.slice(link.indexOf("#")));
  await other.expectStep(8);
  await expect(other.bar).toContainText("ioasid_alloc gives ioasid 1 on the left, ioasid 2 on the right.");
  await expect(other.side("Right")).toContainText("2020 series, v3");
  const compared = await other.address();
  await other.button("Stop comparing").click();
  await expect.poll(() => other.address()).not.toBe(compared);
});

test("one VFIO program on type1 and on iommufd", async ({ page }) => {
  const app = new CompareApp(page);
  await app.story("One VFIO program, two kernels behind it");
  await expect(app.bar).toContainText("The IOVA space exists on the right only.");
  await app.goto(9);
  await expect(app.bar).toContainText("VFIO_GROUP_GET_DEVICE_FD answers EINVAL on the left, EADDRINUSE on the right.");
  await expect(app.side("Right")).toContainText("IOAS 1");
  await expect(app.side("Left")).toContainText("container 1");
  expect(app.problems).toEqual([]);
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`390 px, ${colorScheme}`, () => {
    test.use({ viewport: { width: 390, height: 844 }, colorScheme });

    test("one side at a time, the other a press away", async ({ page }) => {
      const app = new CompareApp(page);
      await app.story("A process exits, and its PASID goes to another");
      await app.expectStep(5);
      await app.goto(7);
      await expect(app.bar).toContainText("device_run gives W in P2’s memory on the left, W faults on the right.");
      await page.getByRole("tab", { name: "Why" }).click();
      await expect(page.locator(".panel-why")).toContainText("lands in P2's memory");
      await page.getByRole("button", { name: /^Right/ }).click();
      await expect(page.locator(".panel-why")).not.toContainText("lands in P2's memory");
      await noSidewaysScroll(page);
      await axeFindsNothing(page);
      expect(app.problems).toEqual([]);
    });
  });
}

test("two CPUs: each step in its lane, and in another order nothing breaks", async ({ page }) => {
  const app = new CompareApp(page);
  await app.story("the flag that is reset outside the lock");
  await app.expectStep(9);
  await expect(app.call(9)).toContainText("CPU 0: clear the default allocator's flag");
  await expect(app.call(7)).toContainText("CPU 1: choose an allocator and ask it");
  await expect(app.region("Damage")).toContainText("(P1, raised in review)");
  await app.goto(4);
  await app.button("Step CPU 1").click();
  await app.expectStep(5);
  await expect(app.call(5)).toContainText("CPU 1: choose an allocator");
  const order = page.getByLabel("Order", { exact: true });
  await expect(order).toHaveValue(/^0 1 0 0/);
  await order.fill("1 1 0 0 0");
  await app.button("Run").click();
  await app.expectStep(8);
  await app.goto(7);
  await expect(app.call(8)).toContainText("test whether the table is empty");
  await expect(app.region("Damage")).toHaveCount(0);
  await order.fill("0 5");
  await expect(app.region("Order of the CPUs")).toContainText("There is no CPU 5 here");
  await axeFindsNothing(page);
  expect(app.problems).toEqual([]);
});

test("a use after free stands out", async ({ page }) => {
  const app = new CompareApp(page);
  await app.story("found without a reference, freed meanwhile");
  await page.keyboard.press("End");
  await expect(app.region("Damage")).toContainText("Use after free");
  await expect(app.region("Damage")).toContainText("uses svm-1, which its owner has freed");
  await expect(app.call(10)).toContainText("damage");
});

test("two plain calls can be put on two CPUs", async ({ page }) => {
  const app = new CompareApp(page);
  await app.story("An allocator goes away under its IDs");
  await app.goto(4);
  await app.button("Run calls 4 and 5 on two CPUs").click();
  await expect(app.button("Step CPU 0")).toBeVisible();
  await expect(app.call(4)).toContainText("CPU 0: ioasid_alloc");
  await expect(app.call(5)).toContainText("CPU 1: ioasid_free");
  expect(app.problems).toEqual([]);
});
