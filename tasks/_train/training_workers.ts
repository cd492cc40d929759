import type { TrainingWorker } from "../../models/mod.ts";

/** The workers of a run's threads, which begin before the training does. */
export interface TrainingWorkers {
  /** Gives one that is nobody else's. */
  create(): TrainingWorker;
  /** Ends those that nobody has asked for. */
  release(): void;
}

/** Starts workers for all threads but the first. */
export function startWorkers(threadCount: number): TrainingWorkers {
  const start = () =>
    new Worker(new URL("./training_worker.ts", import.meta.url), { type: "module" });
  const waiting = Array.from({ length: threadCount - 1 }, start);
  return {
    // A run that goes back after NaN has new ones.
    create: () => waiting.pop() ?? start(),
    release() {
      for (const worker of waiting.splice(0)) worker.terminate();
    },
  };
}
