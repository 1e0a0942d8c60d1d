// Keeps the page usable offline. The build replaces `__VERSION__` and `__FILES__`; see plugins/service-worker.ts.

declare const __VERSION__: string;
declare const __FILES__: string[];

const scope = self as unknown as ServiceWorkerGlobalScope;
const PREFIX = "predikt-page-";
const CACHE = PREFIX + __VERSION__;

/** Files whose content never changes under their name: built assets and versions of models. */
const IMMUTABLE = /^\/assets\/|^\/models\/[^/]+\/[^/]+\/[^/]+\.(onnx|json)$/;
/** Files that may change and that a page needs offline. */
const CHANGING = /^\/models\/(index|[^/]+\/model)\.json$|^\/(icon\.svg|app\.webmanifest)$/;

scope.addEventListener("install", (event) => {
  event.waitUntil(fetchAhead());
});

scope.addEventListener("activate", (event) => {
  event.waitUntil(dropOldCaches().then(() => scope.clients.claim()));
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== scope.location.origin) return;
  if (request.mode === "navigate" && url.pathname === "/")
    event.respondWith(networkFirst(event, "/"));
  else if (IMMUTABLE.test(url.pathname)) event.respondWith(cacheFirst(event));
  else if (CHANGING.test(url.pathname)) event.respondWith(networkFirst(event, url.pathname));
});

// A page reports the assets it has fetched before this worker was there: the engine that this browser uses.
scope.addEventListener("message", (event) => {
  const keep = (event.data as { keep?: unknown } | null)?.keep;
  if (!Array.isArray(keep)) return;
  event.waitUntil(keepAll(keep.map(String)).then(() => event.ports[0]?.postMessage("kept")));
});

async function fetchAhead(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll(
    __FILES__.map(
      (file) => new Request(file, { cache: IMMUTABLE.test(file) ? "default" : "reload" }),
    ),
  );
}

async function dropOldCaches(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function keepAll(urls: string[]): Promise<void> {
  const cache = await caches.open(CACHE);
  for (const url of urls) {
    const { origin, pathname } = new URL(url);
    if (origin !== scope.location.origin || !IMMUTABLE.test(pathname)) continue;
    if (!(await cache.match(pathname))) await cache.add(pathname);
  }
}

async function networkFirst(event: FetchEvent, key: string): Promise<Response> {
  try {
    const response = await fetch(event.request);
    keepFor(event, key, response);
    return response;
  } catch (error) {
    const kept = await lookUp(key);
    if (kept) return kept;
    throw error;
  }
}

async function cacheFirst(event: FetchEvent): Promise<Response> {
  const { pathname } = new URL(event.request.url);
  const kept = await lookUp(pathname);
  if (kept) return kept;
  const response = await fetch(event.request);
  keepFor(event, pathname, response);
  return response;
}

/** What is kept; nothing where the browser allows no cache. */
async function lookUp(key: string): Promise<Response | undefined> {
  try {
    return await (await caches.open(CACHE)).match(key);
  } catch {
    return undefined;
  }
}

/** Keeps a copy beside the answer, which does not wait for it. */
function keepFor(event: FetchEvent, key: string, response: Response): void {
  if (!response.ok) return;
  const copy = response.clone();
  const keeping = async () => (await caches.open(CACHE)).put(key, copy);
  // A full or forbidden cache costs the offline copy, not the page.
  event.waitUntil(keeping().catch(() => undefined));
}
