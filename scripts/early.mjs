/** A Vite plugin: tells public/early.js, in the built page, what a link needs: the worker, and the file that shows a scenario. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";

const NEEDED = /^workspace-.*\.js$/;
const WORKER = /^worker-.*\.js$/;

export function early() {
  let dist = "dist";
  return {
    name: "early",
    apply: "build",
    configResolved: (config) => {
      dist = config.build.outDir.startsWith(sep) ? config.build.outDir : join(config.root, config.build.outDir);
    },
    // Benchmarks and the fuzzer are built too, and have no page.
    writeBundle: (_options, bundle) => {
      if (!("index.html" in bundle)) return;
      const files = readdirSync(join(dist, "assets"));
      const worker = files.find((file) => WORKER.test(file));
      const needed = files.find((file) => NEEDED.test(file));
      const page = join(dist, "index.html");
      const html = readFileSync(page, "utf8");
      const told = html.replace('early.js"', `early.js" data-worker="./assets/${worker}" data-needed="./assets/${needed}"`);
      if (worker === undefined || needed === undefined || told === html) throw new Error("early.js could not be told what a link needs");
      writeFileSync(page, told);
    },
  };
}
