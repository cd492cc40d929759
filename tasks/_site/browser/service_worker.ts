// The service worker of the page, which keeps all of its files, so that it works without a network. What it is about, `SITE`, is
// written before this program when the site is made: with other files it is another program, and browsers load them anew.

declare const SITE: { readonly version: string; readonly paths: readonly string[] };

interface ExtendedEvent extends Event {
  waitUntil(promise: Promise<unknown>): void;
}

interface FetchEvent extends ExtendedEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

const scope = globalThis as unknown as {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
};

/** Other sites of the same origin have caches of their own names. */
const PREFIX = `rill ${scope.registration.scope} `;
const CACHE = PREFIX + SITE.version;

async function install(): Promise<void> {
  try {
    const cache = await caches.open(CACHE);
    await Promise.all(SITE.paths.map(async (path) => {
      const response = await fetch(path, { cache: "no-cache" });
      if (!response.ok) {
        throw new Error(`Cannot keep ${path}: the server answers ${response.status}`);
      }
      await cache.put(path, response);
    }));
  } catch (error) {
    // Where there is no room for all of it, none is kept.
    await caches.delete(CACHE).catch(() => {});
    throw error;
  }
}

/** Comes once no page is open that an older one serves: each page has files of one version. */
async function activate(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
  }
  await scope.clients.claim();
}

async function answer(request: Request): Promise<Response> {
  return await findKept(request) ?? await fetch(request);
}

/** Finds the file that is kept, if one is: the browser may have taken back the room, or refuse to look. */
async function findKept(request: Request): Promise<Response | undefined> {
  try {
    return await (await caches.open(CACHE)).match(request, { ignoreSearch: true });
  } catch {
    return undefined;
  }
}

addEventListener("install", (event) => (event as ExtendedEvent).waitUntil(install()));
addEventListener("activate", (event) => (event as ExtendedEvent).waitUntil(activate()));
addEventListener("fetch", (event) => {
  const { request, respondWith } = event as FetchEvent;
  if (request.method === "GET") respondWith.call(event, answer(request));
});
