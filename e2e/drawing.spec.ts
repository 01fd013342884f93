import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { App, test } from "./app.ts";

interface Area {
  first: number;
  last: number;
}

/** Maps of 1 to 7 pages all over 4 GiB in three IOAS, and every fifth unmapped again; the last call is refused. */
function crowd(maps: number) {
  const calls: { call: string; in: object }[] = [0, 1, 2].map(() => ({ call: "IOMMU_IOAS_ALLOC", in: { flags: 0 } }));
  const iova = (index: number) => 0x100_0000 + ((index * 7919) % maps) * 0x9_d000;
  for (let index = 0; index < maps; index++) {
    const length = 0x1000 * (1 + (index % 7));
    calls.push({ call: "IOMMU_IOAS_MAP", in: { flags: 7, ioas_id: 1 + (index % 3), user_va: "0x7f0000000000", length: `0x${length.toString(16)}`, iova: `0x${iova(index).toString(16)}` } });
    if (index % 5 === 4) calls.push({ call: "IOMMU_IOAS_UNMAP", in: { ioas_id: 1 + (index % 3), iova: `0x${iova(index).toString(16)}`, length: `0x${length.toString(16)}` } });
  }
  calls.push({ call: "IOMMU_IOAS_MAP", in: { flags: 7, ioas_id: 1, user_va: "0x7f0000000000", length: "0x0", iova: "0x0" } });
  return { title: "a crowd", trace: "iommufd", platform: { kind: "mock" }, calls };
}

/** Areas of each IOAS as the kernel's state has them. */
async function areasOf(app: App): Promise<Map<number, Area[]>> {
  const found = new Map<number, Area[]>();
  const visit = (json: unknown, key: string): void => {
    if (typeof json !== "object" || json === null) return;
    const { areas } = json as { areas?: unknown };
    if (Array.isArray(areas)) found.set(Number(key), areas.map((area: Record<string, string>) => ({ first: Number(area.first), last: Number(area.last) })));
    else for (const [name, value] of Object.entries(json)) visit(value, name);
  };
  visit(await app.state(), "");
  return found;
}

/** Of each crowded lane what its columns show, 0 to 255, read from the pixels. */
function drawn(page: Page) {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLCanvasElement>("canvas.dg-dense")].map((canvas) => {
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, 1);
      const style = getComputedStyle(canvas);
      const red = (color: string) => Number(/\d+/.exec(color)?.[0]);
      const [solid, paper] = [red(style.color), red(style.borderTopColor)];
      const cover = Array.from({ length: canvas.width }, (_, px) => (data[px * 4 + 3] === 0 ? 0 : Math.max(1, Math.round((((data[px * 4]! - paper) / (solid - paper) - 0.34) / 0.66) * 255))));
      return { lane: canvas.dataset.lane ?? "", exact: canvas.dataset.exact !== undefined, cover };
    }),
  );
}

/** Which share of each of `columns` even columns of a window is covered, of 255; 0 only where nothing is. */
function bruteForce(areas: readonly Area[], window: Area, columns: number): number[] {
  const size = (window.last + 1 - window.first) / columns;
  const bytes = new Float64Array(columns);
  for (const area of areas) {
    for (let column = Math.max(0, Math.floor((area.first - window.first) / size)); column < columns; column++) {
      const start = window.first + column * size;
      if (start > area.last) break;
      bytes[column]! += Math.max(0, Math.min(area.last + 1, start + size) - Math.max(area.first, start));
    }
  }
  return Array.from(bytes, (covered) => (covered < 0.5 ? 0 : Math.max(1, Math.min(255, Math.round((covered / size) * 255)))));
}

async function openCrowd(page: Page, maps = 9000): Promise<App> {
  const app = new App(page);
  await app.open();
  await app.load(crowd(maps));
  await app.goto(maps);
  return app;
}

async function showAll(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Beside…" }).click();
  await page.getByRole("button", { name: "All 2" }).click();
  await page.keyboard.press("Escape");
  await expect(page.locator("canvas.dg-dense")).toHaveCount(3);
}

test("crowded lanes show exactly what is there, column by column, at several zooms", async ({ page }) => {
  const app = await openCrowd(page);
  await page.getByRole("button", { name: "Linear", exact: true }).click();
  await showAll(page);
  const areas = await areasOf(app);
  expect([...areas.values()].reduce((sum, each) => sum + each.length, 0)).toBeGreaterThan(4000);
  const plot = page.getByRole("application", { name: /^IOAS/ });
  await plot.focus();
  for (const zoom of ["+", "+", "-"]) {
    const before = await plot.getAttribute("aria-label");
    await page.keyboard.press(zoom);
    await expect(plot).not.toHaveAttribute("aria-label", before ?? "");
    await expect(page.locator("canvas.dg-dense[data-exact]")).toHaveCount(3);
    const label = (await plot.getAttribute("aria-label")) ?? "";
    const [first, last] = (/0x([0-9a-f_]+)–0x([0-9a-f_]+)/.exec(label)?.slice(1) ?? []).map((text) => Number.parseInt(text.replaceAll("_", ""), 16));
    const lanes = await drawn(page);
    // The space shown in full has the lane "mapped"; the others say which they are.
    const others = lanes.flatMap(({ lane }) => Number(/\/(\d+)$/.exec(lane)?.[1] ?? []) || []);
    for (const { lane, cover } of lanes) {
      const id = lane === "mapped" ? [...areas.keys()].find((each) => !others.includes(each)) : Number(/\/(\d+)$/.exec(lane)?.[1]);
      const expected = bruteForce(areas.get(id ?? 0) ?? [], { first: first ?? 0, last: last ?? 0 }, cover.length);
      expect(expected.filter((value) => value > 0).length).toBeGreaterThan(300);
      expect(cover.map((value) => value > 0)).toEqual(expected.map((value) => value > 0));
      expect(Math.max(...cover.map((value, column) => Math.abs(value - expected[column]!)))).toBeLessThanOrEqual(4);
    }
  }
  expect(app.problems).toEqual([]);
});

test("a crowd says how many it stands for, and a press goes nearer until each can be told", async ({ page }) => {
  const app = await openCrowd(page);
  const strip = page.locator("canvas.dg-dense").first();
  const box = (await strip.boundingBox())!;
  const lit = (await drawn(page))[0]!.cover.findIndex((value) => value > 0);
  await page.mouse.move(box.x + lit + 0.5, box.y + box.height / 2);
  await expect(page.getByRole("tooltip")).toContainText(/\d areas? here, .*% covered/);
  for (let press = 0; press < 4 && (await strip.isVisible()); press++) {
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await page.waitForTimeout(200);
  }
  await expect(page.locator(".lane-mapped .dg-block").first()).toBeVisible();
  expect(app.problems).toEqual([]);
});

test("find, by keyboard: an address, an object, an errno, a step", async ({ page }) => {
  const app = await openCrowd(page, 3000);
  await page.keyboard.press("/");
  await page.keyboard.type("0x1000000");
  const list = page.getByRole("listbox", { name: "Found" });
  await expect(list.getByRole("option").first()).toContainText("0x100_0000");
  await expect(list).toContainText("IOMMU_IOAS_MAP");
  expect((await new AxeBuilder({ page }).include(".find").analyze()).violations.map((violation) => violation.id)).toEqual([]);
  await page.keyboard.press("Enter");
  await expect(page.locator(".dg-band.is-selected")).toHaveCount(1);
  const field = page.getByRole("combobox", { name: /^Find an address/ });
  await field.fill("ioas 3");
  await expect(list.getByRole("option").first()).toContainText("ioas 3");
  await page.keyboard.press("Enter");
  await expect(page.locator(".dg-node.is-selected")).toContainText("ioas 3");
  await field.fill("EINVAL");
  await expect(list.getByRole("option").last()).toContainText("IOMMU_IOAS_MAP");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await app.expectStep(3604);
  await field.fill("17");
  await expect(list.getByRole("option").first()).toContainText("step 17");
  await page.keyboard.press("Enter");
  await app.expectStep(17);
  await page.keyboard.press("Escape");
  await expect(field).toHaveCount(0);
  expect(app.problems).toEqual([]);
});

test("the ruler measures by keyboard and by dragging", async ({ page }) => {
  const app = await openCrowd(page, 30);
  const plot = page.getByRole("application", { name: /^IOAS/ });
  await plot.focus();
  await page.keyboard.press("r");
  const plate = page.getByRole("status").filter({ hasText: "Copy" });
  await expect(plate).toContainText("0 bytes");
  for (let press = 0; press < 3; press++) await page.keyboard.press("ArrowRight");
  await expect(plate).toContainText(/bytes = [\d,]+ pages?/);
  await page.keyboard.press("Escape");
  await expect(plate).toHaveCount(0);
  const box = (await plot.boundingBox())!;
  await page.keyboard.down("Shift");
  await page.mouse.move(box.x + 300, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + 420, box.y + 60, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up("Shift");
  await expect(plate).toContainText(/0x[0-9a-f_]+ – 0x[0-9a-f_]+/);
  expect(app.problems).toEqual([]);
});

test("the axis is folded, linear or logarithmic, and one page is as near as it gets", async ({ page }) => {
  const app = await openCrowd(page, 30);
  const plot = page.getByRole("application", { name: /^IOAS/ });
  for (const scale of ["Log", "Linear", "Folded"]) {
    await page.getByRole("button", { name: scale, exact: true }).click();
    await plot.focus();
    for (let press = 0; press < 70; press++) await page.keyboard.press("+");
    await expect(plot).toHaveAttribute("aria-label", /\(4 KiB\)/);
    await page.keyboard.press("0");
    await expect(plot).toHaveAttribute("aria-label", /the whole space/);
  }
  expect(app.problems).toEqual([]);
});

test("the timeline says what its marks are, and singles out one errno or call", async ({ page }) => {
  const app = await openCrowd(page, 3000);
  const legend = page.getByRole("group", { name: "Marks on the timeline" });
  await expect(legend).toContainText("refused 1");
  const unmaps = legend.getByRole("button", { name: /IOAS_UNMAP 600/ });
  await app.press(unmaps);
  await expect(unmaps).toHaveAttribute("aria-pressed", "true");
  const marked = await page.locator("canvas.track-marks").evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
    return data.some((value, index) => index % 4 === 3 && value > 0);
  });
  expect(marked).toBe(true);
  const box = (await app.slider().boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + 10);
  await expect(page.getByRole("tooltip")).toContainText(/steps [\d,]+–[\d,]+/);
  await page.mouse.move(box.x + box.width - 12, box.y + 10);
  await expect(page.getByRole("tooltip")).toContainText("EINVAL");
  expect(app.problems).toEqual([]);
});

test("hundreds of devices that differ share a lane until it is unfolded", async ({ page }) => {
  const app = new App(page);
  await app.open();
  const devices = Array.from({ length: 120 }, (_, index) => ({
    name: `0000:${Math.floor(index / 32).toString(16).padStart(2, "0")}:${(index % 32).toString(16).padStart(2, "0")}.0`, group: index, vfio: index,
    regions: [{ start: `0x${(0x1a00_0000 + index * 0x20_0000).toString(16)}`, last: `0x${(0x1a00_0000 + index * 0x20_0000 + 0xf_ffff).toString(16)}`, type: "reserved", label: "bridge" }],
  }));
  const calls = devices.flatMap((_, dev) => [
    { call: "VFIO_CDEV_OPEN", in: { dev, path: `/dev/vfio/devices/vfio${dev}` } },
    { call: "VFIO_DEVICE_BIND_IOMMUFD", in: { dev, argsz: 16, flags: 0 } },
  ]);
  calls.push({ call: "IOMMU_IOAS_ALLOC", in: { flags: 0 } } as never);
  calls.push(...devices.map((_, dev) => ({ call: "VFIO_DEVICE_ATTACH_IOMMUFD_PT", in: { dev, argsz: 12, flags: 0, pt_id: 121 } }) as never));
  await app.load({ title: "many devices", trace: "iommufd", platform: { kind: "intel-vtd", devices }, calls });
  await app.goto(calls.length);
  const lanes = page.locator(".lane-contributor");
  await expect(lanes).toHaveCount(5);
  await expect(lanes.last()).toContainText(/\+11\d more/);
  await app.press(page.getByRole("button", { name: "All lanes" }));
  await expect.poll(() => lanes.count()).toBeGreaterThan(8);
  await expect(page.getByRole("button", { name: "Fewer lanes" })).toBeVisible();
  expect(app.problems).toEqual([]);
});
