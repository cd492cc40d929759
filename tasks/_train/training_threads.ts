import { formatError } from "../_cli/errors.ts";
import {
  type Communicator,
  type Evaluation,
  shareBatch,
  sharedCommunicator,
  sharedMemory,
  singleProcess,
  type TrainingBatch,
} from "../../models/mod.ts";
import type { ModelConfig } from "../_model/model_config.ts";
import type { ThreadCommand, ThreadJob, ThreadReply } from "./thread_messages.ts";
import type { TrainSettings } from "./train_settings.ts";

/** The threads of a run. This one is the first of them: it reads the data and does its share of the computing. */
export interface TrainingThreads extends Disposable {
  readonly communicator: Communicator;
  /** Resolves when all threads have their state. */
  readonly ready: Promise<void>;
  /** Has the others take part in the step on a batch that this thread makes next. */
  step(batch: TrainingBatch): void;
  /** Has the others take part in gathering the optimiser's state, which this thread does next. */
  save(): void;
  /** What the others say of their shares of a batch, in order; this thread's is left to it. */
  evaluate(batch: TrainingBatch): Promise<Evaluation[]>;
}

/** A team of one. */
export const singleThread: TrainingThreads = {
  communicator: singleProcess(),
  ready: Promise.resolve(),
  step() {},
  save() {},
  evaluate: () => Promise.resolve([]),
  [Symbol.dispose]() {},
};

/**
 * Starts the other threads of a run, which make their state from the same settings and files.
 *
 * @param threads How many threads there are with this one.
 * @param largest The images of the largest batch.
 */
export function startThreads(
  threads: number,
  largest: number,
  job: {
    readonly model: ModelConfig;
    readonly settings: TrainSettings;
    readonly kernels?: ThreadJob["kernels"];
    readonly resume?: string;
    readonly weights?: string;
  },
): TrainingThreads {
  if (threads === 1) return singleThread;
  const memory = sharedMemory(threads);
  const communicator = sharedCommunicator(memory, 0);
  const { side, channels } = job.model;
  const images = new Float32Array(new SharedArrayBuffer(4 * largest * side * side * channels));
  const labels = new Int32Array(new SharedArrayBuffer(4 * largest));
  const others = Array.from({ length: threads - 1 }, (_, i) =>
    startThread({
      ...job,
      memory,
      images: images.buffer as unknown as SharedArrayBuffer,
      labels: labels.buffer as unknown as SharedArrayBuffer,
      rank: i + 1,
    }));
  const send = (order: ThreadCommand) => {
    for (const { worker } of others) worker.postMessage(order);
  };
  const share = (batch: TrainingBatch) => {
    images.set(batch.images.data);
    labels.set(batch.labels);
  };
  const ready = Promise.all(others.map(({ reply }) => reply())).then(() => {});
  // Looked at by whoever waits for it.
  ready.catch(() => {});
  return {
    communicator,
    ready,
    step(batch) {
      share(batch);
      send({ kind: "step", size: batch.size });
    },
    save: () => send({ kind: "save" }),
    async evaluate(batch) {
      share(batch);
      send({ kind: "evaluate", size: batch.size });
      const busy = others.filter((_, i) =>
        shareBatch(batch, { rank: i + 1, size: threads }).size > 0
      );
      return await Promise.all(busy.map(({ reply }) => reply())) as Evaluation[];
    },
    [Symbol.dispose]() {
      // A thread that waits for this one would not see anything else.
      communicator.abort("the run has ended");
      for (const { worker } of others) worker.terminate();
    },
  };
}

function startThread(job: ThreadJob): {
  readonly worker: Worker;
  /** The thread's next reply. */
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
