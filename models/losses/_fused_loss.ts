// That a loss has one program for all that a step wants of it is the kernels' affair, and shows in no public type.
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
