/**
 * Saving the checkpoints of a training while it goes on.
 *
 * @module
 */

import { type BestOptions, findBestCheckpoints } from "../epochs/_best.ts";
import type { CheckpointEvent, TrainingEvent } from "../epochs/training_event.ts";
import type { SizedBatch, TrainingBatch } from "../training_batch.ts";
import { giveState } from "../../weights/_stream_tensors.ts";
import { copyTraining, listBuffers, type TrainingCopy } from "./copy_training.ts";

export { CommunicatorError } from "../../parallel/communicator.ts";
export type { StoredTensor } from "../../weights/checkpoint.ts";
export type { BestOptions } from "../epochs/_best.ts";
export type * from "../epochs/training_event.ts";
export type { SizedBatch, TrainingBatch } from "../training_batch.ts";
export type { CopiedTensor, TensorRecord, TrainingCopy } from "./copy_training.ts";

/** A checkpoint in memory of its own, that is to be saved. */
export interface CopiedCheckpoint extends Pick<CheckpointEvent, "reason" | "permanent"> {
  /** The training; with the running averages of its parameters where they are the best and the optimizer keeps them. */
  readonly training: TrainingCopy;
  /** Whether it is that of an epoch which is better than all before. */
  readonly best: boolean;
}

/** What saving gives: nothing, or memory for the next copy. */
export type SaveResult = void | ArrayBuffer | undefined;

/**
 * Copies each checkpoint and has it saved while the training goes on. The next one waits until it is, and so does the end of the
 * training, however that comes. An error of saving ends the training, at its next event.
 *
 * Of processes that train together the first one saves, and the others give it their parts of the optimizer's state.
 *
 * The memory of a copy is taken for the next one: `save` must not use it any more once it is done. A copy that was handed over to a
 * worker is gone, unless `save` gives back a buffer that the worker has handed back.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 *
 * await using backend = await rill.openBackend("wasm");
 * const images = { data: Float32Array.of(1, 0), shape: [1, 2] };
 * const batches = () => ReadableStream.from([{ images, labels: Int32Array.of(0), size: 1 }]);
 * const network = rill.getOrThrow(rill.build(rill.linear(2), [2]));
 * const steps: number[] = [];
 * const training = pipe(
 *   rill.trainEpochs({
 *     backend,
 *     model: { network, optimizer: rill.sgd() },
 *     epochs: 2,
 *     train: batches,
 *     saveEvery: { seconds: 60 },
 *   }),
 *   rill.saveBeside(async ({ training: { position } }) => {
 *     await new Promise((resolve) => setTimeout(resolve, 10)); // or a store's save
 *     steps.push(position?.step ?? 0);
 *   }),
 * );
 * for await (const _event of training);
 * assertEquals(steps, [1, 2]);
 * ```
 *
 * @param save Saves a checkpoint. It may give a buffer to which the next one is copied.
 * @param options Which epoch is better than another.
 * @returns The stage, from events to the same events.
 * @throws {RangeError} If `minDelta` is not a number of at least 0.
 */
export function saveBeside(
  save: (checkpoint: CopiedCheckpoint) => SaveResult | Promise<SaveResult>,
  options: BestOptions = {},
): <M extends string = "accuracy", B extends SizedBatch = TrainingBatch>(
  events: AsyncIterable<TrainingEvent<M, B>>,
) => AsyncIterableIterator<TrainingEvent<M, B>> {
  const isBest = findBestCheckpoints(options);
  return async function* (events) {
    let saving: Promise<void> = Promise.resolve();
    let memory: ArrayBuffer | undefined;
    let failure: { readonly error: unknown } | undefined;
    let hasEnded = false;
    const check = () => {
      if (failure) throw failure.error;
    };
    try {
      for await (const event of events) {
        check();
        if (event.kind === "checkpoint" && event.process > 0) {
          giveState(event.network, event.state.optimizer, event.gather());
        } else if (event.kind === "checkpoint") {
          const { reason, permanent } = event;
          const best = isBest(event);
          await saving;
          check();
          const training = await copyTraining(event, { averages: best, memory });
          const own = listBuffers(training)[0];
          saving = start(() => save({ training, reason, permanent, best })).then((given) => {
            memory = given ?? own;
          }, (error) => {
            failure = { error };
          });
        }
        if (event.kind === "end") await saving;
        check();
        yield event;
      }
    } catch (error) {
      hasEnded = true;
      throw error;
    } finally {
      await saving;
      // What the training itself ended with says more.
      if (!hasEnded) check();
    }
  };
}

const start = async <T>(body: () => T | Promise<T>): Promise<T> => await body();
