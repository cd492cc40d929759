import type { OptimizerState } from "./optimizer_state.ts";
import type { Params } from "./params.ts";

/** A gradient method as a pair of functions over plain state. */
export interface Optimizer {
  /** Its name, such as `adam`. */
  readonly name: string;
  /** Its settings, for logs; those that change as they are at the first step. */
  readonly settings: Readonly<Record<string, number>>;
  /** The names of the running values that it keeps for each parameter. */
  readonly slots: readonly string[];
  /** The state before the first update: running values of zero. */
  init(params: Params): OptimizerState;
  /**
   * Makes one update. Consumes `params` and `state`: their buffers may be the result's, and the caller must not use them
   * again. The gradients stay the caller's.
   */
  update(params: Params, gradients: Params, state: OptimizerState): [Params, OptimizerState];
}
