import * as rill from "@rill/rill/models";
import * as ops from "@rill/rill/models/ops";

/** Makes a vector. */
export const vector = (...values: number[]): rill.Tensor =>
  rill.toTensor(Float32Array.from(values), [values.length]);

/** Lion (Chen et al., 2023), as an outsider writes it. */
export const lion = (
  learningRate: number,
  beta1 = 0.9,
  beta2 = 0.99,
): rill.Optimizer =>
  rill.optimizerOf({
    name: "lion",
    settings: { beta1, beta2 },
    slots: { m: 0 },
    update({ parameter, gradient, m }, { learningRate }) {
      const mix = (beta: number) =>
        ops.add(ops.multiply(m, beta), ops.multiply(gradient, 1 - beta));
      return {
        parameter: ops.subtract(parameter, ops.multiply(ops.sign(mix(beta1)), learningRate)),
        m: mix(beta2),
      };
    },
  }, learningRate);
