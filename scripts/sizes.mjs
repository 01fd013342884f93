/** Sizes of the built page: what a first visit loads (gzip), and the worker. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const gzipSize = (file) => gzipSync(readFileSync(file), { level: 9 }).length;

/** Chunks that the page loads by itself before a scenario can be stepped. */
const FIRST_LOAD = /^workspace-.*\.js$/;

/**
 * Bytes, gzip -9: `page` = the scripts a first visit loads until a scenario can be stepped, with all they import at once;
 * `worker` = the same for the worker.
 */
export function sizes(dist) {
  const assets = join(dist, "assets");
  const files = readdirSync(assets);
  const html = readFileSync(join(dist, "index.html"), "utf8");
  const closure = (names) => {
    const seen = new Set();
    const visit = (name) => {
      if (seen.has(name)) return;
      seen.add(name);
      const code = readFileSync(join(assets, name), "utf8");
      // Static imports only: what `import("…")` names is loaded when needed.
      for (const match of code.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) if (!code.includes(`import("./${match[1]}")`)) visit(match[1]);
    };
    names.forEach(visit);
    return [...seen].reduce((total, name) => total + gzipSize(join(assets, name)), 0);
  };
  const entries = [...html.matchAll(/(?:src|href)="[^"]*?assets\/([^"]+\.js)"/g)].map((match) => match[1]);
  const workers = files.filter((name) => /^worker-.*\.js$/.test(name));
  return { page: closure([...entries, ...files.filter((name) => FIRST_LOAD.test(name))]), worker: closure(workers) };
}

/** What fails the build, in bytes. */
export const LIMITS = { page: 130_000, worker: 60_000 };
