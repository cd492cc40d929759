import type { Key } from "./key.ts";
import type { OptimizerState } from "./optimizer_state.ts";
import type { Params } from "./params.ts";

/** Everything that a training step reads and writes. */
export interface TrainState {
  /** The parameters. */
  readonly params: Params;
  /** The optimiser's state. */
  readonly optimizer: OptimizerState;
  /** How many steps were made. */
  readonly step: number;
  /** The key of the run; each step derives its own from it. */
  readonly key: Key;
}
