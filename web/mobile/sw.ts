/// <reference lib="webworker" />
/**
 * The phone app without a network: its own files come from the cache, everything else from the server.
 * Writes are no business of this worker: they wait in the outbox (lib/outbox.ts), which also works where there is none.
 */
declare const self: ServiceWorkerGlobalScope;

// filled in by the build (vite.config.ts): the app's files, whose names carry their hashes
declare const __PRECACHE__: string[];
const FILES = __PRECACHE__;
const SHELL = "/m/";
const ALSO = [SHELL, "/manifest.webmanifest", "/static/icons/icon.svg"];
// one cache per build: a new list of files is a new name
const CACHE = `lifang-m-${hash(JSON.stringify(FILES))}`;

function hash(text: string): string {
  let h = 5381;
  for (const c of text) h = (h * 33 + (c.codePointAt(0) ?? 0)) >>> 0;
  return h.toString(36);
}

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll([...FILES, ...ALSO].map((url) => new Request(url, { cache: "reload" }))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys())
        if (name.startsWith("lifang-m-") && name !== CACHE) await caches.delete(name);
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && url.pathname.startsWith(SHELL)) event.respondWith(shell(request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(fromCache(request));
});

/** The page itself: from the network, so that a new version is seen, but never later than three seconds. */
async function shell(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(SHELL);
  const slow = new AbortController();
  if (kept) setTimeout(() => slow.abort(), 3000);
  try {
    const fresh = await fetch(request, { signal: slow.signal });
    return fresh.ok || !kept ? fresh : kept;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

async function fromCache(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request, { ignoreVary: true });
  if (kept) return kept;
  const fresh = await fetch(request);
  // hashed names never change their content, so what was looked at once stays
  if (fresh.ok && request.url.includes("/static/web/assets/")) await cache.put(request, fresh.clone());
  return fresh;
}
