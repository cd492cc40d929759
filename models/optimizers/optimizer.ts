import type { Params, Tensor } from "../types/tensor.ts";

/** A gradient method as a pair of functions over plain state. */
export interface Optimizer {
  /** Its name, such as `adam`. */
  readonly name: string;
  /** Its settings, for logs; those that change as they are at the first step. */
  readonly settings: Readonly<Record<string, number>>;
  /** The names of the running values that it keeps for each parameter. */
  readonly slots: readonly string[];
  /**
   * Makes the state before the first update: running values of zero.
   *
   * @param params The parameters to optimise.
   * @returns The state.
   */
  init(params: Params): OptimizerState;
  /**
   * Makes one update. Consumes `params` and `state`: their buffers may be the result's, and the caller must not use them
   * again. The gradients stay the caller's.
   *
   * @param params The parameters.
   * @param gradients The loss's gradient for each parameter.
   * @param state The state after the update before.
   * @returns The next parameters and the next state.
   */
  update(params: Params, gradients: Params, state: OptimizerState): [Params, OptimizerState];
}

/** The state that an optimizer carries from step to step. */
export interface OptimizerState {
  /** The number of updates that were made or, in mixed precision, skipped. */
  readonly step: number;
  /**
   * How many of them were skipped, where the state goes on in float32 after mixed precision; 0 by default. What depends on an
   * update's number, such as a learning rate, goes by `step` less these.
   */
  readonly skipped?: number;
  /** For each of the optimizer's running values (`m` and `v` for Adam) a tensor for each parameter. */
  readonly slots: Readonly<Record<string, Params>>;
  /**
   * In mixed precision, the state of loss scaling, `[5]`: the scale, after how many steps without overflow it doubles, how
   * many there were since it changed, room for a note within a step, and how many updates were skipped so far. The gradients
   * that `trainStep` gives to an update are then those of the loss times the scale; without this they are not scaled. An update
   * divides them by it; where one is infinite or NaN it is skipped: it leaves parameters and running values as they are, counts
   * as skipped, and halves the scale. Skipped updates count neither for Adam's bias correction nor for a schedule, as with
   * PyTorch's GradScaler; beyond 255 further ones do. This tensor is updated in place.
   */
  readonly scaling?: Tensor;
}
