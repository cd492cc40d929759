import {
  type Communicator,
  type Evaluation,
  shareBatch,
  sharedCommunicator,
  sharedMemory,
  singleProcess,
  type TrainingBatch,
} from "../../models/mod.ts";
import { formatError } from "../_cli/errors.ts";
import type { ThreadCommand, ThreadJob, ThreadReply } from "./thread_messages.ts";

/** The threads of a run. This one is the first of them: it reads the data and does its share of the computing. */
export interface TrainingThreads extends Disposable {
  readonly communicator: Communicator;
  /** Resolves once all threads have their state. */
  readonly ready: Promise<void>;
  /** Tells the other threads to take part in the step on a batch that this one makes next. */
  step(batch: TrainingBatch): void;
  /** Tells the other threads to take part in gathering the optimizer's state, which this one does next. */
  save(): void;
  /** Has the other threads evaluate their shares of a batch, in order; this one's is left to it. */
  evaluate(batch: TrainingBatch): Promise<Evaluation[]>;
}

/** This thread alone. */
export const singleThread: TrainingThreads = {
  communicator: singleProcess(),
  ready: Promise.resolve(),
  step() {},
  save() {},
  evaluate: () => Promise.resolve([]),
  [Symbol.dispose]() {},
};

/**
 * Starts the other threads of a run, which create their state from the same settings and files.
 *
 * @param count The number of threads, this one included.
 * @param largest The number of images of the largest batch.
 */
export function startThreads(
  count: number,
  largest: number,
  job: Omit<ThreadJob, "memory" | "rank" | "images" | "labels">,
): TrainingThreads {
  if (count === 1) return singleThread;
  const memory = sharedMemory(count);
  const communicator = sharedCommunicator(memory, 0);
  const { side, channels } = job.model;
  const images = new Float32Array(new SharedArrayBuffer(4 * largest * side * side * channels));
  const labels = new Int32Array(new SharedArrayBuffer(4 * largest));
  const others = Array.from({ length: count - 1 }, (_, i) =>
    startThread({
      ...job,
      memory,
      images: images.buffer as unknown as SharedArrayBuffer,
      labels: labels.buffer as unknown as SharedArrayBuffer,
      rank: i + 1,
    }));
  const send = (command: ThreadCommand) => {
    for (const { worker } of others) worker.postMessage(command);
  };
  const copyBatch = (batch: TrainingBatch) => {
    images.set(batch.images.data);
    labels.set(batch.labels);
  };
  const ready = Promise.all(others.map(({ reply }) => reply())).then(() => {});
  // Whoever awaits it handles the error.
  ready.catch(() => {});
  return {
    communicator,
    ready,
    step(batch) {
      copyBatch(batch);
      send({ kind: "step", size: batch.size });
    },
    save: () => send({ kind: "save" }),
    async evaluate(batch) {
      copyBatch(batch);
      send({ kind: "evaluate", size: batch.size });
      const busy = others.filter((_, i) =>
        shareBatch(batch, { rank: i + 1, size: count }).size > 0
      );
      return await Promise.all(busy.map(({ reply }) => reply())) as Evaluation[];
    },
    [Symbol.dispose]() {
      // A thread that waits in a step sees nothing else.
      communicator.abort("the run has ended");
      for (const { worker } of others) worker.terminate();
    },
  };
}

function startThread(job: ThreadJob): {
  readonly worker: Worker;
  /** Waits for the thread's next reply. */
  reply(): Promise<Evaluation | undefined>;
} {
  const worker = new Worker(new URL("thread.ts", import.meta.url), { type: "module" });
  worker.postMessage(job);
  return {
    worker,
    reply: () =>
      new Promise((resolve, reject) => {
        const fail = (reason: string) =>
          reject(new Error(`Cannot go on as thread ${job.rank + 1} failed: ${reason}`));
        worker.onmessage = ({ data }: MessageEvent<ThreadReply>) =>
          "failure" in data ? fail(data.failure) : resolve(data.evaluation);
        worker.onerror = (event) => {
          event.preventDefault();
          fail(formatError(event.message));
        };
      }),
  };
}
