import type { TrainingWorker } from "../../../models/mod.ts";
import { createWorkerPool, type WorkerPool } from "../../../pipelines/workers/worker_pool.ts";
import { startSaver } from "../saving/saver.ts";

/** The workers of a run. They load what they need while the first thread reads the data. */
export interface RunWorkers {
  /** Takes one for a thread of the training. */
  takeThread(): TrainingWorker;
  /** Takes the one that saves. */
  takeSaver(): Worker;
  /** Where those that prepare images wait for the next pass over the data. */
  readonly pool: WorkerPool;
  /** Ends those that nobody has taken, and those that wait. */
  release(): void;
}

/** Starts the worker that saves, and those of all threads but the first. */
export function startWorkers(threadCount: number): RunWorkers {
  const threads = Array.from({ length: threadCount - 1 }, startThread);
  const savers = [startSaver()];
  const pool = createWorkerPool();
  return {
    // A run that goes back after NaN has new ones.
    takeThread: () => threads.pop() ?? startThread(),
    takeSaver: () => savers.pop() ?? startSaver(),
    pool,
    release() {
      pool.close();
      for (const worker of [...threads.splice(0), ...savers.splice(0)]) worker.terminate();
    },
  };
}

const startThread = (): Worker =>
  new Worker(new URL("../training_worker.ts", import.meta.url), { type: "module" });
