// Keeps the page usable offline. The build writes the list of its files, and a version made from their contents, in here.
const VERSION = "dev";
const FILES = [];

const PREFIX = "iovascope ";
const CACHE = PREFIX + VERSION;
/** A network slower than this loses to what is kept. Milliseconds. */
const PATIENCE = 4000;

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("message", (event) => {
  if (event.data === "take over") void self.skipWaiting();
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const inside = request.url.startsWith(self.registration.scope);
  if (request.method !== "GET" || !inside) return;
  event.respondWith(request.mode === "navigate" ? freshPage(request) : kept(request));
});

/** Fetches every file; what has its hash in its name and is in an older cache is taken from there. */
async function fill() {
  const cache = await caches.open(CACHE);
  await Promise.all(
    FILES.map(async (file) => {
      const url = new URL(file, self.registration.scope).href;
      const old = file.startsWith("assets/") ? await caches.match(url) : undefined;
      const response = old ?? (await fetch(url, { cache: "no-cache" }));
      if (!response.ok) throw new Error(`${file}: ${response.status}`);
      await cache.put(url, response);
    }),
  );
}

async function takeOver() {
  for (const name of await caches.keys()) if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
  await self.clients.claim();
}

/** The page itself: from the network, so that a new version is seen; from the cache without one. */
async function freshPage(request) {
  const page = await (await caches.open(CACHE)).match(new URL("./", self.registration.scope).href);
  const fetched = fetch(request);
  if (!page) return fetched;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, page));
  return Promise.race([fetched.catch(() => page), late]);
}

/** Everything else never changes under its name, or is of this version anyway. */
async function kept(request) {
  const cached = await (await caches.open(CACHE)).match(request, { ignoreSearch: true });
  return cached ?? fetch(request);
}
