/**
 * Workers that are kept from one stream to the next.
 *
 * @module
 */

import { setThreads, ThreadPool } from "./_thread_pool.ts";

/** Workers that wait for the next stream. {@linkcode createWorkerPool} makes it. */
export interface WorkerPool extends Disposable {
  /** Ends the workers that wait, and from now on each that comes back. */
  close(): void;
}

/**
 * Creates a pool in which the workers of {@linkcode inWorkers} wait for the next stream instead of being terminated. To start
 * a worker and load a decoder takes some 0.4 s of a processor; with a pool, a training on files does so once and not in each
 * epoch.
 *
 * A stream takes the workers that wait, and starts others where they are too few for it, so streams can run side by side. At
 * the end of each its workers wait again. Those that are at an item when it is closed are terminated, and so are those that
 * failed. The modules that they loaded stay loaded, with what these keep.
 *
 * Workers that wait keep the program alive: close the pool, or declare it with `using`. Streams can be read with a closed
 * one as well, and terminate their workers themselves.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, createWorkerPool, inWorkers } from "@rill/rill/pipelines";
 *
 * const pool = createWorkerPool(); // Or `using pool`, where the engine knows that.
 * const module = "data:text/javascript,let count = 0; export default (n) => n + ++count;";
 * const addCount = inWorkers<number, number>(1, module, { pool });
 * assertEquals(await collect(addCount(ReadableStream.from([10, 20]))), [11, 22]);
 * // The same worker goes on.
 * assertEquals(await collect(addCount(ReadableStream.from([10, 20]))), [13, 24]);
 * pool.close();
 * ```
 *
 * @returns The pool, in which no worker waits yet.
 */
export function createWorkerPool(): WorkerPool {
  const threads = new ThreadPool();
  const close = () => threads.close();
  const pool = { close, [Symbol.dispose]: close };
  setThreads(pool, threads);
  return pool;
}
