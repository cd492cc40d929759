/**
 * Saving the checkpoints of a training.
 *
 * @module
 */

import { type BestOptions, findBestCheckpoints } from "./_best.ts";
import type { SizedBatch, TrainingBatch } from "../training_batch.ts";
import type { CheckpointEvent, TrainingEvent } from "./training_event.ts";

export type { BestOptions } from "./_best.ts";
export type { SizedBatch, TrainingBatch } from "../training_batch.ts";
export type * from "./training_event.ts";

/** A checkpoint that is to be saved. */
export interface SavableCheckpoint extends CheckpointEvent {
  /** Whether it is that of an epoch which is better than all before. */
  readonly best: boolean;
}

/**
 * Saves each checkpoint, before the next event is asked for. It knows the best by the history in the checkpoint, so a training that
 * goes on goes on with that, too.
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
 * const files = new Map<string, Uint8Array>();
 * const training = pipe(
 *   rill.trainEpochs({
 *     backend,
 *     model: { network, optimizer: rill.sgd() },
 *     epochs: 2,
 *     train: batches,
 *     validate: batches,
 *   }),
 *   rill.saveEach(async (checkpoint) => {
 *     const parts = ReadableStream.from(rill.encodeCheckpoint(checkpoint));
 *     const bytes = await new Response(parts).bytes();
 *     files.set("last", bytes);
 *     if (checkpoint.best) files.set("best", bytes);
 *   }),
 * );
 * for await (const _event of training);
 * assertEquals([...files.keys()], ["last", "best"]);
 * ```
 *
 * @param save Saves a checkpoint. If it fails, the training does.
 * @param options Which epoch is better than another.
 * @returns The stage, from events to the same events.
 * @throws {RangeError} If `minDelta` is not a number of at least 0.
 */
export function saveEach(
  save: (checkpoint: SavableCheckpoint) => void | Promise<void>,
  options: BestOptions = {},
): <M extends string = "accuracy", B extends SizedBatch = TrainingBatch>(
  events: AsyncIterable<TrainingEvent<M, B>>,
) => AsyncIterableIterator<TrainingEvent<M, B>> {
  const isBest = findBestCheckpoints(options);
  return async function* (events) {
    for await (const event of events) {
      if (event.kind === "checkpoint") {
        await save({ ...event, best: isBest(event) });
      }
      yield event;
    }
  };
}
