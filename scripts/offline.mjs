/** A Vite plugin: writes the list of the built files, and a version made from their contents, into the service worker. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

const WORKER = "service-worker.js";

/** The files of a built page that it needs offline, as paths beside it; the page itself is "./". */
export function offlineFiles(dist) {
  return readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dist, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((file) => file !== WORKER && !file.startsWith("capture/") && !file.endsWith(".map"))
    .map((file) => (file === "index.html" ? "./" : file))
    .sort();
}

function writeList(dist) {
  const files = offlineFiles(dist);
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file}\n`).update(readFileSync(join(dist, file === "./" ? "index.html" : file)));
  const path = join(dist, WORKER);
  const code = readFileSync(path, "utf8");
  const filled = code.replace('const VERSION = "dev";', `const VERSION = "${hash.digest("hex").slice(0, 12)}";`).replace("const FILES = [];", `const FILES = ${JSON.stringify(files)};`);
  if (filled === code) throw new Error(`${WORKER} has no place for the list of files`);
  writeFileSync(path, filled);
}

export function offline() {
  let dist = "dist";
  return {
    name: "offline",
    apply: "build",
    configResolved: (config) => {
      dist = join(config.root, config.build.outDir);
      if (config.build.outDir.startsWith(sep)) dist = config.build.outDir;
    },
    writeBundle: () => {
      writeList(dist);
    },
  };
}
