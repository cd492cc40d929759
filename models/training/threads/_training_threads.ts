import type { OpenBackendOptions } from "../../backend/open_backend_options.ts";
import type { Network } from "../../layers/network.ts";
import type { OptimizerState } from "../../optimizers/optimizer.ts";
import type { Communicator } from "../../parallel/communicator.ts";
import { computeBatchShare } from "../../parallel/_share.ts";
import { nestedCommunicator } from "../../parallel/nested_communicator.ts";
import { sharedCommunicator, sharedMemory } from "../../parallel/shared_communicator.ts";
import { singleProcess } from "../../parallel/single_process.ts";
import { getPart } from "../_batch_fields.ts";
import { findDifference } from "./_load_plan.ts";
import type { Variables } from "../../types/tensor.ts";
import type { Prediction } from "../predict_step.ts";
import type { SizedBatch } from "../training_batch.ts";
import { PlanError, ThreadError } from "./training_error.ts";
import { createBatchSharer } from "./_share_batch.ts";
import { describeStart, listStart, shareVariables } from "./_shared_start.ts";
import type { ThreadCommand, ThreadJob, ThreadReply, ThreadTask } from "./_thread_messages.ts";
import type { TrainingWorker } from "./training_worker.ts";

/** The threads of a training or an evaluation. This one is the first of them: it reads the data and does its share of the computing. */
export interface TrainingThreads extends Disposable {
  /** Joins all threads of all processes. */
  readonly communicator: Communicator;
  /** The number of threads of this process, this one included. */
  readonly count: number;
  /** Whether all are known to be ready, and have the same plan. */
  readonly isReady: boolean;
  /** Resolves once all threads have their plan. Rejects if one has another than this one. */
  getReady(outline: readonly string[]): Promise<void>;
  /** Has the other threads begin at such a state, whose tensors stay as they are. They must be ready. */
  start(
    network: Network,
    variables: Variables,
    rest: { readonly step: number; readonly optimizer: OptimizerState | undefined },
  ): Promise<void>;
  /** Gives the other threads of an evaluation copies of its variables. */
  give(variables: Variables): void;
  /** Tells the other threads to take part in the step on a batch that this one makes next. */
  step(batch: SizedBatch): void;
  /**
   * Tells the other threads to take part in what this one gathers next: the optimizer's state, the averages of parameters, or what
   * each has of the parameters.
   */
  gather(what: "gather" | "average" | "complete"): void;
  /**
   * Has the other threads, from one on, compute the outputs for their shares of a batch, in order; those of threads before are left to this one.
   *
   * @param first The first of them: 1 is the one after this.
   */
  predict(batch: SizedBatch, first: number): Promise<Prediction[]>;
}

/** This thread alone of its process. */
const singleThread: Omit<TrainingThreads, "communicator"> = {
  count: 1,
  isReady: true,
  getReady: () => Promise.resolve(),
  start: () => Promise.resolve(),
  give() {},
  step() {},
  gather() {},
  predict: () => Promise.resolve([]),
  [Symbol.dispose]() {},
};

/** What all threads are told at the beginning. */
export interface ThreadsOptions {
  /** Joins the processes that work together; this one alone by default. */
  readonly processes?: Communicator | undefined;
  readonly module: string | undefined;
  readonly options: unknown;
  readonly kernels: OpenBackendOptions["kernels"];
  readonly task: ThreadTask;
  /** Where they load the WASM program from; by default from where it usually is. */
  readonly wasmUrl?: string | undefined;
  /** How long this thread waits for another one, in milliseconds; 2 minutes by default. */
  readonly timeout?: number | undefined;
  /** Makes the worker of a thread; by default one of the file beside this. */
  readonly createWorker?: (() => TrainingWorker) | undefined;
}

/**
 * Starts the other threads of a training or an evaluation in this process.
 *
 * @param count The number of threads, this one included.
 */
export function startThreads(
  count: number,
  {
    createWorker = startWorker,
    processes = singleProcess(),
    timeout = TIMEOUT,
    ...options
  }: ThreadsOptions,
): TrainingThreads {
  if (count === 1) return { ...singleThread, communicator: processes };
  const memory = sharedMemory(count);
  // The others wait without an end: this one tells them when there is none to come.
  const own = sharedCommunicator(memory, 0, { timeout });
  const communicator = nestedCommunicator(own, processes);
  const place = { rank: processes.rank, size: processes.size };
  const others: Thread[] = [];
  const end = () => {
    // A thread that waits in a step sees nothing else.
    own.abort("there is nothing more to do");
    for (const thread of others) thread.end();
  };
  try {
    for (let rank = 1; rank < count; rank++) {
      others.push(
        startThread(createWorker(), { ...options, memory, rank, processes: place }, timeout),
      );
    }
  } catch (error) {
    end();
    throw error;
  }
  const send = (command: ThreadCommand, to: readonly Thread[] = others) => {
    for (const { worker } of to) worker.postMessage(command, []);
  };
  const share = createBatchSharer();
  const replies = Promise.all(others.map(({ reply }) => reply()));
  // Whoever awaits it handles the error.
  replies.catch(() => {});
  let isReady = false;
  return {
    communicator,
    count,
    get isReady() {
      return isReady;
    },
    async getReady(outline) {
      for (const [i, reply] of (await replies).entries()) {
        const difference = findDifference(outline, reply.kind === "ready" ? reply.outline : []);
        if (difference === undefined) continue;
        throw new PlanError(
          options.module,
          `it must be the same in every thread, and thread ${i + 2} has ${difference}`,
        );
      }
      isReady = true;
    },
    async start(network, variables, { step, optimizer }) {
      for (const [i, { worker, reply }] of others.entries()) {
        // One tensor at a time, and its memory is handed over: no more than that is held twice.
        const tell = async (command: ThreadCommand, buffers: ArrayBuffer[] = []) => {
          const taken = reply();
          worker.postMessage(command, buffers);
          await taken;
        };
        const rank = communicator.rank + i + 1;
        for (
          const tensor of listStart(network, variables, optimizer, { ...communicator, rank })
        ) {
          await tell({ kind: "take", tensor }, [tensor.data.buffer]);
        }
        await tell({ kind: "begin", facts: describeStart(step, optimizer) });
      }
    },
    give: (variables) => send({ kind: "variables", variables: shareVariables(variables) }),
    step: (batch) => send({ kind: "step", batch: share(batch) }),
    gather: (kind) => send({ kind }),
    async predict(batch, first) {
      const { whole } = getPart(batch);
      const busy = others.filter((_, i) => {
        const rank = communicator.rank + i + 1;
        const [start, end] = computeBatchShare(whole, rank, communicator.size).examples;
        return i + 1 >= first && start < end;
      });
      if (busy.length === 0) return [];
      send({ kind: "predict", batch: share(batch) }, busy);
      const replies = await Promise.all(busy.map(({ reply }) => reply()));
      return replies.flatMap((reply) => reply.kind === "outputs" ? [reply.outputs] : []);
    },
    [Symbol.dispose]: end,
  };
}

interface Thread {
  readonly worker: TrainingWorker;
  /** Ends it, and the waiting for its replies. */
  end(): void;
  /** Waits for the thread's next reply. */
  reply(): Promise<Exclude<ThreadReply, { kind: "failure" }>>;
}

const startWorker = (): TrainingWorker =>
  new Worker(new URL("./_thread.ts", import.meta.url), { type: "module" });

/** How long a thread waits for another one by default, in milliseconds: one that works for so long more than others hangs. */
const TIMEOUT = 120_000;

/** The time between two looks, in milliseconds. */
const TICK = 250;

function startThread(worker: TrainingWorker, job: ThreadJob, timeout: number): Thread {
  worker.postMessage(job, []);
  let failure: ThreadError | undefined;
  let stop = () => {};
  let settle = (_reply?: Exclude<ThreadReply, { kind: "failure" }>) => {};
  const fail = (reason: string) => {
    failure ??= new ThreadError(job.rank + 1, reason);
    settle();
  };
  worker.onmessage = ({ data }: { readonly data: ThreadReply }) =>
    data.kind === "failure" ? fail(data.reason) : settle(data);
  worker.onmessageerror = () => fail("a message of it can't be read");
  worker.onerror = (event) => {
    event.preventDefault();
    // Browsers tell nothing of a worker whose module can't be loaded.
    fail(event.message || "its worker can't be started");
  };
  return {
    worker,
    end() {
      stop();
      worker.terminate();
    },
    reply: () =>
      new Promise((resolve, reject) => {
        // It ticks while this thread has nothing to do, and not while it computes itself or the machine sleeps.
        let waited = 0;
        const timer = setInterval(() => {
          waited += TICK;
          if (waited >= timeout) fail(`it hasn't answered for ${timeout / 1000} s`);
        }, Math.min(TICK, timeout));
        settle = (reply) => {
          if (!reply && !failure) return;
          clearInterval(timer);
          if (reply) resolve(reply);
          else reject(failure);
        };
        stop = () => clearInterval(timer);
        if (failure) settle();
      }),
  };
}
