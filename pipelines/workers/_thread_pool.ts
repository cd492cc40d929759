import { type ThreadJob, WorkerThread } from "./_worker_thread.ts";

/** The workers that wait for a job. */
export class ThreadPool {
  readonly #free: WorkerThread[] = [];
  #isClosed = false;

  /** Has a worker begin a job: one that waits, or a new one. */
  begin(job: ThreadJob): WorkerThread {
    for (let thread = this.#free.pop(); thread; thread = this.#free.pop()) {
      // It may have failed meanwhile.
      if (!thread.isFree) continue;
      thread.begin(job);
      return thread;
    }
    return new WorkerThread(job);
  }

  /** Takes a worker whose job is done. One that has an item still is ended: nobody knows how long that takes. */
  take(thread: WorkerThread): void {
    if (thread.isFree && !this.#isClosed) this.#free.push(thread);
    else thread.end();
  }

  close(): void {
    this.#isClosed = true;
    for (const thread of this.#free.splice(0)) thread.end();
  }
}

/** The threads of the pools that users have, whose fields don't show them. */
const threadsOf = new WeakMap<object, ThreadPool>();

/** Sets the threads of a pool. */
export const setThreads = (pool: object, threads: ThreadPool): void =>
  void threadsOf.set(pool, threads);

/**
 * Gets the threads of a pool.
 *
 * @throws {TypeError} If it has none.
 */
export function getThreads(pool: object): ThreadPool {
  const threads = threadsOf.get(pool);
  if (threads) return threads;
  throw new TypeError("Cannot work in workers with a pool that createWorkerPool() hasn't made");
}
