/**
 * Differentiable operations on tensors: what layers, losses and rules of optimizers are written with. They take data first and
 * compute at once; shapes are broadcast as in NumPy, images are `[n, height, width, channels]`. Each result is a new tensor,
 * owned by the caller: `tidy` and `using` release them.
 *
 * Many are called as a layer is, so they are imported together, under a name.
 *
 * @example Usage
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { openBackend, type Tensor, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const normalize = (x: Tensor) =>
 *   ops.divide(
 *     ops.subtract(x, ops.mean(x, { axis: -1, keepDims: true })),
 *     ops.sqrt(ops.add(ops.variance(x, { axis: -1, keepDims: true }), 1e-5)),
 *   );
 * const x = toTensor(Float32Array.of(1, 3), [1, 2]);
 * const [first, second] = await ops.tidy(() => normalize(x)).data();
 * assertAlmostEquals(first!, -1, 1e-4);
 * assertAlmostEquals(second!, 1, 1e-4);
 * await backend.close();
 * ```
 *
 * @module
 */

export * from "./activations.ts";
export * from "./arg_max.ts";
export * from "./arithmetic.ts";
export * from "./comparisons.ts";
export * from "./conditions.ts";
export * from "./conv2d.ts";
export * from "./creation.ts";
export * from "./elementwise.ts";
export * from "./gradients.ts";
export * from "./mat_mul.ts";
export * from "./parts.ts";
export * from "./pooling.ts";
export * from "./reductions.ts";
export * from "./shapes.ts";
export * from "./softmax.ts";
export * from "./to_tensor.ts";
export * from "./transcendental.ts";
