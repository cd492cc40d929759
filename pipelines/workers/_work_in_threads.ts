import type { Work } from "../stage/_per_item.ts";
import type { ThreadPool } from "./_thread_pool.ts";
import { type ThreadJob, WorkerThread } from "./_worker_thread.ts";
import { WorkerError } from "./worker_error.ts";

/** What {@linkcode workInThreads} does, and where. */
export interface ThreadWork {
  /** The most workers that it has. */
  readonly workers: number;
  /** Makes the job, called once there is an item. */
  readonly makeJob: () => ThreadJob;
  /** Where its workers come from and go to; by default they are started and end with it. */
  readonly pool: ThreadPool | undefined;
}

/** Does one job in workers. Each is begun when there is an item and no worker without one. */
export function workInThreads<I, O>({ workers, makeJob, pool }: ThreadWork): Work<I, O> {
  const threads: WorkerThread[] = [];
  let isClosed = false;
  const findLeastBusy = (): WorkerThread => {
    const least = threads.reduce<WorkerThread | undefined>(
      (best, other) => best && best.load <= other.load ? best : other,
      undefined,
    );
    if (least && (least.load === 0 || threads.length === workers)) return least;
    const begun = pool ? pool.begin(makeJob()) : new WorkerThread(makeJob());
    threads.push(begun);
    return begun;
  };
  return {
    run(item, index) {
      // An item that was pulled meanwhile, for which nobody waits.
      if (isClosed) throw new WorkerError(makeJob().job.module, "its stream was closed");
      return findLeastBusy().run(item, index) as Promise<O>;
    },
    close() {
      isClosed = true;
      for (const thread of threads.splice(0)) pool ? pool.take(thread) : thread.end();
    },
  };
}
