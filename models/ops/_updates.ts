import * as tf from "@tensorflow/tfjs-core";
import {
  ADAM_UPDATE,
  ADAM_UPDATES,
  type AdamAttrs,
  SGD_UPDATES,
  type SgdAttrs,
} from "../kernels/definitions/_kernel_names.ts";
import type { GpuBackend } from "../kernels/webgpu/device/_gpu_backend.ts";
import { isMixed } from "../kernels/webgpu/device/_gpu_backend.ts";
import type { Tensor } from "../types/tensor.ts";
import { multiplyAdd } from "./_arithmetic.ts";
import { createTensor } from "./_tensors.ts";
import { hasKernel, runKernel } from "./_tfjs.ts";

/** A parameter and its running values, by their names. */
export type Updated<Slot extends string> = Readonly<Record<"parameter" | Slot, Tensor>>;

/** A parameter and its running values with the parameter's gradient. */
export type Update<Slot extends string> = Updated<Slot> & { readonly gradient: Tensor };

/** The state of loss scaling before the first step, PyTorch's. */
export const FIRST_LOSS_SCALING = [65536, 2000, 0, 0, 0] as const;

/**
 * Creates the state of loss scaling where the backend computes in mixed precision: that before the first step, or one that was
 * stored. Updates write to it.
 */
export function createLossScaling(
  stored: ArrayLike<number> = FIRST_LOSS_SCALING,
): Tensor | undefined {
  return tf.getBackend() === "webgpu" && isMixed(tf.backend() as unknown as GpuBackend)
    ? createTensor(Float32Array.from(stored), [stored.length])
    : undefined;
}

/** Updates by Adam. Consumes its tensors except the gradients: their buffers may be the result's. */
export function updateByAdam(
  updates: readonly Update<"m" | "v">[],
  settings: AdamAttrs,
  scaling?: Tensor,
): Updated<"m" | "v">[] {
  return updateAll(ADAM_UPDATES, ["m", "v"], updates, settings, scaling, (update) => {
    const [parameter, m, v] = runKernel<[Tensor, Tensor, Tensor]>(ADAM_UPDATE, update, settings);
    return { parameter, m, v };
  });
}

/** Updates by gradient descent. Consumes its tensors except the gradients: their buffers may be the result's. */
export function updateBySgd(
  updates: readonly Update<never>[],
  settings: Omit<SgdAttrs, "momentum">,
  scaling?: Tensor,
): Updated<never>[] {
  const attrs: SgdAttrs = { ...settings, momentum: 0 };
  return updateAll(SGD_UPDATES, [], updates, attrs, scaling, ({ parameter, gradient }) => ({
    parameter: multiplyAdd(gradient, -settings.learningRate, parameter),
  }));
}

/** Updates by gradient descent with momentum. Consumes its tensors as `updateBySgd` does. */
export function updateByMomentum(
  updates: readonly Update<"momentum">[],
  settings: SgdAttrs,
  scaling?: Tensor,
): Updated<"momentum">[] {
  return updateAll(SGD_UPDATES, ["momentum"], updates, settings, scaling, (update) => {
    const momentum = multiplyAdd(update.momentum, settings.momentum, update.gradient);
    return { parameter: multiplyAdd(momentum, -settings.learningRate, update.parameter), momentum };
  });
}

/** Updates by a kernel for several parameters, or one by one where the backend has no such kernel. */
function updateAll<Slot extends string>(
  kernel: string,
  slots: readonly Slot[],
  updates: readonly Update<Slot>[],
  settings: object,
  /** The state of loss scaling, where the gradients are scaled. */
  scaling: Tensor | undefined,
  updateOne: (update: Update<Slot>) => Updated<Slot>,
): Updated<Slot>[] {
  const names = ["parameter", ...slots] as const;
  const release = (update: Update<Slot>) => {
    for (const name of names) update[name].dispose();
  };
  if (!hasKernel(kernel) || updates.length === 0) {
    return updates.map((update) => {
      const updated = updateOne(update);
      release(update);
      return updated;
    });
  }
  const inputs = Object.fromEntries(
    updates.flatMap((update, i) =>
      [...names, "gradient" as const].map((name) => [`${name}${i}`, update[name]])
    ),
  );
  const results = runKernel<Tensor[]>(kernel, { ...inputs, ...scaling && { scaling } }, settings);
  updates.forEach(release);
  return updates.map((_, i) =>
    Object.fromEntries(
      names.map((name, j) => [name, results[i * names.length + j]]),
    ) as unknown as Updated<Slot>
  );
}
