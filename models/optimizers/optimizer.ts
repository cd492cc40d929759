/**
 * Optimizers as data, and their states.
 *
 * @module
 */

import type { Params, Tensor } from "../types/tensor.ts";
import type { Rule } from "./rule.ts";
import type { Schedule } from "./schedules/schedule.ts";

export type { Params, Tensor } from "../types/tensor.ts";
export type { Rule, RuleContext } from "./rule.ts";
export type { Schedule } from "./schedules/schedule.ts";

/**
 * An optimizer: what a training step does with gradients, as data. `sgd`, `adam` and the others make one, and pieces such as
 * `weightDecay` or `clipByGlobalNorm` set one field each.
 *
 * The step goes by this order:
 *
 * 1. **unscale**: in mixed precision gradients are divided by the loss's scale;
 * 2. **accumulate**: those of several batches are added up, and divided by the sum of their weights;
 * 3. **clip**: numbers are limited, or all gradients together are shortened;
 * 4. **decay**: the parameter shrinks, or a part of it is added to its gradient;
 * 5. **rule**: the parameter changes by its gradient;
 * 6. **average**: the running average of parameters follows.
 */
export interface Optimizer {
  /** How a parameter changes by its gradient. */
  readonly rule: Rule;
  /** The step size at each update, of those that were made. */
  readonly learningRate: Schedule;
  /** Parameters that are treated in another way, by their names. Of several groups with a parameter the first counts. */
  readonly groups: readonly Group[];
  /** The parameters that are not trained, as patterns of names. */
  readonly frozen?: readonly string[];
  /** How parameters shrink; none by default. */
  readonly decay?: WeightDecay;
  /** How gradients are limited; not at all by default. */
  readonly clip?: Clip;
  /** The number of batches whose gradients make one update; 1 by default. */
  readonly accumulate?: number;
  /** The running average of parameters; none by default. */
  readonly average?: Average;
}

/** Parameters that are treated in another way than the others. */
export interface Group {
  /** Patterns of their names, in which `*` stands for any characters, none and dots included: `conv1.*`, `*bias`. */
  readonly names: readonly string[];
  /** By what their learning rate is multiplied; 1 by default. */
  readonly learningRate?: number;
  /** Their weight decay, in the place of the others'. */
  readonly weightDecay?: number;
  /** Whether they are not trained; false by default. */
  readonly frozen?: boolean;
}

/** How parameters shrink from update to update. */
export interface WeightDecay {
  /** How much: PyTorch's `weight_decay`. */
  readonly rate: number;
  /**
   * Whether the parameter is multiplied by `1 - learningRate · rate`, as in AdamW; otherwise `rate · parameter` is added to its
   * gradient.
   */
  readonly decoupled: boolean;
}

/** How gradients are limited: all together, so that their norm is at most `norm`, or number by number, to ± `value`. */
export type Clip = { readonly norm: number } | { readonly value: number };

/** A running average of parameters: after each update `average = decay · average + (1 - decay) · parameter`. */
export interface Average {
  /** How much of the average stays. */
  readonly decay: number;
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
  /**
   * For each of the rule's running values (`m` and `v` for Adam) a tensor for each trained parameter; besides `average`, the
   * running average of parameters, and `accumulated`, the sums of gradients that are yet to make an update.
   */
  readonly slots: Readonly<Record<string, Params>>;
  /** What has been accumulated for the next update, if anything has. */
  readonly accumulated?: Accumulated;
  /** The names of the parameters that are trained, in order, where others are frozen. */
  readonly trained?: readonly string[];
  /**
   * In mixed precision, the state of loss scaling, `[5]`: the scale, after how many steps without overflow it doubles, how
   * many there were since it changed, the note of an overflow until the update that it stops, and how many updates were skipped
   * so far. The gradients that `trainStep` gives to an update are then those of the loss times the scale; without this they are
   * not scaled. An update divides them by it; where one is infinite or NaN it is skipped: it leaves parameters and running
   * values as they are, counts as skipped, and halves the scale. Skipped updates count neither for Adam's bias correction nor
   * for a schedule, as with PyTorch's GradScaler; beyond 255 further ones do. This tensor is updated in place.
   */
  readonly scaling?: Tensor;
}

/** What has been accumulated beside gradients. */
export interface Accumulated {
  /** The number of batches. */
  readonly batches: number;
  /** The sum of their weights, a scalar. */
  readonly weight: Tensor;
}
