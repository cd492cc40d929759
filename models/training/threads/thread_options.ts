/**
 * The options of threads.
 *
 * @module
 */

import type { OpenBackendOptions } from "../../backend/open_backend_options.ts";
import type { TrainingWorker } from "./training_worker.ts";

/** How threads share the work on each batch. */
export interface ThreadOptions {
  /**
   * How many threads share each batch, this one included. Threads are for the WASM backend, and take web Workers and shared
   * memory, which browsers have on pages that are cross-origin isolated, and Node hasn't. The result has the same bits for any
   * number, on one kind of processor.
   *
   * @default {1}
   */
  readonly threads?: number | undefined;
  /** The kernels of other threads, as this one's were chosen in `openBackend`. */
  readonly kernels?: OpenBackendOptions["kernels"];
  /**
   * Makes the worker of a thread, a module worker that calls `runTrainingThread`. By default it is one of Rill's own file, which a
   * bundle hasn't.
   */
  readonly createWorker?: (() => TrainingWorker) | undefined;
  /**
   * How long another thread is waited for at the most, in milliseconds, when this one has done its own share: one that
   * hangs, or was ended from outside, says nothing. What is computed fails then with a `ThreadError`. In Deno one that is at an endless
   * loop keeps a processor busy until `Deno.exit()` or a signal ends the process.
   *
   * @default {120_000}
   */
  readonly threadTimeout?: number | undefined;
}
