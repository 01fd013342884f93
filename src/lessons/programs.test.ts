import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isSystemCall } from "../engine/export/c/assemble.ts";
import { Session } from "../engine/session.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { parseLesson } from "./format/lesson.ts";

const LIBRARY = join(import.meta.dirname, "library");
const lessons = readdirSync(LIBRARY).filter((name) => name.endsWith(".md")).sort().map((name) => parseLesson(name, readFileSync(join(LIBRARY, name), "utf8")).lesson);
const cc = spawnSync("cc", ["--version"]).status === 0;

describe.skipIf(!cc)(`the C programs of the lessons${cc ? "" : " (skipped: there is no cc here)"}`, () => {
  it("compile without a warning, one for each scene that makes system calls", async () => {
    const folder = mkdtempSync(join(tmpdir(), "iovascope-lessons-"));
    try {
      const files: string[] = [];
      for (const lesson of lessons) {
        for (const [index, { setup, calls }] of lesson.scenes.entries()) {
          const scenario: Scenario = { ...setup, title: `${lesson.title}, scene ${index + 1}`, calls: calls.map(({ call }) => call) };
          if (!scenario.calls.some(({ call }) => isSystemCall(call))) continue;
          const session = new Session();
          await session.load(scenario);
          const file = join(folder, `${lesson.id}-${index}.c`);
          writeFileSync(file, (await session.export("c", { step: 0, link: null })).text);
          files.push(file);
        }
      }
      expect(files.length).toBeGreaterThanOrEqual(8);
      expect(spawnSync("cc", ["-Wall", "-Wextra", "-Werror", "-fsyntax-only", ...files], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 60_000);
});
