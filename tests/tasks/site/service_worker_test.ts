import { assertEquals, assertRejects } from "@std/assert";

const SCOPE = "https://example.org/site/";
const NAME = `rill ${SCOPE} v2`;

/** What takes the place of the browser's store. */
interface Store {
  readonly names?: readonly string[];
  match?(): Promise<Response | undefined>;
  put?(): Promise<void>;
}

type Listener = (event: Event) => void;

/** Loads the service worker where its globals are these; gives what it listens with, and what it did to the store. */
async function load({ names = [], match, put }: Store) {
  const listeners = new Map<string, Listener>();
  const deleted: string[] = [];
  const fetched: string[] = [];
  const given: Record<string, unknown> = {
    SITE: { version: "v2", paths: ["./", "main.js"] },
    registration: { scope: SCOPE },
    clients: { claim: () => Promise.resolve() },
    caches: {
      open: () =>
        match || put
          ? Promise.resolve({ match, put })
          : Promise.reject(new DOMException("denied", "SecurityError")),
      keys: () => Promise.resolve(names),
      delete: (name: string) => Promise.resolve(deleted.push(name) > 0),
    },
    fetch: (request: Request | string) => {
      fetched.push(typeof request === "string" ? request : request.url);
      return Promise.resolve(new Response("from the server"));
    },
    addEventListener: (type: string, listener: Listener) => listeners.set(type, listener),
  };
  const before = Object.keys(given).map((key) =>
    [key, Object.getOwnPropertyDescriptor(globalThis, key)] as const
  );
  for (const [key, value] of Object.entries(given)) {
    Object.defineProperty(globalThis, key, { value, configurable: true, writable: true });
  }
  const restore = () => {
    for (const [key, descriptor] of before) {
      if (descriptor) Object.defineProperty(globalThis, key, descriptor);
      else Reflect.deleteProperty(globalThis, key);
    }
  };
  // Each test has a program of its own.
  await import(`../../../tasks/_site/browser/service_worker.ts?${crypto.randomUUID()}`);
  /** Sends an event, and gives what it is answered with or waits for. */
  const send = async (type: string, facts: object = {}): Promise<unknown> => {
    let answer: unknown;
    const take = (promise: unknown) => answer = promise;
    const event = Object.assign(new Event(type), facts, { respondWith: take, waitUntil: take });
    listeners.get(type)!(event);
    return await answer;
  };
  return { send, deleted, fetched, [Symbol.dispose]: restore };
}

const request = { request: new Request(`${SCOPE}main.js?backend=wasm`) };

Deno.test("a site's service worker gives what it has kept, and else what the server has", async () => {
  const kept = new Response("kept");
  using has = await load({ match: () => Promise.resolve(kept) });
  assertEquals(await has.send("fetch", request), kept);
  assertEquals(has.fetched, []);
  using hasNot = await load({ match: () => Promise.resolve(undefined) });
  const found = await hasNot.send("fetch", request) as Response;
  assertEquals(await found.text(), "from the server");
});

Deno.test("a site's service worker that may not look into its store asks the server", async () => {
  using worker = await load({});
  const found = await worker.send("fetch", request) as Response;
  assertEquals(await found.text(), "from the server");
  assertEquals(worker.fetched, [request.request.url]);
});

Deno.test("a site's service worker keeps all files or none, and forgets those of older ones", async () => {
  let room = 1;
  const put = () =>
    room-- > 0 ? Promise.resolve() : Promise.reject(new DOMException("full", "QuotaExceededError"));
  using full = await load({ put });
  await assertRejects(() => full.send("install"), DOMException, "full");
  assertEquals(full.deleted, [NAME]);

  const names = [
    `rill ${SCOPE} v1`,
    NAME,
    "rill https://example.org/ v1",
    `rill training ${SCOPE}`,
  ];
  using worker = await load({ names, put: () => Promise.resolve() });
  await worker.send("install");
  assertEquals([worker.fetched, worker.deleted], [["./", "main.js"], []]);
  await worker.send("activate");
  assertEquals(worker.deleted, [`rill ${SCOPE} v1`]);
});
