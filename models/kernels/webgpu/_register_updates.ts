import * as tf from "@tensorflow/tfjs-core";
import {
  collectNumbered,
  FIND_OVERFLOW,
  NEXT_SCALE,
  SUM_OF_SQUARES,
  UPDATES,
} from "../definitions/_updates.ts";
import { accelerate } from "./_accelerate.ts";
import { updateScale } from "./_loss_scaling.ts";
import { sumSquares } from "./_sum_of_squares.ts";
import { findOverflow, type Updated, updateInPlace } from "./_update.ts";
import { describeRule, listSettings } from "./_update_rules.ts";
import { areFloats, withFloats } from "./device/_floats.ts";
import { type GpuBackend, shareTensor } from "./device/_gpu_backend.ts";

/** Registers the updates of all parameters together, in few dispatches, and what goes with them. */
export function registerUpdates(): void {
  accelerate(UPDATES, (backend, { inputs: { scaling, ...inputs }, attrs }) => {
    const rule = describeRule(attrs);
    const step = listSettings(attrs, scaling !== undefined);
    // Parameters are updated in place, or a copy where others hold their numbers too: those must stay as they are.
    const all = collectNumbered(inputs, [...rule.own, "gradient"]).map((tensors) => ({
      own: rule.own.map((name) => reuseTensor(backend, tensors[name]!)),
      gradient: tensors.gradient!,
    }));
    withGradients(backend, all, (all) =>
      updateInPlace(
        backend,
        rule,
        all,
        step,
        scaling && { state: scaling, divides: !attrs.unscaled },
      ));
    return all.flatMap(({ own }) => own);
  });

  accelerate(FIND_OVERFLOW, (backend, { inputs: { scaling, ...inputs } }) => {
    if (!scaling) {
      throw new TypeError("Cannot look for an overflow without a state of loss scaling");
    }
    const all = collectNumbered(inputs, ["gradient"])
      .map(({ gradient }) => ({ own: [], gradient: gradient! }));
    withGradients(
      backend,
      all,
      (all) => findOverflow(backend, all.map(({ gradient }) => gradient), scaling),
    );
    return [];
  });

  accelerate(NEXT_SCALE, (backend, { inputs: { scaling } }) => {
    updateScale(backend, scaling);
    return [];
  });

  accelerate(SUM_OF_SQUARES, (backend, { inputs }) => {
    const filled = Object.entries(inputs).filter(([, { shape }]) => !shape.includes(0));
    if (filled.length === 0) return tf.scalar(0);
    return withFloats(
      backend,
      Object.fromEntries(filled),
      (floats) => sumSquares(backend, Object.values(floats)),
    );
  });
}

/** Runs `fn` with gradients that are stored as floats. */
function withGradients(
  backend: GpuBackend,
  all: readonly Updated[],
  fn: (all: readonly Updated[]) => void,
): void {
  if (all.every(({ gradient }) => areFloats(backend, gradient))) return fn(all);
  const gradients = Object.fromEntries(all.map(({ gradient }, i) => [`${i}`, gradient]));
  withFloats(
    backend,
    gradients,
    (floats) =>
      fn(all.map(({ own, gradient }, i) => ({ own, gradient: floats[`${i}`] ?? gradient }))),
  );
}

/** Gives a tensor to be changed in place: the same one again, or a copy if others have its numbers too. */
function reuseTensor(backend: GpuBackend, x: tf.TensorInfo): tf.TensorInfo {
  return backend.refCount(x.dataId) === 1 && areFloats(backend, x)
    ? shareTensor(backend, x)
    : tf.mul(x as tf.Tensor, 1);
}
