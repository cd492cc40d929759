import type { UpdateAttrs } from "../../../models/kernels/definitions/_updates.ts";

/** Describes an update by Adam with its usual settings. */
export function describeAdamUpdate(
  numbered: { readonly stepSize: number; readonly scale: number },
): UpdateAttrs {
  const [beta1, beta2] = [0.9, 0.999];
  return {
    rule: "adam",
    own: ["parameter", "m", "v"],
    settings: { beta1, beta2, rest1: 1 - beta1, rest2: 1 - beta2, epsilon: 1e-8 },
    numbered: [numbered],
  };
}

/** Numbers the tensors of one parameter, as kernels for several take them. */
export function number<T>(tensors: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${name}0`, tensor]));
}
