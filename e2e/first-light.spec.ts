import { expect } from "@playwright/test";
import { App, capture, test } from "./app.ts";

const IOMMUFD = "qemu-10.0-iommufd-4G.log";
const LEGACY = "qemu-10.0-legacy-4G.log";
const REGIONS = "intel-reserved_regions-grep.txt";

test("a QEMU iommufd trace and its reserved regions become live diagrams", async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.pick({ [IOMMUFD]: capture(IOMMUFD), [REGIONS]: capture(REGIONS) });
  for (const name of ["Calls", "IOMMUFD objects", "PASID space", "IOVA space", "Why this answer", "Timeline"]) await expect(app.region(name)).toBeVisible();
  await expect(app.region("Calls")).toContainText("IOMMU_IOAS_MAP");
  const last = Number((await app.slider().getAttribute("max")) ?? (await app.slider().getAttribute("aria-valuemax")));
  expect(last).toBeGreaterThan(20);
  // After the maps of boot: guest RAM is mapped and the MSI window is a hole.
  await app.goto(9);
  await expect(app.region("IOVA space")).toContainText(/0xfee0_?0000/);
  await expect(app.region("IOMMUFD objects")).toContainText("0000:00:05.0");
  expect(app.problems).toEqual([]);
});

test("a legacy QEMU trace becomes a container", async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.pick({ [LEGACY]: capture(LEGACY), [REGIONS]: capture(REGIONS) });
  await expect(app.region("Calls")).toContainText("VFIO_IOMMU_MAP_DMA");
  await expect(app.region("IOMMUFD objects")).toContainText(/group 3/i);
  await expect(app.region("IOVA space")).toContainText(/0xfee0_?0000/);
  expect(app.problems).toEqual([]);
});

test("an ioctl log carries the kernel's answers and each step is compared with them", async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.pick({ "intel-ioctls-iommufd.log": capture("intel-ioctls-iommufd.log") });
  await expect(app.region("Calls")).toContainText("IOMMU_IOAS_IOVA_RANGES");
  await app.goto(5);
  await expect(app.region("Why this answer")).toContainText(/agree/i);
  expect(app.problems).toEqual([]);
});

test("keyboard: arrows step, home and end jump, space plays", async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.load([{ name: IOMMUFD, text: capture(IOMMUFD) }, { name: REGIONS, text: capture(REGIONS) }]);
  await app.goto(3);
  await page.keyboard.press("ArrowRight");
  await app.expectStep(4);
  await page.keyboard.press("ArrowLeft");
  await app.expectStep(3);
  await page.keyboard.press("Home");
  await app.expectStep(0);
  await page.keyboard.press("Space");
  await expect.poll(() => app.step()).toBeGreaterThan(1);
  await page.keyboard.press("Space");
  await page.keyboard.press("End");
  await expect(page.getByRole("button", { name: "Next step", exact: true })).toBeDisabled();
});

test("buttons and slider have their names", async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.load(capture("intel-ioctls-iommufd.log"));
  for (const name of ["Next step", "Previous step", "Play", "Copy link", "Import"]) await expect(page.getByRole("button", { name, exact: true })).toBeVisible();
  await expect(app.slider()).toBeVisible();
});

test("a link copied at a step reopens at that step with the same state", async ({ page, context }) => {
  const app = new App(page);
  await app.open();
  await app.load([{ name: IOMMUFD, text: capture(IOMMUFD) }, { name: REGIONS, text: capture(REGIONS) }]);
  await app.goto(11);
  const before = await app.state();
  const link = await app.link();
  const other = new App(await context.newPage());
  await other.open(link.slice(link.indexOf("#")));
  await other.expectStep(11);
  expect(await other.state()).toEqual(before);
});

for (const [what, fragment] of [
  ["damaged", "#1AAAAAAAAAAAAA"],
  ["foreign", "#/some/route?x=1"],
  ["future", "#9abcdef"],
] as const) {
  test(`a ${what} link says so and leaves the app usable`, async ({ page }) => {
    const app = new App(page);
    await app.open(fragment);
    await expect(page.getByRole("alert").first()).toContainText(/link/i);
    await app.load(capture("intel-ioctls-iommufd.log"));
    await expect(app.region("Calls")).toContainText("IOMMU_IOAS_MAP");
  });
}

test("rubbish is refused with a reason and what was open stays", async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.load(capture("intel-ioctls-iommufd.log"));
  await app.goto(4);
  const before = await app.state();
  const refused = await page.evaluate(() => window.iovascope.load('{"trace":"iommufd"}\n{"n":1,"call":7}').then(() => "", (error: Error) => error.message));
  expect(refused).toMatch(/line 2/);
  await app.pick({ "rubbish.bin": "\u0000\u0001 nothing of use \u0007" });
  await expect(page.getByRole("alert").first()).toBeVisible();
  expect(await app.state()).toEqual(before);
});

test("step 0 is before the first call", async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.load({ title: "one ioas", platform: { kind: "mock" }, calls: [{ call: "IOMMU_IOAS_ALLOC", in: { flags: 0 } }] });
  await app.goto(0);
  expect(JSON.stringify(await app.state())).not.toContain("IOAS\"");
  await app.goto(1);
  expect(JSON.stringify(await app.state())).toContain("IOAS");
});
