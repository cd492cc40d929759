/// <reference lib="dom" />
// The training of the page, which the browser keeps, so that it goes on after the page was closed or loaded anew.

type Bytes = Uint8Array<ArrayBuffer>;

/** A page at another address has one of its own. */
const PAGE = new URL(".", location.href).href;
const CACHE = `rill training ${PAGE}`;
const ADDRESS = new URL("kept.safetensors", PAGE).href;

let last: Promise<unknown> = Promise.resolve();

/** Does something with the store after all that was asked before; gives undefined where the browser has none, or no room. */
function inOrder<T>(body: () => Promise<T>): Promise<T | undefined> {
  const done = last.then(body).catch(() => undefined);
  last = done;
  return done;
}

/** Keeps a checkpoint in the place of the one before. Gives whether the browser does. */
export const keepTraining = async (bytes: Bytes): Promise<boolean> =>
  await inOrder(async () => {
    await (await caches.open(CACHE)).put(ADDRESS, new Response(bytes));
    return true;
  }) ?? false;

/** Reads the checkpoint that is kept, if there is one. */
export const readKeptTraining = (): Promise<Bytes | undefined> =>
  inOrder(async () => {
    const response = await (await caches.open(CACHE)).match(ADDRESS);
    return response && new Uint8Array(await response.arrayBuffer());
  });

/** Forgets it. */
export const forgetTraining = (): Promise<unknown> => inOrder(() => caches.delete(CACHE));
