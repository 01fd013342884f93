/** A plain static server for tests and benchmarks: `node scripts/serve.mjs DIR PORT [BASE]`. Serves only this machine. */
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png", ".json": "application/json", ".woff2": "font/woff2", ".webmanifest": "application/manifest+json", ".gz": "application/octet-stream" };

export function serve(dir, port, base = "/") {
  const root = normalize(dir + sep);
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
    let file = path.startsWith(base) ? join(root, path.slice(base.length)) : null;
    if (file !== null && (file === root || file.endsWith(sep))) file = join(file, "index.html");
    if (file === null || !normalize(file).startsWith(root) || !statSync(file, { throwIfNoEntry: false })?.isFile()) {
      response.writeHead(404).end("not found");
      return;
    }
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(server)));
}

if (process.argv[1]?.endsWith("serve.mjs")) {
  const [dir, port, base] = process.argv.slice(2);
  await serve(dir, Number(port), base ?? "/");
  process.stdout.write(`http://127.0.0.1:${port}${base ?? "/"}\n`);
}
