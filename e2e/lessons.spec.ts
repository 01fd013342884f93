import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { expect } from "@playwright/test";
import { parseLesson } from "../src/lessons/format/lesson.ts";
import { lessonLink, type Question } from "../src/lessons/lesson.ts";
import { blocksText, plainText } from "../src/lessons/text/blocks.ts";
import { App, test } from "./app.ts";

const LIBRARY = join(import.meta.dirname, "../src/lessons/library");
const lessons = readdirSync(LIBRARY).filter((name) => name.endsWith(".md")).sort().map((name) => parseLesson(name, readFileSync(join(LIBRARY, name), "utf8")).lesson);

/** An address that no option names. */
const WRONG_ADDRESS = "0x1234567000";

/** Answers wrong, reads why, answers right: by keyboard alone. */
async function answer(app: App, question: Question): Promise<void> {
  const card = app.lesson();
  const box = card.locator(".lesson-question");
  const wrong = question.options.find((option) => !option.right && (question.kind !== "address" || option.other)) ?? question.options.find((option) => !option.right);
  const right = question.options.find((option) => option.right);
  if (!wrong || !right) throw new Error("a question without answers");
  if (question.kind === "address") {
    for (const address of [wrong.other ? WRONG_ADDRESS : (wrong.target as string), right.target as string]) {
      const input = box.getByRole("textbox", { name: "Your address" });
      await app.tabTo(input);
      await app.page.keyboard.press("ControlOrMeta+a");
      await app.page.keyboard.type(address);
      await app.page.keyboard.press("Enter");
      if (address !== right.target) {
        await expect(box).toContainText(blocksText(wrong.feedback));
        await expect(card.getByRole("button", { name: "Show the answer", exact: true })).toBeVisible();
      }
    }
  } else {
    await app.press(box.getByRole("button", { name: plainText(wrong.text), exact: true }));
    await expect(box).toContainText(blocksText(wrong.feedback));
    await expect(card.getByRole("button", { name: "Show the answer", exact: true })).toBeVisible();
    await app.press(box.getByRole("button", { name: plainText(right.text), exact: true }));
  }
  await expect(box).toContainText(blocksText(right.feedback));
}

for (const lesson of lessons) {
  test(`${lesson.id}: walked by keyboard, with wrong and right predictions`, async ({ page }) => {
    test.setTimeout(180_000);
    const app = new App(page);
    await app.open(lessonLink(lesson.id, 1));
    const card = app.lesson();
    for (const [index, step] of lesson.steps.entries()) {
      await expect(card.getByRole("heading", { name: step.title, exact: true })).toBeFocused();
      await expect(card).toContainText(`Lesson · ${index + 1} of ${lesson.steps.length}`);
      if (step.question) {
        await app.expectStep(step.asked.step);
        await answer(app, step.question);
      }
      await app.expectStep(step.place.step);
      await expect.poll(() => page.evaluate(() => location.hash), { intervals: [30] }).toBe(lessonLink(lesson.id, index + 1));
      if (step.kind === "step") await app.press(card.getByRole("button", { name: "Next", exact: true }));
    }
    await app.press(card.getByRole("button", { name: "Try it yourself", exact: true }));
    await expect.poll(() => page.evaluate(() => location.hash)).not.toContain("lesson");
    await app.press(card.getByRole("button", { name: "Back to the lesson", exact: true }));
    await expect(card.getByRole("heading", { name: "Try it yourself", exact: true })).toBeVisible();
    expect(app.problems).toEqual([]);
  });
}

test("try it yourself, by keyboard: the task stays in sight, text is changed, a solution opens and is undone, and back", async ({ page }) => {
  const app = new App(page);
  await app.open("#lesson=tour/8");
  const card = app.lesson();
  await app.press(card.getByRole("button", { name: "Try it yourself", exact: true }));
  await expect(card).toContainText("Make the mapping fit.");
  const editor = page.getByRole("textbox", { name: "Calls, one a line" });
  await expect(page.locator(".cm-content")).toBeFocused();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.type("IOMMU_IOAS_ALLOC flags=0");
  await expect(app.region("Calls")).toContainText("/ 7");
  await page.keyboard.press("Escape");
  await app.press(card.getByRole("button", { name: "move it behind the hole", exact: true }));
  await app.expectStep(6);
  await expect(app.region("Calls")).toContainText("6 / 6");
  await expect(app.region("Why this answer")).not.toContainText("EINVAL");
  await page.keyboard.press("ControlOrMeta+z");
  await expect(app.region("Calls")).toContainText("/ 7");
  await app.press(card.getByRole("button", { name: "Back to the lesson", exact: true }));
  await expect(card.getByRole("heading", { name: "Try it yourself", exact: true })).toBeFocused();
  await expect(app.region("Calls")).toContainText("6 / 6");
  await expect(app.region("Why this answer")).toContainText("EINVAL");
  await expect(editor).toHaveCount(0);
  expect(app.problems).toEqual([]);
});

test("the task stays in sight beside a comparison, and the lesson comes back from there", async ({ page }) => {
  const app = new App(page);
  await app.open("#lesson=two-page-tables/12");
  const card = app.lesson();
  await card.getByRole("button", { name: "Try it yourself", exact: true }).click();
  await page.getByRole("button", { name: "Compare", exact: true }).click();
  await page.getByRole("dialog").getByText("HWPT series, v4").last().click();
  await expect(page.getByText("The two part here")).toBeVisible();
  await expect(card).toContainText("Compare the two forms.");
  await card.getByRole("button", { name: "as posted", exact: true }).click();
  await expect(page.getByRole("banner")).toContainText(/HWPT series,? v4/);
  await card.getByRole("button", { name: "Back to the lesson", exact: true }).click();
  await expect(card.getByRole("heading", { name: "Try it yourself", exact: true })).toBeVisible();
  await expect(page.getByText("The two part here")).toHaveCount(0);
  await expect(page.getByRole("banner")).toContainText(/iommufd,? as merged/);
  expect(app.problems).toEqual([]);
});

test("calls that come after a question are out of sight until it is answered", async ({ page }) => {
  const app = new App(page);
  await app.open("#lesson=tour/5");
  await expect(app.region("Calls")).toContainText("5 / 5");
  await expect(page.getByRole("listbox", { name: "Calls, in order" })).not.toContainText("EINVAL");
  await app.lesson().getByRole("button", { name: "No: EINVAL", exact: true }).click();
  await expect(app.region("Calls")).toContainText("6 / 6");
  await expect(app.region("Why this answer")).toContainText("EINVAL");
});

test("a click in a diagram is an answer", async ({ page }) => {
  const app = new App(page);
  await app.open("#lesson=one-tib-guest/4");
  const hole = app.region("IOVA space").getByRole("button", { name: /HyperTransport/ }).first();
  await hole.focus();
  await page.keyboard.press("Enter");
  await expect(app.lesson()).toContainText("Yes: the last part of the memory would lie in it and behind it.");
  await app.expectStep(6);
});

test("a comparison shows the same calls elsewhere, and back", async ({ page }) => {
  const app = new App(page);
  await app.open("#lesson=one-tib-guest/8");
  await app.lesson().getByRole("button", { name: "Show the answer", exact: true }).click();
  await app.lesson().getByRole("button", { name: "Show: a desktop host with 39 bits" }).click();
  await expect(app.region("Why this answer")).toContainText("EINVAL");
  await expect(page.getByRole("banner")).toContainText("39-bit");
  await app.lesson().getByRole("button", { name: "Back to: Intel, 48-bit" }).click();
  await expect(page.getByRole("banner")).toContainText("48-bit");
});

test("the list, the progress kept, and a way back by the browser", async ({ page }) => {
  const app = new App(page);
  await app.open();
  await page.getByRole("link", { name: /Two minutes around the app/ }).click();
  await app.lesson().getByRole("button", { name: "Next", exact: true }).click();
  await expect(app.lesson()).toContainText("Lesson · 2 of 8");
  await app.lesson().getByRole("button", { name: "Leave the lesson", exact: true }).click();
  await expect(app.lesson()).toHaveCount(0);
  await page.getByRole("button", { name: "Lessons", exact: true }).click();
  await expect(page.getByRole("link", { name: /Two minutes around the app/ })).toContainText("continue at step 2");
  await page.getByRole("link", { name: /A 1 TiB guest/ }).click();
  await expect.poll(() => page.evaluate(() => location.hash)).toBe("#lesson=one-tib-guest/1");
  await expect(app.lesson()).toContainText("Lesson · 1 of 10");
  // Opening something else leaves the lesson waiting; the browser's Back returns to it.
  await app.load({ title: "one ioas", platform: { kind: "mock" }, calls: [{ call: "IOMMU_IOAS_ALLOC", in: { flags: 0 } }] });
  await expect(app.lesson()).toContainText("waits at step 1");
  await expect.poll(() => page.evaluate(() => location.hash)).not.toContain("lesson");
  await page.goBack();
  await expect(app.lesson()).toContainText("Lesson · 1 of 10");
  await expect(app.region("Calls")).toContainText("VFIO_CDEV_OPEN");
});

test("a word is explained when it has the focus", async ({ page }) => {
  const app = new App(page);
  await app.open("#lesson=tour/2");
  await app.tabTo(app.lesson().getByRole("button", { name: "IOAS", exact: true }));
  await expect(page.getByRole("tooltip")).toContainText("I/O address space");
});

test("a link to a lesson that is not there says so", async ({ page }) => {
  const app = new App(page);
  await app.open("#lesson=nowhere/3");
  await expect(page.getByRole("alert").first()).toContainText(/no lesson "nowhere"/);
});

for (const width of [390, 900, 1600]) {
  test(`at ${width} px: axe finds nothing, the card is whole, and it prints`, async ({ page }) => {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 1000 });
    const app = new App(page);
    await app.open("#lesson=reserved-regions/5");
    await app.lesson().getByRole("button", { name: "Show the answer", exact: true }).click();
    await expect(app.lesson().getByRole("button", { name: "Next", exact: true })).toBeInViewport();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    expect((await new AxeBuilder({ page }).analyze()).violations.map((violation) => `${violation.id}: ${violation.nodes[0]?.html}`)).toEqual([]);
    // Printed from the dark theme as well: paper is white.
    if (width === 900) await page.emulateMedia({ colorScheme: "dark" });
    await page.emulateMedia({ media: "print" });
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).toBe("rgb(255, 255, 255)");
    await expect(page.getByRole("heading", { name: "1. A first device" })).toBeVisible();
    await expect(page.getByRole("heading", { name: /Try it yourself/ }).last()).toBeVisible();
    await expect(app.slider()).toBeHidden();
  });
}
