/**
 * Rules: how a parameter changes by its gradient.
 *
 * @module
 */

import type { Tensor } from "../types/tensor.ts";

export type { Tensor } from "../types/tensor.ts";

/** The numbers that a rule is given beside tensors. */
export interface RuleContext {
  /** The update's number, from 1. In mixed precision those count that were skipped before. */
  readonly step: number;
  /** The learning rate of this update for this parameter. */
  readonly learningRate: number;
}

/**
 * How a parameter changes by its gradient, number by number: what a place of the result is depends on the same place of the
 * tensors alone. A rank of a parallel training updates flat slices of parameters.
 *
 * @typeParam Slot The names of the running values.
 */
export interface Rule<Slot extends string = string> {
  /** Its name, such as `adam`, for logs and errors. */
  readonly name: string;
  /** Its settings, for logs. */
  readonly settings: Readonly<Record<string, number>>;
  /**
   * The running values that it keeps for each parameter, by the names under which they are stored, and the number that each begins
   * with. A name is neither `parameter`, `gradient`, `average` nor `accumulated`.
   */
  readonly slots: Readonly<Record<Slot, number>>;
  /**
   * Computes the next parameter and the next running values. Decay is not its affair: the step has done it. Tensors that it makes
   * on the way are released, and those that it is given stay the caller's.
   *
   * @param values The parameter, its gradient and its running values.
   * @param context The update's number and learning rate.
   * @returns The parameter and its running values, of the same shapes.
   */
  update(
    values: Readonly<Record<"parameter" | "gradient", Tensor>> & Readonly<Record<Slot, Tensor>>,
    context: RuleContext,
  ): Readonly<Record<"parameter", Tensor>> & Readonly<Record<Slot, Tensor>>;
}
