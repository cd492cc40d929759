import type { Communicator } from "./communicator.ts";
import type { StepOptions } from "./step_options.ts";

/** Options of `trainStep`. */
export interface TrainStepOptions extends StepOptions {
  /**
   * Whom the work is shared with. Every rank must have the same state, from `initTrainState` with its communicator, and be
   * given the same batches, of which it takes its share. The result is that of one rank but for rounding; metrics are the
   * whole batch's. This takes an optimiser that updates each number by itself, and the WASM backend.
   *
   * @default {nobody}
   */
  readonly communicator?: Communicator;
}
