/**
 * The options of trainings over epochs.
 *
 * @module
 */

import type { Backend } from "../../backend/backend.ts";
import type { Communicator } from "../../parallel/communicator.ts";
import type { Variables } from "../../types/tensor.ts";
import type { StoredTensor } from "../../weights/checkpoint.ts";
import type { SizedBatch, TrainingBatch } from "../training_batch.ts";
import type { ThreadOptions } from "../threads/thread_options.ts";
import type { TrainingPosition } from "./training_event.ts";
import type { TrainingPlan } from "../threads/training_plan.ts";

/** A training at rest, as `decodeCheckpoint` gives it, or parameters to begin with. */
export interface SavedTraining {
  /** Parameters and buffers. */
  readonly params: Readonly<Record<string, StoredTensor>>;
  /** The optimizer's running values; it begins anew without them. */
  readonly optimizer?: Readonly<Record<string, StoredTensor>> | undefined;
  /** Where the training was; it begins at its first epoch without it. */
  readonly position?: TrainingPosition | undefined;
}

/** The start of a training: one at rest, or variables on the backend, which belong to the training from then on. */
export type TrainingStart = SavedTraining | { readonly variables: Variables };

/** What is trained, on what, and how far. */
export interface TrainEpochsOptions<B extends SizedBatch = TrainingBatch> extends ThreadOptions {
  /** The backend that is open. */
  readonly backend: Backend;
  /**
   * The plan; or the address of a module whose default export is a function that gives one (a `PlanTraining`), which is what
   * other threads take, unless `createWorker` gives them their own.
   */
  readonly model: TrainingPlan<B> | URL | string;
  /** The options of that function: anything that can be posted to a worker. */
  readonly options?: unknown;
  /**
   * Joins the processes that share each batch, one or more on each machine: all run the same program, with the same plan, batches
   * and number of threads, and each has the same events. They begin where the first does, and `saveBeside` saves in that alone. If
   * one fails, all do; one that ends the iteration early, when the others don't, must abort the communicator. Processes are for the WASM backend. The result has the same bits for any number of them, on one kind of processor.
   * Where numbers aren't finite all throw a `NotFiniteError` at the same place, and may train on by the same communicator.
   * A process may be given its part of each batch alone, see `findBatchPart`: of the batches for validation, what isn't `images` is
   * gathered then.
   *
   * @default {this process alone}
   */
  readonly processes?: Communicator | undefined;
  /** The number of epochs in all. */
  readonly epochs: number;
  /** The number of steps in all at which the training ends, also in the middle of an epoch; no limit by default. */
  readonly steps?: number | undefined;
  /**
   * The seed of parameters and dropout.
   *
   * @default {that of the position to go on from, else 0}
   */
  readonly seed?: number | undefined;
  /**
   * Gives the batches of an epoch, from 0, without its first `index` examples. The same epoch must give the same batches each
   * time, so that a training that goes on is the same.
   */
  readonly train: (at: { readonly epoch: number; readonly index: number }) => AsyncIterable<B>;
  /** Gives the batches for validation after an epoch; none by default. */
  readonly validate?: ((at: { readonly epoch: number }) => AsyncIterable<B>) | undefined;
  /**
   * After how many epochs there is validation; after the last there always is.
   *
   * @default {1}
   */
  readonly validateEvery?: number | undefined;
  /**
   * Where to begin, if not at drawn parameters. What a function gives is nobody else's: its memory is given back once it is
   * copied.
   */
  readonly from?: TrainingStart | (() => TrainingStart | Promise<TrainingStart>) | undefined;
  /**
   * After how many steps there is a checkpoint, or after how many seconds since the last one, besides those after each epoch; no
   * others by default.
   */
  readonly saveEvery?: number | { readonly seconds: number } | undefined;
  /** Asked after each step but the last whether there is to be a checkpoint besides, such as one that a person has asked for. */
  readonly saveWanted?: (() => boolean) | undefined;
  /** Ends the training after the step under way, with a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  /** Called for each batch when it is not needed any more, so that its memory can be used again, as by `recycle` of `pipelines`. */
  readonly release?: ((batch: B) => void) | undefined;
}
