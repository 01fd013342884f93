import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { App, test } from "./app.ts";

const TEXT = `platform: intel-vtd 39
devices:
- 0000:41:00.0 group=27 vfio=0 model=nvme

VFIO_CDEV_OPEN dev=0 path=/dev/vfio/devices/vfio0
dev = VFIO_DEVICE_BIND_IOMMUFD dev=0
io = IOMMU_IOAS_ALLOC
VFIO_DEVICE_ATTACH_IOMMUFD_PT io dev=0
IOMMU_IOAS_MAP io iova=0x0 length=2M user_va=0x7f0000000000 flags=FIXED_IOVA|WRITEABLE|READABLE
`;

async function expectNoFindings(page: Page): Promise<void> {
  await page.waitForTimeout(300);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(" ")).join(", ")}`)).toEqual([]);
}

/** Names and answers of the calls in the list. */
async function calls(page: Page): Promise<string[]> {
  const rows = await page.getByRole("listbox", { name: "Calls, in order" }).getByRole("option").all();
  return Promise.all(rows.map(async (row) => `${await row.locator(".call-name").innerText()} ${await row.locator(".call-answer").innerText()}`));
}

const composer = (page: Page) => page.getByRole("region", { name: "Composer" });
const search = (page: Page) => composer(page).getByRole("combobox", { name: "Find a call" });

/** Chooses a call in the composer by typing. */
async function choose(page: Page, name: string): Promise<void> {
  await expect(search(page)).toBeFocused();
  await page.keyboard.type(name);
  await page.keyboard.press("Enter");
  await expect(composer(page).getByRole("button", { name: "Add" })).toBeVisible();
  await expect(composer(page).locator(".preview-answer")).toBeVisible();
}

async function add(page: Page, name: string, steps: number): Promise<void> {
  await choose(page, name);
  await page.keyboard.press("Enter");
  await expect(page.getByText(`${steps} / ${steps}`)).toBeVisible();
}

test("a scenario is written by keyboard alone: the refusal is foretold, what fits is taken, undo and redo", async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.press(page.getByRole("button", { name: "Write a scenario" }));
  const dialog = page.getByRole("dialog", { name: "Write a scenario" });
  await expect(dialog.getByRole("textbox", { name: "Title" })).toBeFocused();
  await page.keyboard.type("Beside the hole");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Beside the hole" })).toBeVisible();
  await add(page, "ioas alloc", 1);
  await add(page, "cdev open", 2);
  await add(page, "bind iommufd", 3);
  await add(page, "attach", 4);
  await choose(page, "ioas map");
  await app.tabTo(composer(page).getByLabel("iova", { exact: true }));
  await page.keyboard.press("Control+a");
  await page.keyboard.type("0xfee00000");
  const preview = composer(page).getByRole("region", { name: "Answer" });
  await expect(preview).toContainText("EINVAL");
  await expect(preview).toContainText("0xfee0_0000–0xfeef_ffff");
  await expectNoFindings(page);
  await app.press(preview.getByRole("button", { name: /^Use 0xfec0_0000/ }));
  await expect(preview).toContainText("OK");
  await expect(composer(page).getByRole("button", { name: "Add" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByText("5 / 5")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(composer(page)).toBeHidden();
  expect((await calls(page)).at(-1)).toBe("IOMMU_IOAS_MAP OK");

  await page.keyboard.press("Control+z");
  await expect(page.getByText("Undone: IOMMU_IOAS_MAP was added as step 5.")).toBeVisible();
  await expect(page.getByText("4 / 4")).toBeVisible();
  await page.keyboard.press("Control+Shift+z");
  await expect(page.getByText("5 / 5")).toBeVisible();
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+z");
  await expect(page.getByText("3 / 3")).toBeVisible();
  await page.keyboard.press("Control+y");
  await page.keyboard.press("Control+y");
  await expect(page.getByText("5 / 5")).toBeVisible();

  // A call is put in at the start: ids shift, and the later calls follow.
  await page.keyboard.press("Home");
  await page.keyboard.press("a");
  await choose(page, "ioas alloc");
  await page.keyboard.press("Enter");
  await expect(page.getByText("1 / 6")).toBeVisible();
  await page.keyboard.press("Escape");
  expect(await calls(page)).toEqual(["IOMMU_IOAS_ALLOC → ioas 1", "IOMMU_IOAS_ALLOC → ioas 2", "VFIO_CDEV_OPEN OK", "VFIO_DEVICE_BIND_IOMMUFD → dev 3", "VFIO_DEVICE_ATTACH_IOMMUFD_PT → pt 4", "IOMMU_IOAS_MAP OK"]);
  await app.goto(6);
  await expect(page.locator("#call-6")).toContainText("ioas 2");
  // Delete, move, duplicate.
  await page.keyboard.press("y");
  await expect(page.getByText("7 / 7")).toBeVisible();
  expect((await calls(page)).at(-1)).toBe("IOMMU_IOAS_MAP EEXIST");
  await page.keyboard.press("Control+ArrowUp");
  await expect(page.getByText("6 / 7")).toBeVisible();
  await page.keyboard.press("Delete");
  await expect(page.getByText("6 / 6")).toBeVisible();
  expect(app.problems).toEqual([]);
});

test("as text: completion, an error at its place, and what is typed takes effect", async ({ page }) => {
  const app = new App(page);
  await app.open();
  await page.getByRole("textbox", { name: /^Paste/ }).fill(TEXT);
  await page.getByRole("button", { name: "Import" }).click();
  await expect(page.getByText("5 / 5")).toBeVisible();
  await page.keyboard.press("x");
  const dock = page.getByRole("region", { name: "Scenario as text" });
  const editor = dock.locator(".cm-content");
  await expect(editor).toBeVisible();
  await expect(editor).toContainText("io = IOMMU_IOAS_ALLOC");
  await expect(editor).toContainText("IOMMU_IOAS_MAP io iova=0x0");
  await expectNoFindings(page);

  await editor.press("Control+End");
  await editor.pressSequentially("IOMMU_IOAS_MA");
  const options = dock.locator(".cm-tooltip-autocomplete");
  await expect(options).toContainText("IOMMU_IOAS_MAP");
  // The editor takes no Enter for a list that has only just come up.
  await page.waitForTimeout(200);
  await editor.press("Enter");
  await editor.pressSequentially("ioo iova=0xfee00000 length=1M user_va=0 flags=READABLE");
  await editor.press("Escape");
  await expect(dock.getByRole("status")).toContainText("Not applied");
  await expect(dock.getByRole("list", { name: "Places that can’t be read" })).toContainText("no call above gives ioo; did you mean io?");
  await expect(dock.locator(".cm-lintRange-error")).toHaveText("ioo");
  await expect(page.getByText("5 / 5")).toBeVisible();
  // What can't be read is not lost when the editor is closed.
  await dock.getByRole("button", { name: "Close the text" }).click();
  await page.keyboard.press("x");
  await expect(dock.locator(".cm-lintRange-error")).toHaveText("ioo");
  await expect(dock).not.toContainText("changed elsewhere");
  await editor.press("Control+End");
  // It can be read now, and takes effect.
  for (let back = 0; back < "o iova=0xfee00000 length=1M user_va=0 flags=READABLE".length; back++) await editor.press("ArrowLeft");
  await editor.press("Delete");
  await expect(dock.getByRole("status")).toContainText("In step");
  await expect(page.getByText("5 / 6")).toBeVisible();
  // The form is another view of the same: what is changed there is in the text.
  await page.getByRole("listbox", { name: "Calls, in order" }).focus();
  await page.keyboard.press("r");
  const length = composer(page).getByLabel("length", { exact: true });
  await expect(length).toHaveValue("2M");
  await length.fill("4M");
  await expect(composer(page).getByRole("region", { name: "Answer" })).toContainText("OK");
  await length.press("Enter");
  await expect(editor).toContainText("iova=0x0 length=4M");
  await page.getByRole("listbox", { name: "Calls, in order" }).focus();
  await page.keyboard.press("Control+z");
  await expect(editor).toContainText("iova=0x0 length=2M");
  expect(app.problems).toEqual([]);
});

test("a range is drawn on the diagram, one field is changed and compared", async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.load(TEXT);
  await page.keyboard.press("End");
  await page.keyboard.press("a");
  await choose(page, "ioas map");
  const iova = composer(page).getByLabel("iova", { exact: true });
  await iova.focus();
  const plot = page.getByRole("application", { name: /IOAS 2/ });
  const box = (await plot.boundingBox()) as { x: number; y: number; width: number; height: number };
  await page.mouse.move(box.x + box.width * 0.7, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.75, box.y + box.height / 2, { steps: 4 });
  await page.mouse.move(box.x + box.width * 0.8, box.y + box.height / 2, { steps: 4 });
  await page.mouse.up();
  await expect(iova).not.toHaveValue("0x200000");
  await expect(composer(page).getByLabel("length", { exact: true })).not.toHaveValue("2M");
  await iova.press("Escape");

  await page.keyboard.press("f");
  const dialog = page.getByRole("dialog", { name: "What if…" });
  await dialog.getByRole("textbox", { name: "iova" }).fill("0xfee00000");
  await dialog.getByRole("button", { name: "Compare" }).click();
  const parting = page.getByText("IOMMU_IOAS_MAP answers OK on the left, EINVAL on the right.").first();
  await expect(parting).toBeVisible();

  // A link asks the same again.
  const link = await app.link();
  await page.goto("about:blank");
  await page.goto(link);
  await expect(parting).toBeVisible();
  await expect(page.getByText(/^step \d+: iova=0xfee00000$/).first()).toBeVisible();
  expect(app.problems).toEqual([]);
});

test("the end of a lesson opens its scenario as text, and leads back", async ({ page }) => {
  const app = new App(page);
  await app.open("#lesson=map-einval/99");
  await page.getByRole("button", { name: "Try it yourself" }).click();
  const dock = page.getByRole("region", { name: "Scenario as text" });
  await expect(dock.locator(".cm-content")).toContainText("VFIO_IOMMU_MAP_DMA");
  await dock.getByRole("button", { name: "Close the text" }).click();
  await page.keyboard.press("Delete");
  await expect(page.getByRole("button", { name: "Undo" })).toBeEnabled();
  await page.getByRole("button", { name: "Back to the lesson" }).click();
  await expect(app.lesson().getByRole("heading", { name: "Try it yourself" })).toBeVisible();
  expect(app.problems).toEqual([]);
});

test("on a phone", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const app = new App(page);
  await app.open();
  await app.load(TEXT);
  await page.getByRole("button", { name: "Add a call after this step" }).click();
  await choose(page, "ioas map");
  await composer(page).getByLabel("iova", { exact: true }).fill("0xfee00000");
  await expect(composer(page).getByRole("region", { name: "Answer" })).toContainText("EINVAL");
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await expectNoFindings(page);
  await composer(page).getByRole("button", { name: "Close the composer" }).click();
  await page.getByRole("button", { name: "Edit as text" }).click();
  await expect(page.getByRole("region", { name: "Scenario as text" }).locator(".cm-content")).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});
