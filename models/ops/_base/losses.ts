import * as tf from "@tensorflow/tfjs-core";
import { CROSS_ENTROPY } from "../../kernels/definitions/_kernel_names.ts";
import type { Tensor } from "../../types/tensor.ts";
import { applyWithGradient, isSeed } from "./gradients.ts";
import { fromTfjs, runKernel, toTfjs } from "./tfjs.ts";

export { computeCrossEntropy, findLargest } from "../../kernels/host/_cross_entropy_on_host.ts";

/** Computes the mean cross-entropy of softmax(logits) with each example's class, a scalar. */
export function crossEntropy(logits: Tensor, labels: Tensor): Tensor {
  return applyWithGradient(
    logits,
    (logits) => {
      const [measured, gradient] = runKernel<[Tensor, Tensor]>(CROSS_ENTROPY, { logits, labels });
      return {
        value: fromTfjs(tf.reshape(tf.slice(toTfjs(measured), 0, 1), [])),
        saved: [gradient],
      };
    },
    scaleGradient,
  );
}

/** What is measured of a batch or a part of one. */
export interface CrossEntropyOptions {
  /** The state of loss scaling, where the gradient is to be scaled. */
  readonly scaling?: Tensor | undefined;
  /** The number of the whole batch's examples, by which the sum is divided; that of those that are here by default. */
  readonly count?: number | undefined;
  /** Where blocks of examples end, the last at the last: there are two numbers of each then. */
  readonly ends?: readonly number[] | undefined;
}

/**
 * Measures a batch: `[2]`, the mean cross-entropy of softmax(logits) with each example's class, and how many examples have
 * their largest logit there. The first has a gradient; with the state of loss scaling it is that of the first times the scale.
 */
export function crossEntropyAndCorrect(
  logits: Tensor,
  labels: Tensor,
  { scaling, count, ends }: CrossEntropyOptions = {},
): Tensor {
  return applyWithGradient(
    logits,
    (logits) => {
      const inputs = { logits, labels, ...scaling && { scaling } };
      const [value, gradient] = runKernel<[Tensor, Tensor]>(CROSS_ENTROPY, inputs, {
        count,
        ends,
      });
      return { value, saved: [gradient] };
    },
    scaleGradient,
  );
}

/** Multiplies the loss's gradient by the result's for the loss, a scalar or the first of its numbers. */
function scaleGradient(dy: Tensor, [gradient]: readonly [Tensor]): Tensor {
  if (isSeed(dy)) return fromTfjs(tf.clone(toTfjs(gradient)));
  const factor = dy.shape.length === 0 ? toTfjs(dy) : tf.slice(toTfjs(dy), 0, 1);
  return fromTfjs(tf.mul(toTfjs(gradient), factor));
}
