import * as tf from "@tensorflow/tfjs-core";
import { CROSS_ENTROPY } from "../kernels/definitions/_kernel_names.ts";
import type { Tensor } from "../types/tensor.ts";
import { applyWithGradient, isSeed } from "./_gradients.ts";
import { fromTfjs, hasKernel, runKernel, toTfjs } from "./_tfjs.ts";

/** Throws a RangeError unless every label is the index of a class: backends take others for no class at all. */
export function checkLabels(labels: Int32Array, classes: number): void {
  const at = labels.findIndex((label) => label < 0 || label >= classes);
  if (at >= 0) {
    throw new RangeError(
      `Cannot take label ${labels[at]} of example ${at} for a class: there are ${classes}, from 0`,
    );
  }
}

/** Computes the cross-entropy of softmax(logits) with each example's class, one value an example: `[n]`. */
export function crossEntropies(logits: Tensor, labels: Tensor): Tensor {
  const target = toOneHot(labels, countClasses(logits));
  return applyWithGradient(
    logits,
    (logits) => {
      const logP = logSoftmax(toTfjs(logits));
      return {
        value: fromTfjs(tf.neg(tf.sum(tf.mul(target, logP), 1))),
        saved: [fromTfjs(logP), fromTfjs(target)],
      };
    },
    (dy, [logP, target]) => {
      const difference = tf.sub(tf.exp(toTfjs(logP)), toTfjs(target));
      return fromTfjs(tf.mul(tf.expandDims(toTfjs(dy), 1), difference));
    },
  );
}

/**
 * Measures a batch: `[2]`, the mean cross-entropy of softmax(logits) with each example's class, and how many examples have
 * their largest logit there. The first has a gradient; with the state of loss scaling it is that of the first times the scale.
 */
export function crossEntropyAndCorrect(
  logits: Tensor,
  labels: Tensor,
  scaling?: Tensor,
): Tensor {
  return applyWithGradient(
    logits,
    (logits) => {
      const [value, gradient] = hasKernel(CROSS_ENTROPY)
        ? runKernel<[Tensor, Tensor]>(CROSS_ENTROPY, { logits, labels, ...scaling && { scaling } })
        : measureByParts(logits, labels);
      return { value, saved: [gradient] };
    },
    (dy, [gradient]) =>
      fromTfjs(
        isSeed(dy)
          ? tf.clone(toTfjs(gradient))
          : tf.mul(toTfjs(gradient), tf.slice(toTfjs(dy), 0, 1)),
      ),
  );
}

/** Measures a batch, and computes the gradient of the cross-entropy, in separate operations. */
function measureByParts(logits: Tensor, labels: Tensor): [Tensor, Tensor] {
  const target = toOneHot(labels, countClasses(logits));
  const logP = logSoftmax(toTfjs(logits));
  const loss = tf.mean(tf.neg(tf.sum(tf.mul(target, logP), 1)));
  const hits = tf.equal(tf.argMax(toTfjs(logits), 1), toTfjs(labels));
  const correct = tf.sum(tf.cast(hits, "float32"));
  const [size = 0] = logits.shape;
  const gradient = tf.mul(1 / size, tf.sub(tf.exp(logP), target));
  return [fromTfjs(tf.stack([loss, correct])), fromTfjs(gradient)];
}

function countClasses({ shape: [, classes = 0] }: Tensor): number {
  return classes;
}

/** Puts a 1 in each row where its class is. Cast, since tfjs's WASM backend fills in integers whichever type is asked for. */
function toOneHot(labels: Tensor, classes: number): tf.Tensor {
  return tf.cast(tf.oneHot(toTfjs<tf.Rank.R1>(labels), classes), "float32");
}

/** Computes the logarithms of softmax, of shifted logits, so that large ones don't overflow. */
function logSoftmax(logits: tf.Tensor): tf.Tensor {
  const shifted = tf.sub(logits, tf.max(logits, 1, true));
  return tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), 1, true)));
}
