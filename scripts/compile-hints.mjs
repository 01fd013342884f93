/**
 * A Vite plugin: asks the browser to compile the page's own files whole while they arrive, beside the page, instead of each
 * function when it is first called. Chromium reads the comment, which must come first in the file; to others it is one.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";

const HINT = "//# allFunctionsCalledOnLoad\n";
const WHOLE = /^(?:page|workspace)-.*\.js$/;

export function compileHints() {
  let dist = "dist";
  return {
    name: "compile-hints",
    apply: "build",
    configResolved: (config) => {
      dist = config.build.outDir.startsWith(sep) ? config.build.outDir : join(config.root, config.build.outDir);
    },
    // Vite puts lines of its own before what a plugin says earlier.
    writeBundle: (_options, bundle) => {
      if (!("index.html" in bundle)) return;
      const assets = join(dist, "assets");
      for (const name of readdirSync(assets).filter((file) => WHOLE.test(file))) writeFileSync(join(assets, name), HINT + readFileSync(join(assets, name), "utf8"));
    },
  };
}
