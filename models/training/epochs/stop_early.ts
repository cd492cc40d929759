/**
 * Early stopping.
 *
 * @module
 */

import { type BestOptions, findBest } from "./_best.ts";
import type { SizedBatch, TrainingBatch } from "../training_batch.ts";
import type { EpochResult, TrainingEvent } from "./training_event.ts";

export type { BestOptions } from "./_best.ts";
export type { SizedBatch, TrainingBatch } from "../training_batch.ts";
export type * from "./training_event.ts";

/** When a training is to end. */
export interface StopEarlyOptions extends BestOptions {
  /** How many epochs with validation may follow the best one. */
  readonly patience: number;
  /**
   * The results of the epochs before, where a training goes on: its position's `history`. If they are without a better one already,
   * no other is made.
   *
   * @default {[]}
   */
  readonly history?: readonly EpochResult<string>[];
}

/**
 * Ends a training after so many epochs without a better result, once the checkpoint of the last one has been taken. It counts by
 * the history in the events, so a training that goes on ends where it would have ended; one that had ended so takes that history.
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
 * const optimizer = rill.sgd({ learningRate: 0 });
 * const events = pipe(
 *   rill.trainEpochs({
 *     backend,
 *     model: { network, optimizer },
 *     epochs: 100,
 *     train: batches,
 *     validate: batches,
 *   }),
 *   rill.stopEarly({ patience: 2 }),
 * );
 * const kinds: string[] = [];
 * for await (const event of events) if (event.kind !== "validation") kinds.push(event.kind);
 * assertEquals(kinds.slice(-4), ["step", "epoch", "checkpoint", "end"]);
 * assertEquals(kinds.filter((kind) => kind === "epoch").length, 3);
 * ```
 *
 * @param options The patience, and which number is to become better.
 * @returns The stage, from events to events. It fails with a `RangeError` at an epoch that has no such number.
 * @throws {RangeError} If the patience is not an integer of at least 1, or `minDelta` not a number of at least 0.
 */
export function stopEarly(
  { patience, history = [], ...best }: StopEarlyOptions,
): <M extends string = "accuracy", B extends SizedBatch = TrainingBatch>(
  events: AsyncIterable<TrainingEvent<M, B>>,
) => AsyncIterableIterator<TrainingEvent<M, B>> {
  if (!Number.isSafeInteger(patience) || patience < 1) {
    throw new RangeError(
      `Cannot stop early with a patience of ${patience}: it must be an integer of at least 1`,
    );
  }
  const find = findBest("stop early", best);
  return async function* (events) {
    const validates = history.some(({ validation }) => validation !== undefined);
    if (find({ history, validates }).waited >= patience) {
      yield { kind: "end", reason: "patience" };
      return;
    }
    let isLast = false;
    for await (const event of events) {
      if (event.kind === "epoch") {
        isLast = find(event).waited >= patience;
      }
      yield event;
      if (isLast && event.kind === "checkpoint") {
        yield { kind: "end", reason: "patience" };
        return;
      }
    }
  };
}
