/**
 * Training over epochs, as a stream of events.
 *
 * @module
 */

import { runTraining } from "./_run_training.ts";
import { checkThreads } from "../threads/_check_threads.ts";
import { checkSignal } from "../../types/_signal.ts";
import type { SizedBatch, TrainingBatch } from "../training_batch.ts";
import type { TrainingEvent } from "./training_event.ts";
import type { TrainEpochsOptions } from "./training_options.ts";

export type { Backend } from "../../backend/backend.ts";
export type { OpenBackendOptions } from "../../backend/open_backend_options.ts";
export { CommunicatorError } from "../../parallel/communicator.ts";
export type { Variables } from "../../types/tensor.ts";
export type { StoredTensor } from "../../weights/checkpoint.ts";
export { CheckpointError } from "../../weights/checkpoint_error.ts";
export type * from "./training_event.ts";
export type { SizedBatch, TrainingBatch } from "../training_batch.ts";
export type { SavedTraining, TrainEpochsOptions, TrainingStart } from "./training_options.ts";
export type { ThreadOptions } from "../threads/thread_options.ts";
export type { TrainingWorker } from "../threads/training_worker.ts";
export { NotFiniteError, PlanError, ThreadError } from "../threads/training_error.ts";
export type {
  EvaluationPlan,
  PlannedMeasure,
  PlanTraining,
  TrainingPlan,
} from "../threads/training_plan.ts";

/**
 * Trains epoch after epoch, and tells of it: each step, each batch of validation, each epoch, and when the state can be saved.
 * Events come as they are asked for, and nothing is computed in between but a few steps whose metrics are read together. Ending
 * the iteration early ends the training: its threads, its streams and its tensors.
 *
 * A training that goes on from a checkpoint, in the middle of an epoch too, is bit for bit the one that never stopped, for the
 * same backend, plan and batches. On one kind of processor parameters, buffers, the optimizer's state and metrics are the same
 * bits for any number of threads, and of processes that train together.
 *
 * @example A training that is evaluated after each epoch
 * ```ts
 * import { assert } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 *
 * await using backend = await rill.openBackend("wasm");
 * const images = { data: Float32Array.of(1, 0, 0, 1), shape: [2, 2] };
 * const batches = () => ReadableStream.from([{ images, labels: Int32Array.of(0, 1), size: 2 }]);
 * const training = rill.trainEpochs({
 *   backend,
 *   model: {
 *     network: rill.getOrThrow(rill.build(rill.linear(2), [2])),
 *     optimizer: rill.sgd({ learningRate: 1 }),
 *   },
 *   epochs: 5,
 *   train: batches,
 *   validate: batches,
 * });
 * let accuracy = 0;
 * for await (const event of training) {
 *   if (event.kind === "epoch") accuracy = event.validation?.accuracy ?? NaN;
 * }
 * assert(accuracy === 1);
 * ```
 *
 * @typeParam M The names of the metrics that the plan reports.
 * @typeParam B The batches.
 * @param options What is trained, on what, and how far.
 * @returns The events, for one iteration at a time. The iteration fails with a `NotFiniteError` where the loss or a parameter is
 * NaN or infinite, a `PlanError`, a `ThreadError` or a `CommunicatorError` if there is none, a thread or another process fails, a
 * `CheckpointError` if the start doesn't fit the network, and whatever the streams of batches fail with.
 * @throws {TypeError} If the signal is no `AbortSignal`.
 * @throws {RangeError} If a number is out of its range, the address of a module is not absolute, or several threads are to train
 * on a backend other than WASM, by a plan that isn't a module's and without `createWorker`, with options that can't be posted, or where there are no web
 * Workers.
 */
export function trainEpochs<M extends string = "accuracy", B extends SizedBatch = TrainingBatch>(
  options: TrainEpochsOptions<B>,
): AsyncIterable<TrainingEvent<M, B>> {
  checkOptions(options);
  return {
    [Symbol.asyncIterator]: () => runTraining(options) as AsyncGenerator<TrainingEvent<M, B>>,
  };
}

function checkOptions<B extends SizedBatch>(options: TrainEpochsOptions<B>): void {
  const { epochs, saveEvery, seed, steps, validateEvery } = options;
  const isTimed = typeof saveEvery === "object";
  const numbers = {
    epochs,
    steps,
    validateEvery,
    saveEvery: isTimed ? undefined : saveEvery,
  };
  for (const [name, value] of Object.entries(numbers)) {
    // No epochs and no steps are nothing to do; all else begins at 1.
    const least = name === "epochs" || name === "steps" ? 0 : 1;
    if (value === undefined || Number.isSafeInteger(value) && value >= least) continue;
    throw new RangeError(
      `Cannot train with ${name} of ${value}: it must be an integer of at least ${least}`,
    );
  }
  checkSignal("train", options.signal);
  if (isTimed && !(saveEvery.seconds > 0 && saveEvery.seconds < Infinity)) {
    throw new RangeError(
      `Cannot train with saveEvery of ${saveEvery.seconds} seconds: it must be a number above 0`,
    );
  }
  if (seed !== undefined && !Number.isSafeInteger(seed)) {
    throw new RangeError(`Cannot train with a seed of ${seed}: it must be an integer`);
  }
  checkThreads("train", options);
  const { backend, processes } = options;
  if (processes && processes.size > 1 && backend.name !== "wasm") {
    throw new RangeError(
      `Cannot train in ${processes.size} processes on ${backend.description}: they share the work on WASM only`,
    );
  }
}
