import * as tf from "@tensorflow/tfjs-core";
import { ADAM_UPDATE, ADAM_UPDATES, SGD_UPDATES } from "../definitions/_kernel_names.ts";
import { accelerate } from "./_accelerate.ts";
import { type Updated, updateInPlace } from "./_update.ts";
import {
  ADAM,
  listAdamSettings,
  listSettings,
  listSgdSettings,
  MOMENTUM,
  SGD,
  type UpdateRule,
  type UpdateSettings,
} from "./_update_rules.ts";
import { areFloats, withFloats } from "./device/_floats.ts";
import { type GpuBackend, shareTensor } from "./device/_gpu_backend.ts";

/** Registers Adam's update of one parameter, which tfjs lacks. */
export function registerAdamUpdate(): void {
  accelerate(ADAM_UPDATE, (backend, { inputs: { parameter, m, v, gradient }, attrs }) => {
    const updated = { own: [parameter, m, v], gradient };
    return updateAll(backend, ADAM, [updated], listAdamSettings(attrs));
  });
}

/** Registers the updates of all parameters together, in few dispatches. */
export function registerUpdates(): void {
  accelerate(ADAM_UPDATES, (backend, { inputs, attrs }) => {
    const updated = collectUpdated(ADAM, inputs);
    return updateAll(backend, ADAM, updated, listAdamSettings(attrs), inputs.scaling);
  });

  accelerate(SGD_UPDATES, (backend, { inputs, attrs }) => {
    const rule = attrs.momentum > 0 ? MOMENTUM : SGD;
    const updated = collectUpdated(rule, inputs);
    return updateAll(backend, rule, updated, listSgdSettings(attrs), inputs.scaling);
  });
}

/** Collects numbered inputs by parameter. */
function collectUpdated(
  { own }: UpdateRule,
  inputs: Readonly<Record<string, tf.TensorInfo>>,
): Updated[] {
  const all: Updated[] = [];
  const get = (name: string): tf.TensorInfo => {
    const input = inputs[`${name}${all.length}`];
    if (!input) throw new TypeError(`Cannot update parameter ${all.length} as it has no ${name}`);
    return input;
  };
  while (`parameter${all.length}` in inputs) {
    all.push({ own: own.map(get), gradient: get("gradient") });
  }
  return all;
}

/** Updates parameters in place, or a copy where others hold their numbers too: those must stay as they are. */
function updateAll(
  backend: GpuBackend,
  rule: UpdateRule,
  all: readonly Updated[],
  settings: UpdateSettings,
  scaling?: tf.TensorInfo,
): tf.TensorInfo[] {
  const step = listSettings(settings, scaling !== undefined);
  const updated = all.map(({ own, gradient }) => ({
    own: own.map((x) => reuseTensor(backend, x)),
    gradient,
  }));
  if (all.every(({ gradient }) => areFloats(backend, gradient))) {
    updateInPlace(backend, rule, updated, step, scaling);
  } else {
    const gradients = Object.fromEntries(all.map(({ gradient }, i) => [`${i}`, gradient]));
    withFloats(backend, gradients, (floats) => {
      const converted = updated.map(({ own, gradient }, i) => ({
        own,
        gradient: floats[`${i}`] ?? gradient,
      }));
      updateInPlace(backend, rule, converted, step, scaling);
    });
  }
  return updated.flatMap(({ own }) => own);
}

/** Gives a tensor to be changed in place: the same one again, or a copy if others have its numbers too. */
function reuseTensor(backend: GpuBackend, x: tf.TensorInfo): tf.TensorInfo {
  return backend.refCount(x.dataId) === 1 && areFloats(backend, x)
    ? shareTensor(backend, x)
    : tf.mul(x as tf.Tensor, 1);
}
