import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test as base, type Locator, type Page } from "@playwright/test";

declare global {
  interface Window {
    iovascope: {
      load(input: unknown): Promise<unknown>;
      goto(step: number): Promise<unknown>;
      state(): Promise<unknown>;
      link(): Promise<string>;
    };
  }
}

/** Says what the page's policy has stopped. */
function reportViolations(): void {
  document.addEventListener("securitypolicyviolation", (event) => {
    // oxlint-disable-next-line no-console -- how it gets out of the page
    console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI}`);
  });
}

/**
 * Every test in a page that is watched: no request may leave its own origin, and nothing may go against its policy. All specs
 * take `test` from here.
 */
export const test = base.extend<{ otherOrigins: string[]; watched: void }>({
  /** How the origins begin of pages that are not ours, but part of the test. */
  otherOrigins: [[], { option: true }],
  watched: [
    async ({ context, baseURL, otherOrigins }, use) => {
      const own = [new URL(baseURL ?? "").origin, ...otherOrigins];
      const wrong: string[] = [];
      context.on("request", (request) => {
        const url = new URL(request.url());
        if (!["data:", "blob:", "about:"].includes(url.protocol) && !own.some((origin) => url.origin.startsWith(origin))) wrong.push(`request to ${request.url()}`);
      });
      context.on("console", (message) => {
        if (/policy violation|Content Security Policy/.test(message.text())) wrong.push(message.text());
      });
      await context.addInitScript(reportViolations);
      await use();
      expect(wrong, "requests to other origins, and violations of the page's policy").toEqual([]);
    },
    { auto: true },
  ],
});

/** A real capture of the project, unpacked. */
export function capture(name: string): string {
  return gunzipSync(readFileSync(join(import.meta.dirname, "../conformance/captures", `${name}.gz`))).toString("utf8");
}

/** Recorded sequences of real kernels, unpacked. */
export function recording(name: string): string {
  return gunzipSync(readFileSync(join(import.meta.dirname, "../conformance/recordings", `${name}.gz`))).toString("utf8");
}

/** The app as a person uses it; tests say what they do, not which element they click. */
export class App {
  readonly page: Page;
  readonly problems: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.problems.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") this.problems.push(message.text());
    });
  }

  /** Opens the app, with a link's fragment if given, and waits until programs can talk to it. */
  async open(fragment = ""): Promise<void> {
    await this.page.goto(`./${fragment}`);
    await this.page.waitForFunction(() => window.iovascope !== undefined);
  }

  async load(input: unknown): Promise<void> {
    await this.page.evaluate((value) => window.iovascope.load(value), input);
  }

  async pick(files: Record<string, string>): Promise<void> {
    await this.page
      .locator("input[type=file]")
      .first()
      .setInputFiles(Object.entries(files).map(([name, text]) => ({ name, mimeType: "text/plain", buffer: Buffer.from(text) })));
  }

  async goto(step: number): Promise<void> {
    await this.page.evaluate((value) => window.iovascope.goto(value), step);
  }

  state(): Promise<unknown> {
    return this.page.evaluate(() => window.iovascope.state());
  }

  link(): Promise<string> {
    return this.page.evaluate(() => window.iovascope.link());
  }

  region(name: string) {
    return this.page.getByLabel(name, { exact: true }).first();
  }

  slider() {
    return this.page.getByRole("slider", { name: "Step", exact: true });
  }

  async step(): Promise<number> {
    const slider = this.slider();
    return Number((await slider.getAttribute("aria-valuenow")) ?? (await slider.inputValue()));
  }

  async expectStep(step: number): Promise<void> {
    await expect.poll(() => this.step(), { intervals: [20, 40, 80, 160] }).toBe(step);
  }

  /** The card of the lesson being followed. */
  lesson() {
    return this.page.getByRole("group", { name: /^Lesson: / });
  }

  /** Moves the focus to something by Tab, or back by Shift-Tab. */
  async tabTo(target: Locator): Promise<void> {
    const way = () =>
      target.evaluate((element) => {
        const { activeElement } = document;
        if (element === activeElement) return null;
        return activeElement && element.compareDocumentPosition(activeElement) & Node.DOCUMENT_POSITION_FOLLOWING ? "Shift+Tab" : "Tab";
      });
    for (let presses = 0; presses < 80; presses++) {
      const key = await way();
      if (key === null) return;
      await this.page.keyboard.press(key);
    }
    throw new Error(`the Tab key does not lead to ${target.toString()}`);
  }

  /** Presses a button by keyboard. */
  async press(target: Locator): Promise<void> {
    await this.tabTo(target);
    await this.page.keyboard.press("Enter");
  }
}
