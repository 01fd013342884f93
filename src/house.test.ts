import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { describe, expect, it } from "vitest";

/** Which rooms a room may import; itself always. The picture is in docs/house.md. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  base: [],
  kernel: ["base"],
  scenario: ["base", "kernel"],
  engine: ["base", "kernel", "scenario"],
  lessons: ["base", "kernel", "scenario", "engine"],
  explorer: ["base", "kernel", "scenario", "engine"],
  ui: ["base", "kernel", "scenario", "engine", "lessons", "explorer"],
  cli: ["base", "kernel", "scenario", "engine", "lessons", "explorer"],
};

/** Packages a room may use; rooms that are not listed may use any. */
const PACKAGES: Record<string, readonly string[]> = {
  base: [],
  kernel: [],
  scenario: [],
  engine: [],
};

const SRC = resolve(import.meta.dirname);
const IMPORT = /(?:^|\n)\s*(?:import|export)\s(?:[^"';]*?\sfrom\s)?["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)/g;

interface Import {
  file: string;
  room: string;
  target: string;
  test: boolean;
}

function allImports(): Import[] {
  const files = readdirSync(SRC, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  return files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(IMPORT)].map((match) => ({
      file: relative(SRC, file), room: relative(SRC, file).split(sep)[0] as string, target: (match[1] ?? match[2]) as string, test: /\.test\.tsx?$/.test(file),
    })),
  );
}

function roomOf(entry: Import): string | null {
  if (!entry.target.startsWith(".")) return null;
  return relative(SRC, resolve(SRC, dirname(entry.file), entry.target)).split(sep)[0] as string;
}

describe("the house", () => {
  const imports = allImports();

  it("has imports to look at", () => {
    expect(imports.length).toBeGreaterThan(50);
  });

  it("imports go one way only", () => {
    const wrong = imports.filter((entry) => {
      const target = roomOf(entry);
      const allowed = MAY_IMPORT[entry.room];
      return target !== null && allowed !== undefined && target !== entry.room && !allowed.includes(target);
    });
    expect(wrong.map((entry) => `${entry.file} imports ${entry.target}`)).toEqual([]);
  });

  it("the inner rooms use no packages but those listed", () => {
    const wrong = imports.filter((entry) => {
      const allowed = PACKAGES[entry.room];
      return !entry.test && allowed !== undefined && roomOf(entry) === null && !allowed.includes(entry.target.split("/")[0] as string);
    });
    expect(wrong.map((entry) => `${entry.file} imports ${entry.target}`)).toEqual([]);
  });

  it("end-to-end tests run in a watched page: they take `test` from e2e/app.ts", () => {
    const specs = join(SRC, "../e2e");
    const wrong = readdirSync(specs).filter((name) => name.endsWith(".spec.ts") && !/import \{[^}]*\btest\b[^}]*\} from "\.\/app\.ts"/.test(readFileSync(join(specs, name), "utf8")));
    expect(wrong).toEqual([]);
  });

  it("the kernel has no clock, no randomness and no page", () => {
    const kernel = readdirSync(join(SRC, "kernel"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && /(?<!\.test)\.ts$/.test(entry.name));
    const wrong = kernel
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => /\bDate\b|Math\.random|performance\.now|\bdocument\.|\bwindow\.|setTimeout|crypto\./.test(readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "")));
    expect(wrong.map((file) => relative(SRC, file))).toEqual([]);
  });
});
