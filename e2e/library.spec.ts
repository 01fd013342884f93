import { expect, type Page } from "@playwright/test";
import { App, capture, test } from "./app.ts";

const LOG = "intel-ioctls-iommufd.log";
const story = (title: string, calls = 4) => ({ title, platform: { kind: "mock" }, calls: Array.from({ length: calls }, () => ({ call: "IOMMU_IOAS_ALLOC", in: { flags: 0 } })) });

interface Stored {
  title: string;
  named: boolean;
  revision: number;
  view: { step: number };
}

/** What the browser holds. */
function stored(page: Page): Promise<Stored[]> {
  return page.evaluate(
    () =>
      new Promise<Stored[]>((resolve) => {
        const request = indexedDB.open("iovascope");
        request.addEventListener("success", () => {
          const { result } = request;
          if (!result.objectStoreNames.contains("records")) {
            result.close();
            resolve([]);
            return;
          }
          const all = result.transaction("records").objectStore("records").getAll();
          all.addEventListener("success", () => {
            result.close();
            resolve(all.result as Stored[]);
          });
        });
      }),
  );
}

async function untilKept(page: Page, title: string, step?: number): Promise<void> {
  await page.waitForFunction(() => localStorage.getItem("iovascope.kept") !== null);
  await expect.poll(async () => (await stored(page)).some((record) => record.title === title && (step === undefined || record.view.step === step))).toBe(true);
}

async function openLibrary(page: Page) {
  await page.keyboard.press("o");
  const dialog = page.getByRole("dialog", { name: "Your scenarios" });
  await expect(dialog).toBeVisible();
  return dialog;
}

/** Gives the open scenario another host: a change as any other. */
async function changeHost(page: Page, host: string): Promise<void> {
  await page.getByTitle("Run the same calls on another platform").click();
  const dialog = page.getByRole("dialog", { name: "Platform" });
  await dialog.getByRole("radio", { name: host }).check({ force: true });
  await dialog.getByRole("button", { name: "Run again" }).click();
  await expect(dialog).toBeHidden();
}

test("what was open is offered again, at its step", async ({ page }) => {
  const app = new App(page);
  await app.open();
  await expect(page.getByRole("region", { name: "Continue" })).toHaveCount(0);
  await app.load([{ name: LOG, text: capture(LOG) }]);
  await app.goto(7);
  const before = await app.state();
  await untilKept(page, await page.locator("h1").innerText(), 7);
  await page.goto("about:blank");
  await app.open();
  const go = page.getByRole("button", { name: /Continue where you were/ });
  await expect(go).toContainText("step 7 of");
  await go.click();
  await app.expectStep(7);
  expect(await app.state()).toEqual(before);
  expect(app.problems).toEqual([]);
});

test("the library by keyboard: rename, duplicate, delete, undo, search", async ({ page }) => {
  const app = new App(page);
  await app.open();
  for (const title of ["first story", "second story", "third story"]) {
    await app.load(story(title, title.length));
    await untilKept(page, title);
  }
  const dialog = await openLibrary(page);
  const rows = dialog.getByRole("listitem");
  await expect(rows).toHaveCount(3);
  await expect(rows.first()).toContainText("third story");
  await expect(dialog.getByLabel("Search by name")).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(rows.nth(1).getByRole("button").first()).toBeFocused();
  await page.keyboard.press("F2");
  await page.keyboard.type("my own boot");
  await page.keyboard.press("Enter");
  await expect(rows.nth(1)).toContainText("my own boot");
  await expect(rows.nth(1)).toContainText("named");
  await expect(rows.nth(1).getByRole("button").first()).toBeFocused();
  await page.keyboard.press("Delete");
  await expect(rows).toHaveCount(2);
  await app.press(dialog.getByRole("button", { name: "Undo" }));
  await expect(dialog.getByRole("status").first()).toContainText("is back");
  await expect(rows).toHaveCount(3);
  await dialog.getByRole("button", { name: "Duplicate my own boot" }).click();
  await expect(rows).toHaveCount(4);
  await dialog.getByLabel("Search by name").fill("BOOT own");
  await expect(rows).toHaveCount(2);
  await dialog.getByLabel("Order").selectOption("title");
  await expect(rows.first()).toContainText("my own boot");
  await expect(rows.nth(1)).toContainText("my own boot (copy)");
  await rows.nth(1).getByRole("button").first().click();
  await expect(page.locator("h1")).toHaveText("my own boot (copy)");
  expect(app.problems).toEqual([]);
});

test("a name for what is open; all of it as a file, and back in another browser", async ({ page, browser, baseURL }) => {
  const app = new App(page);
  await app.open();
  await app.load(story("nameless"));
  await page.keyboard.press("k");
  const dialog = page.getByRole("dialog", { name: "Your scenarios" });
  await expect(dialog.getByLabel("Keep the open scenario as")).toBeFocused();
  await page.keyboard.type("four spaces");
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("listitem")).toContainText("four spaces");
  const [download] = await Promise.all([page.waitForEvent("download"), dialog.getByRole("button", { name: "Export all" }).click()]);
  const path = await download.path();
  await page.keyboard.press("Escape");
  await expect(page.locator("h1")).toHaveText("four spaces");

  const context = await browser.newContext({ baseURL, serviceWorkers: "block" });
  const other = new App(await context.newPage());
  await other.open();
  const theirs = await openLibrary(other.page);
  await other.page.locator("[data-library-file]").setInputFiles(path);
  await expect(theirs.getByRole("status").first()).toContainText("1 scenario imported");
  await other.page.locator("[data-library-file]").setInputFiles({ name: "x.json", mimeType: "application/json", buffer: Buffer.from('{"iovascope_library":1,"entries":{}}') });
  await expect(theirs.getByRole("alert").first()).toContainText("entries must be a list");
  await theirs.getByRole("listitem").getByRole("button").first().click();
  await expect(other.page.locator("h1")).toHaveText("four spaces");
  await context.close();
  expect(app.problems).toEqual([]);
});

test("two tabs with the same scenario don't destroy each other's work", async ({ page, context }) => {
  const app = new App(page);
  await app.open();
  await app.load(story("shared"));
  await untilKept(page, "shared");
  const other = new App(await context.newPage());
  await other.open();
  await other.page.getByRole("button", { name: /Continue where you were/ }).click();
  await expect(other.page.locator("h1")).toHaveText("shared");
  await changeHost(page, "AMD server");
  await expect.poll(async () => (await stored(page)).map((record) => record.revision)).toEqual([2]);
  await changeHost(other.page, "Arm server with an RMR");
  await expect(other.page.getByRole("alert")).toContainText("“shared (copy)”");
  await expect.poll(async () => (await stored(page)).map((record) => record.title).sort()).toEqual(["shared", "shared (copy)"]);
  const dialog = await openLibrary(page);
  await expect(dialog.getByRole("listitem")).toHaveCount(2);
  // The list follows what another tab does.
  const theirs = await openLibrary(other.page);
  await theirs.getByRole("button", { name: "Delete shared", exact: true }).click();
  await expect(dialog.getByRole("listitem")).toHaveCount(1);
  expect([...app.problems, ...other.problems]).toEqual([]);
});

const REFUSALS: Record<string, { say: RegExp; how: () => void }> = {
  denied: {
    say: /does not let this page store/,
    how: () => {
      IDBFactory.prototype.open = () => {
        throw new DOMException("no", "SecurityError");
      };
    },
  },
  full: {
    say: /storage for this page is full/,
    how: () => {
      IDBObjectStore.prototype.put = () => {
        throw new DOMException("no room", "QuotaExceededError");
      };
    },
  },
  damaged: {
    say: /can’t be read/,
    how: () => {
      IDBDatabase.prototype.transaction = () => {
        throw new DOMException("internal error", "UnknownError");
      };
    },
  },
};

for (const [what, { say, how }] of Object.entries(REFUSALS)) {
  test(`storage that is ${what} is said once, and work goes on`, async ({ page }) => {
    const app = new App(page);
    await page.addInitScript(how);
    await app.open();
    await app.load(story("one"));
    const alert = page.getByRole("alert").filter({ hasText: say });
    await expect(alert).toHaveCount(1);
    const [download] = await Promise.all([page.waitForEvent("download"), alert.getByRole("button", { name: "Save a file" }).click()]);
    expect(download.suggestedFilename()).toMatch(/^one\./);
    await app.goto(2);
    await app.load(story("two", 6));
    await app.goto(6);
    await app.expectStep(6);
    await openLibrary(page);
    await page.keyboard.press("Escape");
    await expect(alert).toHaveCount(0);
    expect(app.problems).toEqual([]);
  });
}

test("nothing is kept of a lesson being followed, nor when keeping is off", async ({ page }) => {
  const app = new App(page);
  await app.open("#lesson=tour/2");
  await expect(app.lesson()).toBeVisible();
  await page.keyboard.press(",");
  await page.getByLabel("Keep what I open and change").uncheck();
  await page.keyboard.press("Escape");
  await app.load(story("secret"));
  const dialog = await openLibrary(page);
  await expect(dialog).toContainText("switched off in the settings");
  expect(await stored(page)).toEqual([]);
});
