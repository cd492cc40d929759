import { type Loss, type Metric, type Tensor, toTensor } from "@rill/rill/models";
import * as ops from "@rill/rill/models/ops";
import references from "./_references/losses.json" with { type: "json" };
import { take } from "../_helpers.ts";

/** Numbers from PyTorch: outputs, their loss, and its gradient for them. */
export interface LossReference {
  readonly shape: readonly number[];
  readonly output: readonly number[];
  readonly loss: number;
  readonly gradient: readonly number[];
}

export { references };

/** Makes a tensor of plain numbers. */
export const tensorOf = (numbers: ArrayLike<number>, shape: readonly number[]): Tensor =>
  toTensor(Float32Array.from(numbers), shape);

/** Divides what a loss or a metric gives for outputs. */
export async function takeMean<B>(
  metric: Metric<B>,
  output: ArrayLike<number>,
  shape: readonly number[],
  batch: B,
): Promise<number> {
  const [sum, weight] = await takeSums(metric, output, shape, batch);
  return sum / weight;
}

/** Takes the sum and the weight that a loss or a metric gives for outputs. */
export async function takeSums<B>(
  metric: Metric<B>,
  output: ArrayLike<number>,
  shape: readonly number[],
  batch: B,
): Promise<[sum: number, weight: number]> {
  const mean = ops.tidy(() => {
    const { sum, weight } = metric(tensorOf(output, shape), batch);
    return { sum, weight };
  });
  const [sum] = await take(mean.sum);
  const [weight] = typeof mean.weight === "number" ? [mean.weight] : await take(mean.weight);
  return [sum!, weight!];
}

/** Computes the mean that a loss gives for outputs, and its gradient for them. */
export async function differentiateLoss<B>(
  loss: Loss<B, string>,
  output: ArrayLike<number>,
  shape: readonly number[],
  batch: B,
): Promise<{ readonly value: number; readonly gradient: number[] }> {
  const x = tensorOf(output, shape);
  const { value, gradients } = ops.valueAndGrad({ x }, ({ x }) => {
    const { sum, weight } = loss(x, batch);
    return ops.divide(sum, weight);
  });
  x.dispose();
  return { value: (await take(value))[0]!, gradient: await take(gradients.x) };
}
