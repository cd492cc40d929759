// What is known of the losses and metrics of this package beside what they give, and shows in no public type: that one program
// measures all that a step wants, and that any parts of a batch may be measured.
import type { Tensor } from "../types/tensor.ts";
import type { CrossEntropyOptions } from "../ops/_base/losses.ts";
import type { ClassLabels, Labels, Loss } from "./loss.ts";

/** A loss that one program measures: its mean over the examples and the number of those that are right, `[2]`. */
export interface FusedLoss {
  /** Tells whether a batch is of those that the program measures; the others are the loss's own affair. */
  takes(batch: ClassLabels): batch is Labels;
  /** Throws a RangeError unless the batch is one for the outputs. */
  check(batch: Labels, outputShape: readonly number[]): void;
  /**
   * Measures; the first number has a gradient, that of the mean times the scale of loss scaling, if there is one. Of a part of a
   * batch it gives what `CrossEntropyOptions` say.
   */
  measure(output: Tensor, batch: Labels, options?: CrossEntropyOptions): Tensor;
}

const fused = new WeakMap<object, FusedLoss>();

/** Notes the program of a loss. */
export function withFusedLoss<B, M extends string>(
  loss: Loss<B, M>,
  program: FusedLoss,
): Loss<B, M> {
  fused.set(loss, program);
  return loss;
}

/** Gets the program of a loss, if it has one. */
export function getFusedLoss(loss: object): FusedLoss | undefined {
  return fused.get(loss);
}

/** Losses and metrics that are sums over examples: what is asked of all, and known of ours. */
const byExample = new WeakSet<object>();

/** Notes of a loss or a metric that its sum and its weight are sums over the examples, so that it may measure any parts of a batch. */
export function markByExample<F extends object>(measure: F): F {
  byExample.add(measure);
  return measure;
}

/** Tells whether a loss or a metric may measure any parts of a batch. */
export const isByExample = (measure: object): boolean => byExample.has(measure);
