import * as tf from "@tensorflow/tfjs-core";
import { nameTensors } from "../../types/_tensors.ts";
import type { Tensor } from "../../types/tensor.ts";
import type { BatchSums } from "./batch_sums.ts";
import { computeContributions } from "./shared_backward.ts";
import { computeGradients } from "./tape.ts";
import { fromTfjs, toTfjs } from "./tfjs.ts";

/** Gradients of results for themselves, which needn't be multiplied by: 1, and 0 for what has no gradient. */
const seeds = new WeakSet<object>();

/** Tells whether a gradient is that of the result for itself, 1. */
export function isSeed(gradient: Tensor): boolean {
  return seeds.has(toTfjs(gradient).dataId);
}

/**
 * Computes the value of a scalar function of the parameters and its gradient for each of them; of a vector its first number's.
 * Whatever else `fn` makes is released.
 */
export function valueAndGradients<Name extends string>(
  params: Readonly<Record<Name, Tensor>>,
  fn: (params: Readonly<Record<Name, Tensor>>) => Tensor,
  { length, sums }: {
    /** The number of the value's elements, where it is not a scalar. */
    readonly length?: number | undefined;
    /** How sums over a batch are made that ranks share: gradients are then the parts that this rank owns, see `finish`. */
    readonly sums?: BatchSums | undefined;
  } = {},
): { readonly value: Tensor; readonly gradients: Readonly<Record<Name, Tensor>> } {
  const names = Object.keys(params) as Name[];
  const seed = length === undefined
    ? tf.scalar(1)
    : tf.tensor1d(Array.from({ length }, (_, i) => i === 0 ? 1 : 0));
  seeds.add(seed.dataId);
  const given = Object.values<Tensor>(params).map((param) => toTfjs(param));
  const apply = () => toTfjs(fn(params));
  try {
    return runInGradient(() => {
      if (sums) {
        const { value, gradients } = computeContributions(apply, given, seed, sums);
        checkFound(names, gradients.map(({ length }) => length > 0));
        const named = Object.fromEntries(names.map((name, i) => [name, gradients[i]!]));
        return {
          value: fromTfjs(value),
          gradients: sums.finish(named) as Readonly<Record<Name, Tensor>>,
        };
      }
      const { value, gradients } = computeGradients(apply, given, seed);
      checkFound(names, gradients.map((gradient) => gradient !== undefined));
      return {
        value: fromTfjs(value),
        gradients: nameTensors(names, gradients.map((gradient) => fromTfjs(gradient!))),
      };
    });
  } finally {
    seed.dispose();
  }
}

function checkFound(names: readonly string[], found: readonly boolean[]): void {
  const missing = names.filter((_, i) => !found[i]);
  if (missing.length === 0) return;
  throw new RangeError(
    `Cannot differentiate for ${missing.join(", ")}: the result doesn't depend on ${
      missing.length === 1 ? "it" : "any of them"
    }`,
  );
}

/** How many differentiations are under way, one in the other. */
let depth = 0;

/** Tells whether a function is being differentiated, or its gradient computed. */
export function isInGradient(): boolean {
  return depth > 0;
}

/** Runs a differentiation, and releases what it had kept where it fails. */
export function runInGradient<T>(fn: () => T): T {
  depth++;
  try {
    return fn();
  } catch (error) {
    const { state } = tf.engine();
    if (state.gradientDepth === 0) {
      for (const { saved = [] } of state.activeTape ?? []) {
        for (const tensor of saved) tensor?.dispose();
      }
      state.activeTape = [];
    }
    throw error;
  } finally {
    depth--;
  }
}

/**
 * Applies a function that has a gradient of its own: `forward` gives the value and the tensors that the gradient needs, and
 * `backward` computes the input's gradient from the value's and from those.
 */
export function applyWithGradient<const Saved extends readonly Tensor[]>(
  x: Tensor,
  forward: (x: Tensor) => { readonly value: Tensor; readonly saved: Saved },
  backward: (dy: Tensor, saved: Saved) => Tensor,
): Tensor {
  const apply = tf.customGrad((input, save) => {
    const { value, saved } = forward(fromTfjs(input as tf.Tensor));
    (save as tf.GradSaveFunc)(saved.map((tensor) => toTfjs(tensor)));
    return {
      value: toTfjs(value),
      gradFunc: (dy, tensors) =>
        toTfjs(backward(fromTfjs(dy as tf.Tensor), tensors.map(fromTfjs) as unknown as Saved)),
    };
  });
  return fromTfjs(apply(toTfjs(x)));
}

/** Tells whether operations are being recorded for a gradient. */
export function isDifferentiating(): boolean {
  return tf.engine().state.gradientDepth > 0;
}
